"""Every config that is shipped trains."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from helpers.trainings import drain, resumed

from dnnlab.commands.train.train import train
from dnnlab.config import load
from dnnlab.engine.stop import Stop

CONFIGS = sorted((Path(__file__).parents[3] / "configs").glob("*.yaml"))
# What an epoch or two must reach at least: (metric, value, whether higher is better).
REACHED = {
    "diabetes": ("val_rmse", 170.0, False),
    "digits": ("val_accuracy", 0.5, True),
    "iris": ("val_accuracy", 0.6, True),
    "mnist_cnn": ("val_accuracy", 0.5, True),
    "mnist_mlp": ("val_accuracy", 0.5, True),
    "moons": ("val_accuracy", 0.6, True),
}

# First word of a config's name -> the folder below DNNLAB_DATA that it needs, and what makes it quick.
BIG = {
    "mnist": ("mnist", ["data.limit=2000", "data.validation={first: 1000}"]),
    "cifar": ("cifar10-small", ["data.limit=300", "data.validation=200"]),
}


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_a_shipped_config_trains_two_epochs(path: Path, tmp_path: Path) -> None:
    quick = ["training.epochs=2"]
    needed, overrides = BIG.get(path.stem.partition("_")[0], ("", []))
    if needed and not (Path(os.environ.get("DNNLAB_DATA", "")) / needed).is_dir():
        pytest.skip(f"DNNLAB_DATA names no folder with {needed}/ in it")
    quick += overrides
    config = load(path, quick)
    assert (
        config.notes == () and load(path, overrides).findings == ()
    )  # two epochs are too few for any patience
    result = drain(train(config, tmp_path), Stop())[-1].result
    assert result["status"] == "done" and result["last"]["epoch"] == 2
    name, value, higher = REACHED.get(path.stem, ("train_loss", float("inf"), False))
    reached = result["best"]["metrics"][name]
    assert reached > value if higher else reached < value
    (run,) = tmp_path.iterdir()
    assert f"-{path.stem}-" in run.name
    assert load(run / "resolved.yaml").flat() == json.loads((run / "meta.json").read_text())["config"]


def test_all_promised_configs_are_there() -> None:
    assert {path.stem for path in CONFIGS} >= set(REACHED)


@pytest.mark.slow
def test_digits_reaches_what_its_comment_says(tmp_path: Path) -> None:
    stop = Stop()
    path = next(p for p in CONFIGS if p.stem == "digits")
    run = drain(train(load(path), tmp_path, stop=stop), stop, after=500)[0].path
    assert resumed(run)[-1].result["best"]["metrics"]["val_accuracy"] >= 0.96
