"""Stages, borders, importance and the ledger."""

from __future__ import annotations

from typing import Any

import pytest

from dnnlab.config.tree import tree
from dnnlab.errors import ConfigError
from dnnlab.search.borders import borders
from dnnlab.search.importance import importance
from dnnlab.search.ledger import Ledger
from dnnlab.search.parse import parse_space
from dnnlab.search.points import random_point
from dnnlab.search.ranges import Numbers
from dnnlab.search.space import Space
from dnnlab.search.stages import Stage, best_points, check_stages, narrow


def space_of(search: dict[str, Any]) -> Space:
    return parse_space(tree(search))


LR = {"optimizer.lr": {"log_uniform": [1e-6, 1]}}


def test_zoom_draws_in_the_box_of_the_best() -> None:
    space = space_of(
        {**LR, "activation": {"choice": ["relu", "elu", "tanh"]}, "training.batch_size": {"int": [8, 64]}}
    )
    best = [
        {"optimizer.lr": lr, "activation": a, "training.batch_size": b}
        for lr, a, b in [(1e-4, 0, 10), (1e-2, 2, 40), (1e-3, 0, 20)]
    ]
    box = narrow(space, best)
    assert box.space["optimizer.lr"].range == Numbers(1e-4, 1e-2, log=True)
    assert box.space["training.batch_size"].range == Numbers(10, 40, whole=True)
    drawn = [random_point(box.space, 0, n) for n in range(60)]
    assert {p["activation"] for p in drawn} == {0, 2}
    assert all(1e-4 <= p["optimizer.lr"] <= 1e-2 and 10 <= p["training.batch_size"] <= 40 for p in drawn)
    assert set(box.changed) == {"optimizer.lr", "activation", "training.batch_size"}


@pytest.mark.parametrize(
    ("value", "ends"), [(1e-3, (5.01e-4, 2e-3)), (1e-6, (1e-6, 4e-6)), (1.0, (0.25, 1.0))]
)
def test_a_box_of_one_value_keeps_a_tenth_of_the_range_and_stays_inside(
    value: float, ends: tuple[float, float]
) -> None:
    box = narrow(space_of(LR), [{"optimizer.lr": value}] * 3).space["optimizer.lr"].range
    assert isinstance(box, Numbers)
    assert (box.low, box.high) == pytest.approx(ends, rel=0.01)


@pytest.mark.parametrize(
    ("stages", "text"),
    [
        ([Stage(0, 5, zoom=3)], "zoom: 3 in the first stage; expected trials"),
        ([Stage(0, 4), Stage(1, 2, keep=9)], "keep: 9 of a stage of 4 trials; expected at most 4; keep: 4"),
    ],
)
def test_a_stage_cannot_take_more_than_there_is(stages: list[Stage], text: str) -> None:
    with pytest.raises(ConfigError, match=text):
        check_stages(stages)


def test_best_points_by_direction() -> None:
    results = [({"a": 1.0}, 0.5), ({"a": 2.0}, 0.9), ({"a": 3.0}, 0.9)]
    assert best_points(results, 2, "max") == [{"a": 2.0}, {"a": 3.0}]
    assert best_points(results, 1, "min") == [{"a": 1.0}]


@pytest.mark.parametrize(
    ("value", "edge", "suggestion"),
    [
        (1.5e-6, "low", {"log_uniform": [1.5e-9, 1.5e-3]}),
        (0.9, "high", {"log_uniform": [0.0009, 900.0]}),
        (1e-3, None, None),
    ],
)
def test_the_border_of_a_log_range_is_in_log_space(value: float, edge: str | None, suggestion: Any) -> None:
    found = borders(space_of(LR), {"optimizer.lr": value})
    assert [b.edge for b in found] == ([edge] if edge else [])
    assert [b.json()["suggestion"] for b in found] == ([{"optimizer.lr": suggestion}] if edge else [])


