"""What a run leaves behind: every file of the folder, its keys and their order."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from helpers.trainings import SMALL, built, checkpoint, drain, small, trained, write

from dnnlab.commands.train.events import Finished, Saved, Started
from dnnlab.commands.train.train import train
from dnnlab.config import load
from dnnlab.engine.records import Epoch, Step
from dnnlab.engine.stop import Stop
from dnnlab.rundir import read_run

FILES = {
    "MANIFEST.json",
    "config.yaml",
    "resolved.yaml",
    "meta.json",
    "data.json",
    "data.safetensors",
    "layers.json",
    "metrics.jsonl",
    "steps.jsonl",
    "update_ratios.jsonl",
    "gradients.jsonl",
    "activations.jsonl",
    "dead_units.jsonl",
    "predictions.jsonl",
    "histograms.safetensors",
    "verdicts.json",
    "log.txt",
    "lock",
    "sources",
    "checkpoints",
}
PLUGIN = '''"""A part of the test's own."""
from dnnlab.registry import part


@part("activation", source="this test")
def twice(width: int):
    """2 z."""
    from torch import nn

    class Twice(nn.Module):
        def forward(self, z):
            return 2 * z

    return Twice()
'''


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with a base, a plugin, an override, averages and an accent in its note."""
    folder = tmp_path_factory.mktemp("one")
    (folder / "parts").mkdir()
    (folder / "parts" / "my_parts.py").write_text(PLUGIN)
    write(folder, {**SMALL, "plugins": ["parts/my_parts.py"]}, "base.yaml")
    config = {
        "base": "base.yaml",
        "activation": "twice",
        "regularizers": {"ema": 0.9, "l2": 0.01},
        "note": "1e-3 é",
        "tags": ["ch11"],
    }
    path = write(folder, config, "mine.yaml")
    path.write_text("# a comment of mine\n" + path.read_text())
    events = drain(train(load(path, ["optimizer.lr=0.01", "seed=3"]), folder / "runs"), Stop())
    started, finished = events[0], events[-1]
    assert isinstance(started, Started) and isinstance(finished, Finished) and started.path == finished.path
    assert started.resumed is None
    assert sum(isinstance(e, Step) for e in events) == 30
    assert [e.epoch for e in events if isinstance(e, Epoch)] == [1, 2, 3]
    assert [e.step for e in events if isinstance(e, Saved)] == [10, 20, 30]
    return started.path


def test_the_folder_holds_these_files_and_no_others(run: Path) -> None:
    assert {p.name for p in run.iterdir()} == FILES
    assert not list(run.rglob("*.tmp"))


def test_rows_of_epochs_have_their_keys_in_order(run: Path) -> None:
    first = json.loads((run / "metrics.jsonl").read_text().splitlines()[0])
    measured = [
        "train_eval_loss",
        "train_eval_accuracy",
        "val_loss",
        "val_accuracy",
        "val_loss_ema",
        "val_accuracy_ema",
    ]
    before = [
        "epoch",
        "step",
        "seconds",
        "samples_per_second",
        "lr",
        "train_loss",
        "train_penalty",
        "train_accuracy",
    ]
    assert list(first) == [*before, *measured]
    assert (first["epoch"], first["step"], first["lr"]) == (1, 10, 0.01)
    assert first["train_penalty"] > 0
    assert first["seconds"] > 0 and first["samples_per_second"] > 0


def test_rows_of_steps_have_their_keys_in_order(run: Path) -> None:
    steps = [json.loads(line) for line in (run / "steps.jsonl").read_text().splitlines()]
    assert [row["step"] for row in steps] == list(range(1, 31))
    assert [row["epoch"] for row in steps] == [1] * 10 + [2] * 10 + [3] * 10
    assert {tuple(row) for row in steps} == {("step", "epoch", "loss", "penalty", "lr", "gradient_norm")}
    assert all(row["gradient_norm"] > 0 for row in steps)


def test_the_mean_loss_of_an_epoch_is_that_of_its_steps(run: Path) -> None:
    steps = [json.loads(line) for line in (run / "steps.jsonl").read_text().splitlines()][:10]
    sizes = [32] * 9 + [12]
    mean = sum(row["loss"] * size for row, size in zip(steps, sizes, strict=True)) / 300
    assert json.loads((run / "metrics.jsonl").read_text().splitlines()[0])["train_loss"] == pytest.approx(
        mean, rel=1e-6
    )


def test_update_ratios_are_those_of_the_weights(tmp_path: Path) -> None:
    path = trained(
        tmp_path,
        training={"epochs": 2, "batch_size": "full"},
        logging={"update_ratio_every": "1 steps"},
        checkpoint={"keep": "all"},
    )
    before = {
        name: t.clone()
        for name, t in built(training={"batch_size": "full", "epochs": 2}).session.net.state_dict().items()
    }
    for line, place in zip(
        (path / "update_ratios.jsonl").read_text().splitlines(),
        sorted((path / "checkpoints").iterdir()),
        strict=True,
    ):
        from safetensors.torch import load_file

        after = load_file(place / "model.safetensors")
        row = json.loads(line)
        assert list(row) == ["step", "epoch", "ratios"]
        expected = {
            n: float(torch.linalg.norm(after[n] - before[n]) / torch.linalg.norm(before[n]))
            for n in before
            if n.endswith("weight")
        }
        assert row["ratios"] == pytest.approx(expected, rel=1e-5)
        before = after


def test_gradients_are_those_of_the_layers(tmp_path: Path) -> None:
    path = trained(
        tmp_path, training={"epochs": 1, "batch_size": "full"}, logging={"gradient_norm_every": "1 steps"}
    )
    session = built(training={"epochs": 1, "batch_size": "full"}).session
    batch = session.train.rows(torch.arange(len(session.train)))
    session.loss(session.net(batch.inputs), batch).backward()
    (row,) = [json.loads(line) for line in (path / "gradients.jsonl").read_text().splitlines()]
    assert list(row) == ["step", "epoch", "norms"]
    layers = {name: layer for name, layer in session.net.named_children() if name != "flatten"}
    norms = {
        name: torch.cat([p.grad.flatten() for p in layer.parameters()]).norm().item()
        for name, layer in layers.items()
    }
    assert row["norms"] == pytest.approx(norms, rel=1e-5)


def test_sources_are_the_very_texts_with_base_and_plugin(run: Path) -> None:
    meta = json.loads((run / "meta.json").read_text())
    assert [Path(item["path"]).name for item in meta["sources"]] == ["mine.yaml", "base.yaml", "my_parts.py"]
    for item in meta["sources"]:
        assert (run / item["file"]).read_text() == Path(item["path"]).read_text()
    assert (run / "config.yaml").read_text() == Path(meta["sources"][0]["path"]).read_text()
    assert (run / "config.yaml").read_text().startswith("# a comment of mine")


def test_meta_tells_what_happened(run: Path) -> None:
    meta = json.loads((run / "meta.json").read_text())
    assert meta["format"] == 1
    assert meta["status"] == "done"
    assert meta["overrides"] == ["optimizer.lr=0.01", "seed=3"]
    assert meta["config"]["optimizer.lr"] == 0.01 and meta["config"]["optimizer"] == "adam"
    assert (meta["seed"], meta["tags"], meta["note"]) == (3, ["ch11"], "1e-3 é")
    assert meta["monitor"] == "val_accuracy" and meta["better"] == "max"
    assert meta["threads"] == 1 and meta["device"]["type"] == "cpu" and meta["device"]["cpu_capability"]
    assert meta["versions"]["torch"] == torch.__version__
    assert set(meta["times"]) == {"started", "ended"}
    assert meta["parameters"] == {
        "total": 64 * 16 + 16 + 16 * 10 + 10,
        "trained": 64 * 16 + 16 + 16 * 10 + 10,
    }
    history = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert (
        meta["last"]["epoch"] == 3 and meta["last"]["metrics"]["val_accuracy"] == history[-1]["val_accuracy"]
    )
    best = max(history, key=lambda row: row["val_accuracy"])
    assert meta["best"]["metrics"]["val_accuracy"] == best["val_accuracy"]
    assert "lr" not in meta["best"]["metrics"] and "seconds" not in meta["best"]["metrics"]


def test_data_are_described(run: Path) -> None:
    data = json.loads((run / "data.json").read_text())
    assert (data["in_shape"], data["classes"], data["target"]) == ([1, 8, 8], 10, "index")
    assert data["rows"] == {"train": 300, "validation": 359, "test": 359}
    assert len(data["fingerprint"]) == 64
    tensors = read_run(run).tensors("data.safetensors")
    assert tensors is not None and len(tensors["split.validation"]) == 359


def test_the_resolved_config_loads_again_as_the_same(run: Path) -> None:
    assert "plugins:\n- sources/02-my_parts.py\n" in (run / "resolved.yaml").read_text()
    meta = json.loads((run / "meta.json").read_text())
    plugin = meta["sources"][2]["path"]  # the very file, since this process has registered its parts already
    again = load(run / "resolved.yaml", [f"plugins=[{plugin}]"])
    assert {**again.flat(), "plugins": meta["config"]["plugins"]} == meta["config"]
    assert again.experiment.note == "1e-3 é"


def test_checkpoints_hold_their_files_and_the_manifest_their_hashes(run: Path) -> None:
    names = [p.name for p in sorted((run / "checkpoints").iterdir())]
    assert len(names) <= 3 and names[-1].startswith("epoch-0003_step-000030_val_accuracy-0.")
    newest = run / "checkpoints" / names[-1]
    files = {"model", "best", "averages", "optimizer"}
    assert {p.name for p in newest.iterdir()} == {f"{f}.safetensors" for f in files} | {
        "state.json",
        "MANIFEST.json",
    }
    manifest = json.loads((newest / "MANIFEST.json").read_text())["files"]
    assert {n: e["sha256"] for n, e in manifest.items()} == {
        n: hashlib.sha256((newest / n).read_bytes()).hexdigest() for n in manifest
    }
    lengths = json.loads((newest / "state.json").read_text())["lengths"]
    assert lengths["metrics.jsonl"] == (run / "metrics.jsonl").stat().st_size


def test_the_best_weights_are_those_of_the_best_epoch(tmp_path: Path) -> None:
    whole = trained(
        tmp_path, training={"epochs": 6}, optimizer={"name": "sgd", "lr": 3.0}, checkpoint={"keep": "all"}
    )
    rows = [json.loads(line) for line in (whole / "metrics.jsonl").read_text().splitlines()]
    best = max(range(6), key=lambda i: rows[i]["val_accuracy"])
    assert best < 5, "choose another rate: the last epoch must not be the best"
    from safetensors.torch import load_file

    at_best = load_file(sorted((whole / "checkpoints").iterdir())[best] / "model.safetensors")
    kept = checkpoint(whole).checkpoint.best
    assert kept is not None and all(torch.equal(kept[name], at_best[name]) for name in kept)


def test_no_pickle_anywhere(run: Path) -> None:
    assert {p.suffix for p in run.rglob("*") if p.is_file()} <= {
        ".yaml",
        ".json",
        ".jsonl",
        ".safetensors",
        ".txt",
        ".py",
        "",
    }


@pytest.mark.parametrize(("keep", "left"), [("all", 6), (1, 1), (3, 3)], ids=["all", "one", "three"])
def test_checkpoints_are_kept_as_asked(keep: Any, left: int, tmp_path: Path) -> None:
    path = trained(tmp_path, training={"epochs": 6}, checkpoint={"every": 1, "keep": keep})
    assert len(list((path / "checkpoints").iterdir())) == left


def test_checkpoints_come_as_often_as_asked(tmp_path: Path) -> None:
    config = load(write(tmp_path, small(training={"epochs": 7}, checkpoint={"every": "3 epochs"})))
    events = drain(train(config, tmp_path / "runs"), Stop())
    assert [e.step for e in events if isinstance(e, Saved)] == [30, 60, 70]


def test_looking_does_not_change_the_run(tmp_path: Path) -> None:
    (tmp_path / "quiet").mkdir()
    (tmp_path / "loud").mkdir()
    changes = {"regularizers": {"dropout": 0.5, "mixup": 0.3}, "normalization": "batch"}
    keys = ("steps", "update_ratio", "gradient_norm", "activations", "dead_units", "predictions")
    watched = [f"{key}_every" for key in keys]
    quiet = trained(
        tmp_path / "quiet", logging=dict.fromkeys([*watched, "histograms", "train_eval"], "none"), **changes
    )
    loud = trained(
        tmp_path / "loud", logging=dict.fromkeys(watched, "1 steps") | {"histograms": 3}, **changes
    )
    assert [p.name for p in quiet.glob("*.jsonl")] == ["metrics.jsonl"] and len(
        list(loud.glob("*.jsonl"))
    ) == 7
    assert not (quiet / "histograms.safetensors").exists() and (loud / "histograms.safetensors").exists()
    one, other = checkpoint(quiet).checkpoint.model, checkpoint(loud).checkpoint.model
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_nothing_is_made_before_the_first_event(tmp_path: Path) -> None:
    config = load(write(tmp_path, small(loss="mse")))
    with pytest.raises(Exception, match="mse does not fit targets that are one class of several"):
        next(train(config, tmp_path / "runs"))
    assert not (tmp_path / "runs").exists()
