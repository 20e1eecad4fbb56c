"""The range test itself: repeatable, harmless, and its rates train."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from dnnlab.assembly.session import build
from dnnlab.commands.lr_find.find import Found, base_of, lr_find, write_found
from dnnlab.commands.lr_find.range_test import Rising, checked
from dnnlab.config import load
from dnnlab.engine.loop import fit
from dnnlab.engine.nonfinite import NonFiniteError
from dnnlab.errors import UsageError

RATES = Rising(1e-7, 10.0, 300)
TEXT = (
    "data: digits\narchitecture: {hidden: [32]}\noptimizer: {name: adam, lr: 2e-3}\n"
    "regularizers: {dropout: 0.1}\ntraining: {epochs: 3}\n"
)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "x.yaml"
    path.write_text(TEXT)
    return path


def find(path: Path, *changes: str, rates: Rising = RATES) -> Found:
    return lr_find(str(path), changes, path.parent / "runs", rates)


def val_loss(path: Path, *changes: str) -> float:
    """After training; infinite where that diverges."""
    session = build(load(path, changes)).session
    try:
        for _ in fit(session):
            pass
    except NonFiniteError:
        return math.inf
    return float(session.progress.last["metrics"]["val_loss"])


@pytest.mark.parametrize(
    ("optimizer", "low", "high"),
    [
        ("adam", 5e-4, 5e-2),
        ("sgd", 0.02, 2.0),
        ("{name: sgd, momentum: 0.9}", 2e-3, 0.5),
        ("nadam", 5e-4, 5e-2),
        ("muon", 2e-3, 1.0),
    ],
)
def test_suggestions_lie_in_the_band_that_trains(
    config: Path, optimizer: str, low: float, high: float
) -> None:
    found = find(config, f"optimizer={optimizer}")
    assert len(found.suggestions) == 2
    assert all(low <= s.lr <= high for s in found.suggestions), [s.lr for s in found.suggestions]


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_the_found_rate_trains_better_than_much_smaller_and_much_larger_ones(
    config: Path, optimizer: str
) -> None:
    change = f"optimizer={optimizer}"
    lr = find(config, change).best.lr  # type: ignore[union-attr]
    losses = {
        factor: val_loss(config, change, f"optimizer.lr={lr * factor}") for factor in (0.01, 1.0, 100.0)
    }
    assert losses[1.0] < 0.5 * min(losses[0.01], losses[100.0])


def test_twice_the_same_and_a_training_beside_it_is_unchanged(config: Path) -> None:
    before = val_loss(config)
    first, second = find(config), find(config)
    assert first.curve == second.curve
    assert val_loss(config) == before
    assert sorted(path.name for path in config.parent.iterdir()) == ["x.yaml"]


def test_the_first_loss_is_that_of_the_training(config: Path) -> None:
    session = build(load(config, ["logging.steps_every=1 steps"])).session
    first = next(record.rows["steps.jsonl"]["loss"] for record in fit(session))  # type: ignore[union-attr, index]
    assert find(config).curve.losses[0] == first


def test_what_moves_rate_or_momentum_is_set_aside_and_said(config: Path) -> None:
    momentum = "optimizer={name: sgd, lr: 0.1, momentum: {from: 0.5, to: 0.9, over: 2 epochs}}"
    found = find(config, momentum, "schedule={name: exponential, over: 1 epochs, warmup: 10 %}")
    assert found.set_aside == ("schedule exponential", "warmup", "the momentum's ramp")
    still = find(config, "optimizer={name: sgd, lr: 0.1, momentum: 0.5}")
    assert still.set_aside == () and still.curve == found.curve


def test_diverging_at_once_is_said(config: Path) -> None:
    found = find(config, "optimizer=sgd", rates=checked(1e4, 1e9, 300))
    assert found.best is None
    assert found.problem.startswith("the loss explodes at once (at ")
    assert found.further == (1.0, 1e9)


def test_a_walk_that_ends_too_early_is_said(config: Path) -> None:
    found = find(config, rates=checked(1e-7, 1e-3, 300))
    assert (found.best, found.further) == (None, (1e-7, 0.1))
    assert found.problem == "the loss still falls at the last rate (0.001): walk on"


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            ["optimizer=lbfgs", "training.batch_size=full"],
            "lbfgs works on the whole training part in every step",
        ),
        (["optimizer=rprop"], "rprop finds the lengths of its steps by itself"),
    ],
)
def test_optimizers_without_a_rate_to_find(config: Path, changes: list[str], text: str) -> None:
    with pytest.raises(UsageError, match=text):
        find(config, *changes)


@pytest.mark.parametrize(
    ("low", "high", "steps"), [(1.0, 0.1, 300), (0.0, 1.0, 300), (1e-3, math.inf, 300), (1e-3, 1.0, 3)]
)
def test_rates_that_cannot_be_walked(low: float, high: float, steps: int) -> None:
    with pytest.raises(UsageError):
        checked(low, high, steps)


def test_the_written_config_changes_one_key(config: Path) -> None:
    other = config.parent / "more"
    other.mkdir()
    found = find(config)
    write_found(found, other / "found.yaml")
    new, old = load(other / "found.yaml").flat(), load(config).flat()
    assert {key for key in new if new[key] != old[key]} == {"name", "optimizer.lr"}
    assert new["optimizer.lr"] == found.best.lr  # type: ignore[union-attr]
    with pytest.raises(UsageError, match="is there already"):
        write_found(found, other / "found.yaml")


def test_a_peak_of_the_schedules_own_is_the_key(config: Path) -> None:
    found = find(config, "schedule={name: one_cycle, max_lr: 0.01}")
    assert (found.key, found.lr) == ("schedule.max_lr", 0.01)
    config.write_text(TEXT + "schedule: {name: one_cycle, max_lr: 0.01}\n".replace("schedule", "schedule"))
    write_found(found, config.parent / "found.yaml")
    assert load(config.parent / "found.yaml").experiment.schedule.keys["max_lr"] == found.best.lr  # type: ignore[union-attr]


def test_a_cycle_with_a_lower_peak_can_be_trained(config: Path) -> None:
    config.write_text(TEXT.replace("2e-3", "0.4") + "schedule: {name: one_cycle, max_lr: 0.8}\n")
    found = find(config)
    assert found.best is not None and list(found.changes) == ["schedule.max_lr", "optimizer.lr"]
    write_found(found, config.parent / "found.yaml")
    build(load(config.parent / "found.yaml"))


@pytest.mark.parametrize(
    ("config_", "out", "base"),
    [
        ("a.yaml", "b.yaml", "a.yaml"),
        ("a.yaml", "x/b.yaml", "../a.yaml"),
        ("x/a.yaml", "b.yaml", "x/a.yaml"),
        ("/k/a.yaml", "x/b.yaml", "/k/a.yaml"),
    ],
)
def test_the_base_is_named_from_the_new_file(config_: str, out: str, base: str) -> None:
    assert base_of(Path(config_), Path(out)) == base
