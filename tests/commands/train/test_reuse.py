"""Trainings that begin with the weights of another: resumed in any phase, without their source, in sweeps."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from helpers.trainings import assert_same, checkpoint, resumed, trained
from safetensors.torch import load_file

from dnnlab.cli.main import run as command_line

EIGHT = {"name": "digits", "classes": [0, 1, 2, 3, 4, 5, 6, 7], "limit": 300}
PHASES: dict[str, Any] = {
    "data": {"name": "digits", "classes": [8, 9], "limit": 120},
    "architecture": {"name": "mlp", "hidden": [16, 12, 8]},
    "normalization": "batch",
    "regularizers": {"l2": 1e-3, "max_norm": 2.0, "ema": 0.9, "dropout": 0.1},
    "training": {"epochs": 5},
    "checkpoint": {"every": "1 steps", "keep": "all"},
}
REUSE = {
    "freeze": "hidden[12]",
    "unfreeze": [
        {"at": "6 steps", "layers": "hidden2", "lr_factor": 0.3},
        {"at": "3 epochs", "layers": ".*", "lr_factor": 0.1},
    ],
    "layer_decay": 0.8,
}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    architecture = PHASES["architecture"]
    folder = tmp_path_factory.mktemp("source")
    return trained(folder, data=EIGHT, architecture=architecture, normalization="batch", name="eight")


@pytest.fixture(scope="module")
def whole(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(tmp_path_factory.mktemp("whole"), **PHASES, reuse={"from": str(source), **REUSE})


@pytest.mark.parametrize("after", [2, 5, 6, 9, 12, 17])
def test_a_run_is_resumed_in_any_phase_without_its_source(
    after: int, source: Path, whole: Path, tmp_path: Path
) -> None:
    own = Path(shutil.copytree(source, tmp_path / source.name))
    run = trained(tmp_path, after=after, **PHASES, reuse={"from": str(own), **REUSE})
    shutil.rmtree(own)
    resumed(run)
    assert_same(run, whole)


def test_a_run_without_a_checkpoint_begins_again_with_the_reused_weights(
    source: Path, whole: Path, tmp_path: Path
) -> None:
    own = Path(shutil.copytree(source, tmp_path / source.name))
    run = trained(tmp_path, after=3, **PHASES, reuse={"from": str(own), **REUSE})
    shutil.rmtree(own)
    shutil.rmtree(run / "checkpoints")
    resumed(run)
    assert_same(run, whole)


def test_frozen_layers_keep_every_bit_until_their_turn(whole: Path, source: Path) -> None:
    kept = json.loads((whole / "reuse.json").read_text())
    assert [(s["step"], s["layers"]) for s in kept["unfreeze"]] == [(6, ["hidden2"]), (12, ["hidden1"])]
    begun = checkpoint(source).checkpoint.best
    assert begun is not None
    moved = {}
    for step in (1, 6, 7, 12, 13, 20):
        (folder,) = (whole / "checkpoints").glob(f"*_step-{step:06d}*")
        model = load_file(folder / "model.safetensors")
        names = [
            name for name in model if name.startswith("hidden") and not torch.equal(model[name], begun[name])
        ]
        moved[step] = sorted({name.partition(".")[0] for name in names})
    assert moved == {
        1: ["hidden3"],
        6: ["hidden3"],
        7: ["hidden2", "hidden3"],
        12: ["hidden2", "hidden3"],
        13: ["hidden1", "hidden2", "hidden3"],
        20: ["hidden1", "hidden2", "hidden3"],
    }


def test_the_lineage_reaches_back(source: Path, whole: Path, tmp_path: Path, capsys: Any) -> None:
    run = trained(tmp_path, **PHASES, reuse={"from": str(whole)})
    names = [item["name"] for item in json.loads((run / "reuse.json").read_text())["lineage"]]
    assert names == [whole.name, source.name]
    with pytest.raises(SystemExit) as ended:
        command_line(["show", str(run)])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert f" reuse    {whole.name}, best weights of epoch " in shown
    assert f" before   {source.name}, best weights of epoch " in shown
