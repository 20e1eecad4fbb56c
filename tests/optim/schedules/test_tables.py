"""Schedules against golden tables of 20 steps, on both sides of their boundaries, saved in the middle, and
what they refuse.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dnnlab import registry
from dnnlab.assembly.training.lr_and_momentum import ScheduledRates, build_rates
from dnnlab.errors import ConfigError

CASES = json.loads((Path(__file__).parents[2] / "golden" / "schedules.json").read_text())
TOTAL, PER_EPOCH = 20, 5
golden = pytest.mark.parametrize(
    "case",
    CASES,
    ids=[f"{c['schedule']['name']}-{c['oracle'].split(',')[0]}-{i}" for i, c in enumerate(CASES)],
)


def build(
    spec: Any, lr: float = 1.0, *, written: bool = False, momentum: float = 0.9, total: int = TOTAL
) -> ScheduledRates:
    """The rates as a config builds them, warmup included."""
    optimizer = registry.bind("optimizer", {"name": "sgd", "lr": lr, "momentum": momentum})
    return build_rates(registry.bind("schedule", spec), optimizer, written, PER_EPOCH, total // PER_EPOCH)


def table(rates: ScheduledRates, case: Any, first: int = 0) -> list[tuple[float, float | None]]:
    """(lr, momentum) of every step from `first`; a watching schedule is asked after each epoch's score."""
    rows = []
    for t in range(first, TOTAL):
        if "scores" in case:
            rates.observe(case["scores"][t], t + 1)
        rows.append(rates(t))
    return rows


@golden
def test_golden(case: Any) -> None:
    rows = table(build(case["schedule"], case["base"]["lr"]), case)
    tolerance = {"rel": 2e-6, "abs": 1e-7} if "keras" in case["oracle"] else {"rel": 1e-12, "abs": 1e-14}
    assert [lr for lr, _ in rows] == pytest.approx(case["lr"], **tolerance)
    if "momentum" in case:
        assert [momentum for _, momentum in rows] == pytest.approx(case["momentum"], rel=1e-12)


def test_every_schedule_has_a_table() -> None:
    assert {c["schedule"]["name"] for c in CASES} == {
        e.name for e in registry.entries("schedule") if e.origin is None
    }


@golden
@pytest.mark.parametrize("middle", [1, 7, 13])
def test_saved_in_the_middle(case: Any, middle: int) -> None:
    whole = table(build(case["schedule"], case["base"]["lr"]), case)
    first, second = (build(case["schedule"], case["base"]["lr"]) for _ in range(2))
    for t in range(middle):
        if "scores" in case:
            first.observe(case["scores"][t], t + 1)
    second.load(json.loads(json.dumps(first.state())))
    assert table(second, case, middle) == whole[middle:]


@pytest.mark.parametrize(
    ("spec", "step", "before", "after"),
    [
        (
            {"name": "piecewise_constant", "boundaries": ["1 epochs", "50 %"], "values": [1.0, 0.5, 0.25]},
            5,
            1.0,
            0.5,
        ),
        (
            {"name": "piecewise_constant", "boundaries": ["1 epochs", "50 %"], "values": [1.0, 0.5, 0.25]},
            10,
            0.5,
            0.25,
        ),
        ({"name": "step", "every": "0.7 epochs"}, 4, 1.0, 0.5),  # 3.5 steps
        ({"name": "step", "every": "1.4 epochs"}, 7, 1.0, 0.5),  # 1.4 * 5 is 7 with dust
        ({"name": "exponential", "decay_rate": 0.5, "over": "7 steps", "staircase": True}, 14, 0.5, 0.25),
        ({"name": "polynomial", "end": 0.2, "over": "4 steps"}, 4, 0.4, 0.2),
        ({"name": "cosine_restarts", "first": "1.4 epochs", "mult": 1}, 14, pytest.approx(0.04951557), 1.0),
        ({"name": "cosine_restarts", "first": "2 steps", "mult": 3}, 8, pytest.approx(0.06698730), 1.0),
        (
            {"name": "triangular", "base": 0.5, "max": 1.0, "half_cycle": "1 epochs"},
            10,
            pytest.approx(0.6),
            0.5,
        ),
    ],
)
def test_both_sides_of_a_boundary(spec: Any, step: int, before: Any, after: Any) -> None:
    rates = build(spec)
    assert (rates(step - 1)[0], rates(step)[0]) == (before, after)


def test_restarts_of_any_length_are_found() -> None:
    for mult in (1.001, 1.1, 1.5, 2.0, 3.0):
        rates = build({"name": "cosine_restarts", "first": "3 steps", "mult": mult}, total=2000)
        begin, length, begins = 0.0, 3.0, [0.0]
        while begin < 2000:
            begin, length = begin + length, length * mult
            begins.append(begin)
        for t in range(2000):
            number = max(i for i, b in enumerate(begins) if b <= t + 1e-6)
            assert rates.schedule._run(t)[0] == pytest.approx(begins[number], abs=1e-6)


def test_cosine_meets_the_end_behind_the_last_step() -> None:
    rates = build({"name": "cosine", "end": 0.1})
    assert rates(TOTAL)[0] == rates(TOTAL + 9)[0] == 0.1 and rates(TOTAL - 1)[0] > 0.1