def test_the_range_to_try_next_stays_where_the_config_takes_it() -> None:
    space = space_of(
        {"optimizer.momentum": {"uniform": [0.5, 0.99]}, "regularizers.dropout.rate": {"uniform": [0, 0.6]}}
    )
    best = {"optimizer.momentum": 0.985, "regularizers.dropout.rate": 0.01}
    found = {b.address: b for b in borders(space, best, lambda address, value: 0 <= value < 1)}
    momentum = found["optimizer.momentum"].suggestion
    assert momentum is not None and 0.99 < momentum.high < 1
    assert momentum.low == pytest.approx(0.74, abs=0.01)
    assert found["regularizers.dropout.rate"].suggestion is None  # nothing lies below 0


@pytest.mark.parametrize("word", ["int", "log_int"])
@pytest.mark.parametrize("most", [10_000, 300, 256])
@pytest.mark.parametrize("value", [16, 17, 250, 256])
def test_the_range_to_try_next_of_whole_numbers_is_whole(word: str, most: int, value: int) -> None:
    space = space_of({"training.batch_size": {word: [16, 256]}})
    for border in borders(space, {"training.batch_size": value}, lambda address, n: 8 <= n <= most):
        ends = border.json()["suggestion"] and border.json()["suggestion"]["training.batch_size"][word]
        assert ends is None or [type(end) for end in ends] == [int, int]


def test_importance_finds_the_one_that_matters() -> None:
    space = space_of(
        {**LR, "activation": {"choice": ["relu", "elu"]}, "regularizers.dropout.rate": {"uniform": [0, 0.6]}}
    )
    points = [random_point(space, 0, n) for n in range(60)]
    results = [(p, -abs(space["optimizer.lr"].range.position(p["optimizer.lr"]) - 0.5)) for p in points]  # type: ignore[union-attr]
    found = importance(space, results, "max")
    assert next(iter(found)) == "optimizer.lr"
    assert found["optimizer.lr"] > 0.7
    assert sum(found.values()) == pytest.approx(1)
    assert importance(space, results[:9], "max") == {}


def planned(number: int, seeds: list[int]) -> dict[str, Any]:
    return {
        "event": "planned",
        "trial": number,
        "stage": 0,
        "point": {"optimizer.lr": 0.1 * (number + 1)},
        "seeds": seeds,
    }


EVENTS: list[dict[str, Any]] = [
    {"event": "stage", "stage": 0},
    *(planned(n, [0, 1]) for n in range(4)),
    {"event": "started", "trial": 0, "seed": 0, "run": "t0s0"},
    {"event": "started", "trial": 1, "seed": 0, "run": "t1s0"},
    {"event": "result", "trial": 0, "seed": 0, "value": 0.5, "status": "done", "seconds": 2.0},
    {"event": "failed", "trial": 1, "seed": 0, "status": "diverged", "reason": "NaN"},
    {"event": "started", "trial": 0, "seed": 1, "run": "t0s1"},
    {"event": "result", "trial": 0, "seed": 1, "value": 0.7, "status": "done", "seconds": 1.0},
    {"event": "started", "trial": 2, "seed": 0, "run": "t2s0"},
    {"event": "pruned", "trial": 2, "seed": 0, "status": "pruned", "reason": "below the median"},
]


@pytest.mark.parametrize("cut", range(len(EVENTS) + 1))
def test_the_ledger_adds_up_at_every_moment(cut: int) -> None:
    counts = Ledger.read(EVENTS[:cut]).counts()
    assert counts["planned"] == counts["done"] + counts["pruned"] + counts["failed"] + counts["pending"]


def test_the_ledger_averages_over_seeds_and_knows_what_is_missing() -> None:
    ledger = Ledger.read(EVENTS)
    assert ledger.counts() == {"planned": 4, "done": 1, "pruned": 1, "failed": 1, "pending": 1}
    assert ledger.results() == [({"optimizer.lr": 0.1}, pytest.approx(0.6))]
    assert ledger.trials[0].seconds == 3.0
    assert [t.number for t in ledger.pending()] == [3]
    half = Ledger.read(EVENTS[:8])
    assert half.trials[0].missing() == [1] and half.trials[0].value is None


def test_the_ledger_refuses_what_cannot_be() -> None:
    ledger = Ledger.read(EVENTS)
    with pytest.raises(ValueError, match="result of trial 1, which is over"):
        ledger.add({"event": "result", "trial": 1, "seed": 0, "value": 1.0})
    with pytest.raises(ValueError, match="trial 0 is planned twice"):
        ledger.add(planned(0, [0]))
