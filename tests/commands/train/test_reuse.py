"""Trainings that begin with the weights of another: resumed in any phase, without their source, in sweeps."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from helpers.trainings import assert_same, checkpoint, refusal, resumed, trained, write
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


def answered(capsys: Any, *words: str) -> tuple[int, str, str]:
    """(exit code, stdout, stderr) of a command."""
    with pytest.raises(SystemExit) as ended:
        command_line(list(words))
    shown = capsys.readouterr()
    return int(ended.value.code or 0), shown.out, shown.err


@pytest.fixture
def folder(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with the source among its runs, and a config that reuses it."""
    shutil.copytree(source, tmp_path / "runs" / source.name)
    config = {**PHASES, "reuse": {"from": "eight", **REUSE, "cache_frozen": "auto"}}
    write(tmp_path, {**config, "training": {"epochs": 5}, "checkpoint": {"every": 5}}, "two.yaml")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DNNLAB_RUNS", "runs")
    return tmp_path


def test_check_looks_at_a_net_with_a_cache(folder: Path, capsys: Any) -> None:
    changes = ("reuse.cache_frozen=disk", "regularizers=none", "lint={ignore: [dropout_small_layer]}")
    code, out, _ = answered(capsys, "check", "two.yaml", *changes)
    assert code == 0, out
    code, out, _ = answered(
        capsys, "check", "two.yaml", *changes, "reuse.freeze=hidden3", "reuse.unfreeze=[]"
    )
    assert code == 1 and "hidden1 learns" in out


@pytest.mark.parametrize("options", [(), ("--static",)])
def test_check_looks_at_the_source(options: tuple[str, ...], folder: Path, capsys: Any) -> None:
    code, out, _ = answered(capsys, "check", "two.yaml", "lint={ignore: [dropout_small_layer]}", *options)
    assert code == 0, out
    for change, text in (
        ("reuse.from=nine", "matches 'nine'"),
        ("reuse.layers=conv1", 'the pattern "conv1" matches no layer'),
        ("reuse.unfreeze.1.at=9 epochs", "expected a time within the training"),
    ):
        code, out, _ = answered(capsys, "check", "two.yaml", change, *options)
        assert code == 1 and text in " ".join(out.split()), out


def test_last_means_one_run_for_all_seeds(folder: Path, source: Path, capsys: Any) -> None:
    code, _, err = answered(capsys, "train", "two.yaml", "reuse.from=last", "--seeds", "2")
    assert code == 0, err
    kept = sorted((folder / "runs").glob("*/reuse.json"))
    assert [json.loads(path.read_text())["source"]["name"] for path in kept] == [source.name] * 2
    assert "taken     hidden1, hidden2, hidden3 (" in err
    assert "hidden2: learning begins with the next step" in err


def test_a_run_that_is_trained_again_keeps_its_source(folder: Path, source: Path, capsys: Any) -> None:
    for words in (("two.yaml", "reuse.from=last"), ("last", "seed=1")):  # `last` is another run by then
        code, _, err = answered(capsys, "train", *words)
        assert code == 0, err
    kept = (folder / "runs").glob("*/reuse.json")
    assert [json.loads(path.read_text())["source"]["name"] for path in kept] == [source.name] * 2


@pytest.mark.slow
@pytest.mark.parametrize("word", ["eight", "last"])
def test_trials_of_a_sweep_reuse_a_run_beside_it(word: str, folder: Path, source: Path, capsys: Any) -> None:
    text = (folder / "two.yaml").read_text()
    (folder / "two.yaml").write_text(text.replace("from: eight", f"from: {word}"))
    code, _, err = answered(
        capsys, "sweep", "two.yaml", "--vary", "reuse.layer_decay=1.0,0.8", "training.epochs=4"
    )
    assert code == 0, err
    kept = list((folder / "runs").glob("*/trials/*/reuse.json"))
    assert [json.loads(path.read_text())["source"]["name"] for path in kept] == [source.name] * 2
    sweep = kept[0].parents[2].name
    trial = f"{sweep}/{kept[0].parent.name}"
    code, _, err = answered(capsys, "train", "two.yaml", f"reuse.from={trial}")
    assert code == 0, err
    code, _, err = answered(capsys, "train", "two.yaml", f"reuse.from={sweep}")
    assert code == 2 and "is a sweep (2 runs); expected one of its trials" in " ".join(err.split())


def test_a_sweep_without_its_source_is_refused_before_a_trial(folder: Path, capsys: Any) -> None:
    before = set(folder.rglob("*"))
    vary = ("--vary", "reuse.layer_decay=1.0,0.8")
    code, _, err = answered(capsys, "sweep", "two.yaml", *vary, "reuse.from=nine")
    assert code == 2 and "reuse.from: no run in runs matches 'nine'" in err
    assert set(folder.rglob("*")) == before


def test_other_commands_take_such_a_run(folder: Path, source: Path, capsys: Any) -> None:
    assert answered(capsys, "train", "two.yaml", "-q")[0] == 0
    shutil.rmtree(folder / "runs" / source.name)
    for words in (("evaluate",), ("doctor",), ("compare",), ("report",), ("show",)):
        code, _, err = answered(capsys, *words, "last")
        assert code == 0, err
    code, _, err = answered(capsys, "train", "last")
    assert code == 2 and "reuse.from: no run in runs matches 'eight'" in err


def test_more_epochs_are_refused_where_a_moment_is_a_share_of_them(source: Path, tmp_path: Path) -> None:
    reuse = {"from": str(source), **REUSE, "unfreeze": [{"at": "50 %", "layers": ".*"}]}
    run = trained(tmp_path, **PHASES, reuse=reuse)
    assert "reuse.unfreeze.0.at is 50 % of all epochs" in refusal(run, epochs=9)
