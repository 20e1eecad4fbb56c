"""What every schedule promises, tested for every registered name."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from dnnlab import registry

ENTRIES = registry.entries("schedule")
parametrize = pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: e.name)
TOTAL, PER_EPOCH = 120, 10


def required(entry: Any) -> dict[str, Any]:
    """The example's values of the keys that have no default."""
    return {name: entry.example[name] for name, field in entry.own_fields.items() if field.required}


def make(
    entry: Any, keys: dict[str, Any], total: int = TOTAL, momentum: float | None = 0.9, written: bool = False
) -> Any:
    base = {"lr": 0.1, "momentum": momentum, "lr_written": written}
    per_epoch = max(1, total * PER_EPOCH // TOTAL)  # always a training of several epochs
    return registry.build("schedule", {"name": entry.name, **keys}, base, total, per_epoch)


def rates(entry: Any, keys: dict[str, Any], **options: Any) -> list[dict[str, float]]:
    schedule = make(entry, keys, **options)
    return [schedule(step) for step in range(options.get("total", TOTAL))]


@parametrize
@pytest.mark.parametrize("total", [1, 2, 3, 5, 10, 13, TOTAL])
def test_rates_are_finite_numbers_from_zero_up(entry: Any, total: int) -> None:
    for keys in (required(entry), entry.example):
        for rate in rates(entry, keys, total=total):
            assert set(rate) <= {"lr", "momentum"}
            assert type(rate["lr"]) is float and math.isfinite(rate["lr"]) and rate["lr"] >= 0
            assert 0 <= rate.get("momentum", 0.0) < 1
        assert max(rate["lr"] for rate in rates(entry, keys, total=total)) > 0


@parametrize
def test_it_is_a_pure_function_of_the_step(entry: Any) -> None:
    for keys in (required(entry), entry.example):
        forward = rates(entry, keys)
        schedule = make(entry, keys)
        backward = [schedule(step) for step in reversed(range(TOTAL))]
        assert backward[::-1] == forward
        assert [schedule(step) for step in (7, 7, 0, 119)] == [forward[step] for step in (7, 7, 0, 119)]


@parametrize
def test_it_goes_on_beyond_the_last_step(entry: Any) -> None:
    schedule = make(entry, entry.example)
    for step in (TOTAL, TOTAL + 5, 3 * TOTAL):
        assert 0 <= schedule(step)["lr"] <= max(rate["lr"] for rate in rates(entry, entry.example))


@parametrize
def test_an_optimizer_without_momentum_gets_none(entry: Any) -> None:
    assert all("momentum" not in rate for rate in rates(entry, entry.example, momentum=None))


@parametrize
def test_the_rate_of_the_optimizer_counts(entry: Any) -> None:
    keys = required(entry)
    if {"values", "max"} & set(keys):
        pytest.skip("has rates of its own")
    tenfold = registry.build(
        "schedule",
        {"name": entry.name, **keys},
        {"lr": 1.0, "momentum": None, "lr_written": True},
        TOTAL,
        PER_EPOCH,
    )
    assert [tenfold(t)["lr"] for t in range(TOTAL)] == pytest.approx(
        [10 * r["lr"] for r in rates(entry, keys)]
    )


@parametrize
def test_the_example_changes_something(entry: Any) -> None:
    if not entry.own_fields:
        pytest.skip("no keys")
    assert entry.example

    def history(keys: dict[str, Any]) -> list[float]:
        schedule = make(entry, keys)
        seen = []
        for epoch in range(1, TOTAL // PER_EPOCH + 1):
            seen += [schedule(step)["lr"] for step in range((epoch - 1) * PER_EPOCH, epoch * PER_EPOCH)]
            if entry.flags["observes"]:
                schedule.observe(0.5, epoch)
        return seen

    for key in required(entry):
        assert key in entry.example
    changed = history(dict(entry.example))
    assert changed != [0.1] * TOTAL
    if required(entry) != entry.example:
        assert changed != history(required(entry))


@parametrize
def test_a_saved_state_goes_on_the_same(entry: Any) -> None:
    if not entry.flags["observes"]:
        assert not hasattr(make(entry, entry.example), "observe")
        return
    scores: list[float | None] = [0.1, 0.3, 0.3, None, 0.2, 0.3, 0.3, 0.9, 0.1, float("nan"), 0.2, 0.1]
    whole = make(entry, entry.example)
    first = make(entry, entry.example)
    fresh = make(entry, entry.example)
    expected = []
    for epoch, score in enumerate(scores, start=1):
        whole.observe(score, epoch)
        expected.append(whole(epoch)["lr"])
        if epoch <= 6:
            first.observe(score, epoch)
    fresh.load(json.loads(json.dumps(first.state(), allow_nan=False)))
    for epoch, score in list(enumerate(scores, start=1))[6:]:
        fresh.observe(score, epoch)
        assert fresh(epoch)["lr"] == expected[epoch - 1]
    assert len(set(expected)) > 1


@parametrize
def test_whether_it_needs_the_total_is_said(entry: Any) -> None:
    def late(total: int) -> list[float]:
        base = {"lr": 0.1, "momentum": 0.9, "lr_written": False}
        schedule = registry.build("schedule", {"name": entry.name, **entry.example}, base, total, PER_EPOCH)
        return [schedule(step)["lr"] for step in range(20)]

    assert (late(20) != late(40)) == entry.flags["needs_total"]
