"""configs/techniques/: each file trains, can be copied, and shows the effect that its comment describes.

The tests run the lines in the comment.
"""

from __future__ import annotations

import re
import shlex
from functools import cache
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from helpers.trainings import drain

from dnnlab.commands.train.train import train
from dnnlab.config import load
from dnnlab.engine.stop import Stop
from dnnlab.errors import DivergedError

FOLDER = Path(__file__).parents[3] / "configs" / "techniques"
FILES = sorted(FOLDER.glob("*.yaml"))
QUICK = ("training.epochs=2",)

# What the comment claims: (moment, measure, by how much the file's own run is above the compared one).
CLAIMS = {
    "initializers": ("best", "val_accuracy", 0.5),
    "activations": ("last", "train_loss", -0.5),
    "vanishing_gradients": ("best", "val_accuracy", -0.5),
    "self_normalization": ("best", "val_accuracy", 0.5),
    "normalization": ("best", "val_accuracy", 0.2),
    "optimizers": ("best", "val_accuracy", 0.03),
    "momentum": ("best", "val_accuracy", 0.05),
    "schedules": ("last", "val_loss", -0.1),
    "penalties": ("last", "val_loss", -0.4),
    "constraints": ("best", "val_accuracy", 0.1),
    "dropout": ("last", "val_loss", -0.1),
    "early_stopping": ("last", "val_loss", -0.05),
    "batch_effects": ("best", "val_accuracy", 0.005),
    "augmentation": ("last", "val_accuracy", 0.01),
    "residual": ("best", "val_accuracy", 0.1),
}
# What the file itself reaches, where there is nothing to be above.
REACHED = {
    "losses": ("val_accuracy", 0.95),
    "sequential": ("val_accuracy", 0.95),
    "per_layer": ("val_accuracy", 0.95),
    "imbalance": ("val_auc", 0.98),
    "gradient_clipping": ("val_r2", 0.35),
    "averages": ("val_accuracy_ema", 0.97),
}


def compared(path: Path) -> list[str]:
    """The overrides of the second command in the file's comment."""
    (line,) = re.findall(
        r"^#   dnnlab train configs/techniques/\w+\.yaml (.+?)(?: &&|;) dnnlab compare last last~1$",
        path.read_text(),
        re.M,
    )
    return shlex.split(line)


def result(path: Path, overrides: tuple[str, ...], folder: Path) -> dict[str, Any]:
    return drain(train(load(path, overrides), folder), Stop())[-1].result


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_head_of_a_technique(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert lines[0] == "# yaml-language-server: $schema=../schema.json"
    assert lines[3] == f"#   dnnlab train configs/techniques/{path.name}"
    assert all(len(line) <= 140 for line in lines[:4])
    assert load(path).findings == () and load(path).notes == ()
    assert load(path, compared(path)).flat() != load(path).flat()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_technique_trains(path: Path, tmp_path: Path) -> None:
    limit = () if "limit" in path.read_text() else ("data.limit=150",)
    ended = result(path, (*QUICK, *limit), tmp_path)
    assert (ended["status"], ended["last"]["epoch"]) == ("done", 2)


def test_every_claim_is_about_a_file() -> None:
    assert {path.stem for path in FILES} == {*CLAIMS, *REACHED, "autoencoder"}


@cache
def whole(path: Path, overrides: tuple[str, ...], folder: Path) -> dict[str, Any]:
    """The result of a whole training, which takes less than a minute."""
    begun = process_time()
    ended = result(path, overrides, folder)
    assert process_time() - begun < 60
    return ended


@pytest.mark.slow
@pytest.mark.parametrize("name", CLAIMS)
def test_a_technique_shows_what_its_comment_says(name: str, tmp_path: Path) -> None:
    path, (moment, measure, above) = FOLDER / f"{name}.yaml", CLAIMS[name]
    own, other = (
        whole(path, tuple(changes), tmp_path)[moment]["metrics"][measure] for changes in ([], compared(path))
    )
    assert own - other >= above if above > 0 else own - other <= above, (own, other)


@pytest.mark.slow
@pytest.mark.parametrize("name", REACHED)
def test_a_technique_reaches_what_it_should(name: str, tmp_path: Path) -> None:
    measure, least = REACHED[name]
    assert whole(FOLDER / f"{name}.yaml", (), tmp_path)["best"]["metrics"][measure] >= least


@pytest.mark.slow
def test_without_clipping_the_loss_becomes_infinite(tmp_path: Path) -> None:
    path = FOLDER / "gradient_clipping.yaml"
    with pytest.raises(DivergedError, match="the loss is infinite"):
        result(path, tuple(compared(path)), tmp_path)


@pytest.mark.slow
def test_the_average_is_better_than_the_last_weights(tmp_path: Path) -> None:
    last = whole(FOLDER / "averages.yaml", (), tmp_path)["last"]["metrics"]
    assert last["val_accuracy_ema"] > last["val_accuracy"] + 0.01


@pytest.mark.slow
def test_early_stopping_stops_early_and_tied_weights_are_as_good(tmp_path: Path) -> None:
    assert whole(FOLDER / "early_stopping.yaml", (), tmp_path)["status"] == "stopped_early"
    path = FOLDER / "autoencoder.yaml"
    apart, tied = (
        whole(path, changes, tmp_path)["best"]["metrics"]["val_rmse"]
        for changes in ((), tuple(compared(path)))
    )
    assert apart < 0.12 and abs(apart - tied) < 0.005
