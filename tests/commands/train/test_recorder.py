"""The records of a run: histograms, rows, event files; also after interruptions."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from helpers.trainings import assert_same, built, histograms, resumed, rows, small, trained, write

from dnnlab.commands.train.recorder import Recorder
from dnnlab.config import load
from dnnlab.errors import ConfigError
from dnnlab.rundir import read_run
from dnnlab.rundir.histograms import FILE, Histograms

LOUD = {
    "update_ratio_every": "3 steps",
    "gradient_norm_every": "4 steps",
    "activations_every": "1 steps",
    "dead_units_every": "7 steps",
    "predictions_every": "1 epochs",
}


def made(folder: Path) -> Path:
    folder.mkdir()
    return folder


@pytest.mark.parametrize("after", [9, 10, 13], ids=["before_the_end", "at_the_end", "behind_the_end"])
@pytest.mark.parametrize("logging", [{}, LOUD, {"histograms": 2}], ids=["defaults", "loud", "two_histograms"])
def test_rows_and_histograms_over_an_interruption_are_those_of_a_whole_run(
    logging: dict[str, Any], after: int, tmp_path: Path
) -> None:
    changes: dict[str, Any] = {"logging": logging, "regularizers": {"dropout": 0.2}, "normalization": "batch"}
    whole, cut = (
        trained(made(tmp_path / "whole"), **changes),
        trained(made(tmp_path / "cut"), after=after, **changes),
    )
    resumed(cut)
    assert_same(whole, cut)
    assert histograms(whole)["epochs"] == ([1, 3] if logging.get("histograms") else [1, 2, 3])
    assert [row["step"] for row in rows(whole, "predictions.jsonl")] == [1, 10, 20, 30]


def test_a_longer_run_forgets_that_its_last_epoch_was_the_last(tmp_path: Path) -> None:
    short, long = (trained(made(tmp_path / str(n)), training={"epochs": n}) for n in (5, 9))
    assert histograms(short)["epochs"] == [1, 2, 3, 4, 5]
    resumed(short, epochs=9)
    assert histograms(long)["epochs"] == [1, 2, 3, 4, 6, 8, 9]
    assert_same(short, long)


def test_what_came_after_the_checkpoint_is_forgotten(tmp_path: Path) -> None:
    whole = trained(made(tmp_path / "whole"), training={"epochs": 4})
    killed = trained(made(tmp_path / "killed"), after=13, training={"epochs": 4})
    (killed / FILE).write_bytes(
        (whole / FILE).read_bytes()
    )  # as if it had been killed between this file and the checkpoint
    resumed(killed)
    assert_same(whole, killed)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:300])


@pytest.mark.parametrize("damage", [Path.unlink, cut], ids=["gone", "cut"])
def test_a_lost_file_costs_only_what_was_in_it(damage: Any, tmp_path: Path) -> None:
    run = trained(tmp_path, after=13)
    damage(run / FILE)
    assert read_run(run).tensors(FILE) is None
    resumed(run)
    assert histograms(run)["epochs"] == [2, 3]


def test_forms_of_the_file(tmp_path: Path) -> None:
    found = read_run(trained(tmp_path, architecture={"name": "mlp", "hidden": [16, 8]})).tensors(FILE)
    assert found is not None
    names = [
        f"{kind}/{layer}"
        for kind in ("activations", "gradients")
        for layer in ("hidden1", "hidden2", "output")
    ]
    assert found.keys() == {"epochs", *names, *(f"{name}/edges" for name in names)}
    for name in names:
        assert found[name].shape == (3, 64) and found[f"{name}/edges"].shape == (3, 65)
        assert (found[f"{name}/edges"].diff(dim=1) > 0).all()
    rest = 300 % 32
    assert found["activations/hidden2"].sum(1).tolist() == [rest * 8] * 3
    assert found["gradients/hidden2"].sum(1).tolist() == [16 * 8 + 8] * 3


def test_a_layer_may_be_called_edges(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    item = {"counts": [1, 2], "edges": [0.0, 1.0, 2.0]}
    kept = Histograms()
    kept.add(
        {"epoch": 3, "activations": {"edges": item, "block1.body.edges": item, "a": item}, "gradients": {}}
    )
    save_file(kept.tensors(), tmp_path / FILE)
    assert Histograms.read(tmp_path / FILE, lambda epoch: True).rows == kept.rows
    assert Histograms.read(tmp_path / FILE, lambda epoch: epoch < 3).rows == {}


def test_without_its_package_tensorboard_is_refused_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dnnlab.assembly.training.plan.find_spec", lambda name: None)
    with pytest.raises(ConfigError) as caught:
        trained(tmp_path, logging={"tensorboard": True})
    text = (
        "logging.tensorboard: the package tensorboard is not installed; expected it, or false; "
        "pip install 'dnnlab[tb]'"
    )
    assert text in str(caught.value)
    assert not (tmp_path / "runs").exists()


def test_nothing_of_tensorboard_is_there_where_it_is_off(tmp_path: Path) -> None:
    assert not (trained(tmp_path) / "tensorboard").exists()


class Writer:
    """Notes what it is told instead of writing event files."""

    made: list[Writer] = []  # noqa: RUF012 (emptied by the fixture)

    def __init__(self, folder: str, purge_step: int | None = None) -> None:
        self.folder, self.purge_step, self.closed = folder, purge_step, False
        self.scalars: list[tuple[str, float, int]] = []
        self.counts: list[tuple[str, float, int]] = []
        Writer.made.append(self)

    def add_scalar(self, tag: str, value: float, step: int) -> None:
        self.scalars.append((tag, value, step))

    def add_histogram_raw(self, tag: str, low: float, high: float, count: int, *rest: Any) -> None:
        self.counts.append((tag, count, rest[-1]))

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def writer(monkeypatch: pytest.MonkeyPatch) -> type[Writer]:
    import sys
    from types import ModuleType

    module = ModuleType("torch.utils.tensorboard")
    module.SummaryWriter = Writer  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", module)
    monkeypatch.delitem(sys.modules, "dnnlab.commands.train.tensorboard", raising=False)
    monkeypatch.setattr("dnnlab.assembly.training.plan.find_spec", lambda name: name)
    Writer.made = []
    yield Writer
    sys.modules.pop("dnnlab.commands.train.tensorboard", None)


def test_tensorboard_gets_the_same_numbers_and_hides_what_is_repeated(
    writer: type[Writer], tmp_path: Path
) -> None:
    run = trained(tmp_path, after=13, logging={"tensorboard": True, **LOUD})
    resumed(run)
    first, second = writer.made
    assert (first.purge_step, second.purge_step) == (None, 14)
    assert first.folder == second.folder == str(run / "tensorboard")
    assert first.closed and second.closed
    scalars = {(tag, step): value for tag, value, step in first.scalars + second.scalars}
    for row in rows(run):
        assert scalars["loss/train_eval", row["step"]] == row["train_eval_loss"]
        assert scalars["accuracy/val", row["step"]] == row["val_accuracy"]
    for row in rows(run, "activations.jsonl"):
        assert scalars["activations/layers/hidden1/mean", row["step"]] == row["layers"]["hidden1"]["mean"]
        assert ("activations/layers/hidden1/saturated", row["step"]) not in scalars
    assert [step for tag, _, step in first.counts + second.counts if tag == "gradients/output"] == [
        10,
        20,
        30,
    ]


@pytest.mark.skipif(find_spec("tensorboard") is None, reason="tensorboard is not installed")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of tensorboard's own dependencies
def test_tensorboard_reads_what_was_written(tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    run = trained(tmp_path, after=13, logging={"tensorboard": True})
    resumed(run)
    events = EventAccumulator(
        str(run / "tensorboard"), size_guidance={"scalars": 0, "histograms": 0}
    ).Reload()
    seen = {event.step: event.value for event in events.Scalars("loss/val")}
    assert seen == pytest.approx({row["step"]: row["val_loss"] for row in rows(run)})
    assert [event.step for event in events.Scalars("steps/loss")] == [
        row["step"] for row in rows(run, "steps.jsonl")
    ]
    assert [event.step for event in events.Histograms("activations/hidden1")] == [10, 20, 30]


def test_a_recorder_without_a_file_begins_empty(tmp_path: Path) -> None:
    class Folder:
        path = tmp_path

    recorder = Recorder(Folder(), built().session)  # type: ignore[arg-type]
    assert recorder.histograms.rows == {} and recorder.board is None
    recorder.flush()
    assert list(tmp_path.iterdir()) == [], "nothing new, nothing written"


def test_every_key_of_logging_is_known_to_the_config(tmp_path: Path) -> None:
    off = dict.fromkeys(
        ["activations_every", "dead_units_every", "predictions_every", "histograms", "train_eval"], "none"
    )
    config = load(write(tmp_path, small(logging=off)))
    assert [getattr(config.experiment.logging, key) for key in off] == [None] * 5
