"""Every config that is shipped trains."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from dnnlab.commands.train import train
from dnnlab.config import load
from dnnlab.engine.session import Stop
from runs import drain, resumed

CONFIGS = sorted((Path(__file__).parents[2] / "configs").glob("*.yaml"))
# What an epoch or two must reach at least: (metric, value, whether higher is better).
REACHED = {
    "diabetes": ("val_rmse", 170.0, False),
    "digits": ("val_accuracy", 0.5, True),
    "iris": ("val_accuracy", 0.6, True),
    "mnist_cnn": ("val_accuracy", 0.5, True),
    "mnist_mlp": ("val_accuracy", 0.5, True),
    "moons": ("val_accuracy", 0.6, True),
}


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_a_shipped_config_trains_two_epochs(path: Path, tmp_path: Path) -> None:
    quick = ["training.epochs=2"]
    if path.stem.startswith("mnist"):
        if not (Path(os.environ.get("DNNLAB_DATA", "")) / "mnist").is_dir():
            pytest.skip("DNNLAB_DATA names no folder with mnist/ in it")
        quick += ["data.limit=2000", "data.validation={first: 1000}"]
    config = load(path, quick)
    assert config.notes == () and config.findings == ()
    result = drain(train(config, tmp_path), Stop())[-1].result
    assert result["status"] == "done" and result["last"]["epoch"] == 2
    name, value, higher = REACHED[path.stem]
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