PIECEWISE = {"name": "piecewise_constant"}
REFUSED: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    (
        {**PIECEWISE, "boundaries": ["1 epochs"], "values": [1.0]},
        {},
        (
            "schedule.values: received 1 boundaries and 1 values; expected one value more than "
            "boundaries; write 2 values, or 0 boundaries"
        ),
    ),
    (
        {**PIECEWISE, "boundaries": ["2 epochs", "5 steps"], "values": [1.0, 0.5, 0.1]},
        {},
        "schedule.boundaries.1: 5 steps (5 steps) is not later than 2 epochs (10 steps); expected "
        "times in rising order; "
        "boundaries: [5 steps, 2 epochs]",
    ),
    (
        {**PIECEWISE, "boundaries": ["0 steps"], "values": [1.0, 0.5]},
        {},
        "schedule.boundaries.0: 0 steps (0 steps) is not later than 0 steps, where training "
        "begins; expected times in rising order; "
        "leave it out",
    ),
    (
        {**PIECEWISE, "boundaries": ["2 epochs", "10 steps"], "values": [1.0, 0.5, 0.1]},
        {},
        "schedule.boundaries.1: 10 steps (10 steps) is not later than 2 epochs (10 steps); "
        "expected times in rising order; "
        "leave it out, and one of the values",
    ),
    (
        {**PIECEWISE, "boundaries": ["6.2 steps", "6.4 steps"], "values": [1.0, 0.5, 0.1]},
        {},
        "schedule.boundaries.1: no step begins from 6.2 steps on and before 6.4 steps, so that the "
        "value between them could never act; "
        "expected times in rising order; leave it out, and one of the values",
    ),
    (
        {**PIECEWISE, "boundaries": ["1 epochs"], "values": [0.5, 0.1]},
        {"written": True},
        "schedule.values: the values stand for the learning rate, so optimizer.lr 1 could never "
        "act; expected the first value, 0.5, or no "
        "optimizer.lr; leave optimizer.lr out, or write optimizer: {lr: 0.5}",
    ),
    (
        {"name": "cosine", "end": 1.0},
        {},
        "schedule.end: end 1 is not below optimizer.lr 1, so the rate could not fall; expected a smaller",
    ),
    (
        {"name": "triangular", "max": 2.0, "half_cycle": "5 epochs"},
        {},
        "schedule.half_cycle: half_cycle 5 epochs is 25 steps; the whole training has 20, so `max` "
        "is never reached; expected a time "
        "within the training; half_cycle: 50 %",
    ),
    (
        {"name": "triangular", "max": 1.0, "half_cycle": "1 epochs"},
        {},
        "schedule.max: max 1 is not above the base 1; expected a higher",
    ),
    (
        {"name": "triangular", "base": 0.5, "max": 2.0, "half_cycle": "1 epochs"},
        {"written": True},
        (
            "schedule.base: base 0.5 stands for the learning rate, so optimizer.lr 1 could never act; "
            "expected one of base and optimizer.lr"
        ),
    ),
    (
        {"name": "one_cycle", "max_momentum": 0.9},
        {"momentum": 0.0},
        "schedule.max_momentum: received max_momentum 0.9, and the optimizer has no momentum to "
        "move; expected an optimizer with momentum; "
        "optimizer: {name: sgd, momentum: 0.9}, or leave it out",
    ),
    (
        {"name": "constant", "warmup": "5 epochs"},
        {},
        "schedule.warmup: the warmup of 5 epochs is 25 steps; the whole training has 20; expected "
        "a warmup no longer than the training; "
        "schedule: {warmup: 10 %}",
    ),
]


@pytest.mark.parametrize(
    ("spec", "options", "said"), REFUSED, ids=[f"{s['name']}-{i}" for i, (s, _, _) in enumerate(REFUSED)]
)
def test_refused(spec: Any, options: Any, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        build(spec, **options)
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize(
    ("name", "key", "more"),
    [
        ("step", "every", {}),
        ("polynomial", "over", {}),
        ("natural_exponential", "per", {"k": 1.0}),
        ("inverse_time", "per", {"k": 1.0}),
        ("cosine_restarts", "first", {}),
        ("triangular", "half_cycle", {"max": 2.0}),
    ],
)
def test_a_time_of_zero(name: str, key: str, more: Any) -> None:
    with pytest.raises(
        ConfigError,
        match=rf"^schedule\.{key}: {key} lasts 0 steps; expected a time longer than 0; {key}: 5 epochs$",
    ):
        build({"name": name, key: "0 epochs", **more})


def test_a_ramp_of_no_time() -> None:
    optimizer = registry.bind(
        "optimizer", {"name": "sgd", "lr": 1.0, "momentum": {"from": 0.5, "to": 0.9, "over": "0 epochs"}}
    )
    with pytest.raises(
        ConfigError, match=r"^optimizer\.momentum\.over: over lasts 0 steps; expected a time longer than 0"
    ):
        build_rates(registry.bind("schedule", "constant"), optimizer, False, PER_EPOCH, 4)
