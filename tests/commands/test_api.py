"""`dnnlab.train`, `dnnlab.load_run`, `dnnlab.registry.build`: the command line's work, from Python."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from helpers.trainings import SMALL, assert_same, bits, resumed, small, trained, write

import dnnlab
from dnnlab.assembly.session import build
from dnnlab.commands.load_config import load_source
from dnnlab.errors import DataError, RunError, UsageError
from dnnlab.rundir import read_run

ROOT = Path(__file__).parents[2]
RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 4)).astype(np.float32)
TARGETS = {
    "classes": (X[:, 0] > 0).astype(np.int64) + (X[:, 1] > 0),
    "words": np.where(X[:, 0] > 0, "yes", "no"),
    "numbers": X[:, 0] * 2 - X[:, 1],
    "two_numbers": np.stack([X[:, 0] * 2, X[:, 1]], 1),
    "labels": (X[:, :3] > 0).astype(np.int64),
}


def test_importing_dnnlab_does_not_import_torch() -> None:
    code = (
        "import sys, dnnlab; dnnlab.train; dnnlab.load_run; dnnlab.registry.entries('optimizer'); "
        "print('torch' in sys.modules)"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True).stdout
        == "False\n"
    )


def test_a_config_error_does_not_import_torch() -> None:
    code = (
        "import sys, dnnlab\ntry:\n"
        "    dnnlab.train({'data': 'digits', 'optimizer': {'name': 'adam', 'lr': -1}})\n"
        "except dnnlab.DnnlabError as e:\n    print(e, 'torch' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True).stdout == (
        "optimizer.lr: received -1; expected a number > 0 False\n"
    )


def test_a_file_with_overrides(tmp_path: Path) -> None:
    path = write(tmp_path, SMALL, "mine.yaml")
    run = dnnlab.train(
        path, {"optimizer.lr": 0.01, "seed": 3, "regularizers.dropout": 0.2}, runs_dir=tmp_path / "runs"
    )
    assert "-mine-" in run.name and run.status == "done"
    assert (run.config["optimizer.lr"], run.config["seed"], run.config["regularizers.dropout.rate"]) == (
        0.01,
        3,
        0.2,
    )
    assert [row["epoch"] for row in run.history] == [1, 2, 3]
    assert run.last["epoch"] == 3 and run.best["metrics"]["val_accuracy"] == max(
        row["val_accuracy"] for row in run.history
    )
    assert repr(run) == f"Run({run.name}, done)"
    assert_same(run.path, trained(tmp_path, "optimizer.lr=0.01", "seed=3", "regularizers.dropout=0.2"))


@pytest.mark.parametrize(
    "overrides",
    [
        {"note": "no: 1e-3"},
        {"tags": ["a", "1.0"]},
        {"schedule": {"name": "exponential", "over": "2 epochs"}},
        {"data.test": None},
    ],
    ids=["text", "list", "part", "none"],
)
def test_overrides_keep_their_python_type(overrides: dict[str, Any], tmp_path: Path) -> None:
    from_file = dnnlab.train(
        write(tmp_path, SMALL), {"training.epochs": 1, **overrides}, runs_dir=tmp_path / "runs"
    )
    from_mapping = dnnlab.train(SMALL, {"training.epochs": 1, **overrides}, runs_dir=tmp_path / "runs")
    assert from_file.config == from_mapping.config
    assert load_source(from_file.path, [], tmp_path).flat() == from_file.config, (
        "what the folder kept says the same"
    )
    assert load_source(from_mapping.path, [], tmp_path).flat() == from_mapping.config


def test_a_mapping_is_a_run_like_any_other(tmp_path: Path) -> None:
    run = dnnlab.train(small(note="1e-3", regularizers={"ema": 0.9}), {"seed": 5}, runs_dir=tmp_path)
    assert (run.path / "config.yaml").read_text().startswith("data:\n  name: digits\n")
    assert 'note: "1e-3"' in (run.path / "config.yaml").read_text()
    assert isinstance(run.model("best"), torch.nn.Module)
    again = dnnlab.train(run.path, runs_dir=tmp_path)
    assert_same(run.path, again.path)
    assert resumed(run.path, epochs=4)[-1].result["status"] == "done"


def test_a_run_stands_where_a_config_may_stand(tmp_path: Path) -> None:
    first = trained(tmp_path, "optimizer.lr=0.01")
    run = dnnlab.train("last", {"seed": 7}, runs_dir=tmp_path / "runs")
    assert (run.config["optimizer.lr"], run.config["seed"]) == (0.01, 7)
    assert dnnlab.load_run("last~1", tmp_path / "runs").path == first
    assert dnnlab.load_run(run.name[-6:], tmp_path / "runs").path == run.path


@pytest.mark.parametrize("kind", TARGETS)
def test_arrays_train(kind: str, tmp_path: Path) -> None:
    config = {
        "architecture": {"hidden": [8]},
        "training": {"epochs": 30},
        "optimizer": {"name": "adam", "lr": 0.01},
    }
    run = dnnlab.train(config, data=(X, TARGETS[kind]), runs_dir=tmp_path)
    assert run.history[-1]["val_loss"] < run.history[0]["val_loss"]
    assert run.config["data"] == "arrays"
    assert run.model()(torch.from_numpy(X[:5])).shape == {
        "classes": (5, 3),
        "two_numbers": (5, 2),
        "labels": (5, 3),
    }.get(kind, (5, 1))


def test_arrays_with_a_file_and_with_data_keys(tmp_path: Path) -> None:
    path = write(tmp_path, {"data": "digits", "architecture": {"hidden": [4]}, "training": {"epochs": 1}})
    run = dnnlab.train(
        path, {"data.validation": 0.5}, data=(X, TARGETS["classes"]), runs_dir=tmp_path / "runs"
    )
    data = read_run(run.path).json("data.json")
    assert (
        data is not None
        and data["name"] == "arrays"
        and data["rows"] == {"train": 60, "validation": 100, "test": 40}
    )
    other = dnnlab.train(
        {"data": {"validation": 0.5}, "training": {"epochs": 1}},
        data=(X, TARGETS["classes"]),
        runs_dir=tmp_path / "runs",
    )
    data = read_run(other.path).json("data.json")
    assert data is not None and data["rows"]["validation"] == 100


def test_arrays_are_needed_again_to_resume(tmp_path: Path) -> None:
    from dnnlab.data.readers.arrays import from_arrays

    run = dnnlab.train({"training": {"epochs": 2}}, data=(X, TARGETS["classes"]), runs_dir=tmp_path)
    with pytest.raises(DataError, match=r"`data: arrays` came without arrays.*call dnnlab\.train"):
        resumed(run.path, epochs=3)
    changed = X.copy()
    changed[0, 0] += 1
    with pytest.raises(RunError, match=r"the data of .* have changed .*fingerprint: was"):
        resumed(run.path, epochs=3, raw=from_arrays(changed, TARGETS["classes"]))
    assert (
        resumed(run.path, epochs=3, raw=from_arrays(X, TARGETS["classes"]))[-1].result["last"]["epoch"] == 3
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"normalization": "batch", "regularizers": {"dropout": 0.3, "ema": 0.9}},
        {"normalization": "weight", "activation": {"name": "prelu", "shared": False}},
        {
            "architecture": {"name": "cnn", "blocks": [[4]], "hidden": [8]},
            "normalization": {"name": "batch", "on_input": True},
        },
        {
            "architecture": {"name": "autoencoder", "hidden": [16, 4], "tied": True},
            "training": {"monitor": "val_loss"},
        },
        {"data": {"name": "moons", "samples": 200}, "training": {"batch_size": 16}},
        {"data": "diabetes"},
        {"training": {"monitor": "val_accuracy_ema"}, "regularizers": {"ema": 0.8}},
    ],
    ids=["batch_ema", "weight_prelu", "cnn", "autoencoder", "moons", "diabetes", "monitored_ema"],
)
def test_the_best_model_measures_what_was_recorded(changes: dict[str, Any], tmp_path: Path) -> None:
    path = trained(tmp_path, **changes)
    run = dnnlab.load_run(path)
    session = build(load_source(path, [], tmp_path)).session
    assert session.validation is not None
    for which, moment in (
        ("best", run.best),
        ("last", run.last),
        *([("ema", run.last)] if "ema" in str(changes) else []),
    ):
        net = run.model(which)
        assert not net.training
        with torch.no_grad():
            outputs = net(session.validation.inputs)
        batch = session.validation.rows(torch.arange(len(session.validation)))
        suffix = (
            "_ema" if which == "ema" or (which == "best" and session.plan.monitor.endswith("_ema")) else ""
        )
        assert float(session.loss(outputs, batch)) == pytest.approx(
            moment["metrics"][f"val_loss{suffix}"], rel=1e-5
        )
        for name, metric in session.metrics().items():
            metric.update(outputs, batch)
            assert metric.value() == pytest.approx(moment["metrics"][f"val_{name}{suffix}"], rel=1e-5)


def test_weights_that_are_not_there_are_named(tmp_path: Path) -> None:
    run = dnnlab.load_run(trained(tmp_path))
    with pytest.raises(RunError, match=r"has no weights called 'ema'; .*one of best, last"):
        run.model("ema")
    import shutil

    shutil.rmtree(run.path / "checkpoints")
    with pytest.raises(RunError, match="has no whole checkpoint"):
        run.model()


def test_training_leaves_the_callers_generator_and_modes_usable(tmp_path: Path) -> None:
    one = dnnlab.train(SMALL, runs_dir=tmp_path)
    torch.manual_seed(99)
    torch.rand(7)
    other = dnnlab.train(SMALL, runs_dir=tmp_path)
    assert bits(one.path) == bits(other.path)


def test_errors_are_exceptions_with_the_command_lines_text(tmp_path: Path) -> None:
    with pytest.raises(
        UsageError,
        match=r"received nothing_here: there is no such file, and no run of that name; "
        r"expected a YAML file or a run",
    ):
        dnnlab.train("nothing_here", runs_dir=tmp_path)
    with pytest.raises(UsageError, match="which is a folder but no run"):
        dnnlab.train(tmp_path, runs_dir=tmp_path)
    with pytest.raises(RunError, match="there are no runs in"):
        dnnlab.load_run("last", tmp_path)
    path = write(tmp_path, {"data": "digits", "optimiser": "adam"})
    with pytest.raises(dnnlab.DnnlabError) as caught:
        dnnlab.train(path, runs_dir=tmp_path)
    assert str(caught.value).startswith(
        f"{path}:2:1 optimiser: no such key; "
    ) and "write `optimizer: adam`" in str(caught.value)
    assert [p.name for p in tmp_path.iterdir()] == ["experiment.yaml"]


def test_parts_can_be_built_alone() -> None:
    elu = dnnlab.registry.build("activation", {"name": "elu", "alpha": 0.5}, 10)
    assert elu(torch.tensor([-1e9])).item() == -0.5
    with pytest.raises(
        dnnlab.DnnlabError, match=r'activation: no activation is called "elo"; known: .*did you mean'
    ):
        dnnlab.registry.build("activation", "elo", 10)


def test_inputs_that_are_no_numbers_are_refused_and_nothing_is_made(tmp_path: Path) -> None:
    holes = X.copy()
    holes[3, 2] = np.nan
    with pytest.raises(DataError) as caught:
        dnnlab.train({}, data=(holes, TARGETS["classes"]), runs_dir=tmp_path / "runs")
    assert "NaN" in str(caught.value) and "row 4" in str(caught.value)
    assert not (tmp_path / "runs").exists()


def test_missing_data_files_say_where_to_put_them(tmp_path: Path) -> None:
    path = write(tmp_path, {"data": {"name": "mnist", "root": "nowhere"}})
    with pytest.raises(DataError) as caught:
        dnnlab.train(path, runs_dir=tmp_path / "runs")
    assert str(caught.value).startswith(
        f"{path}:3:3 data.root: the files of mnist were not found (looked in {tmp_path / 'nowhere'}:"
    )
    assert f"put them into {tmp_path / 'nowhere'}, or set data.root" in str(caught.value)
    assert not (tmp_path / "runs").exists()
