"""configs/transfer/: eight classes first, then two classes with few rows, in three ways."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from helpers.trainings import drain

from dnnlab.commands.load_config import load_source
from dnnlab.commands.train.train import train
from dnnlab.engine.stop import Stop

FOLDER = Path(__file__).parents[3] / "configs" / "transfer"


def test_every_file_trains_on_the_layers_of_the_first(tmp_path: Path) -> None:
    if not (Path(os.environ.get("DNNLAB_DATA", "")) / "fashion_mnist").is_dir():
        pytest.skip("DNNLAB_DATA names no folder with fashion_mnist/ in it")
    few = ["data.limit=200", "data.validation=400"]
    best = {}
    for name in ("eight_classes", "scratch", "frozen", "unfrozen"):
        config = load_source(FOLDER / f"{name}.yaml", few, tmp_path)
        assert (config.findings, config.notes) == ((), ())
        *_, over = drain(train(config, tmp_path), Stop())
        best[name] = over.result["best"]["metrics"]["val_accuracy"]
        if name in ("frozen", "unfrozen"):
            kept = json.loads((Path(over.result["run"]) / "reuse.json").read_text())
            assert [f["layer"] for f in kept["layers"] if f["taken"]] == ["hidden1", "hidden2", "hidden3"]
            assert kept["layers"][3]["why"].startswith("8 classes there, 2 here")
            assert kept["cache"]["layers"][-1] == "hidden3"
    assert min(best.values()) > 0.5
    assert {path.stem for path in FOLDER.glob("*.yaml")} == set(best)
