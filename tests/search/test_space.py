"""Spaces: what YAML says, what points of it are, and what they put into a config."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import Any

import numpy as np
import pytest
from scipy.stats import kstest

from dnnlab.config.tree import tree
from dnnlab.errors import ConfigError
from dnnlab.search.parse import parse_space
from dnnlab.search.points import grid_points, grid_size, point, random_point
from dnnlab.search.ranges import Choice, Numbers
from dnnlab.search.space import Space

SEARCH: dict[str, Any] = {
    "optimizer.lr": {"log_uniform": [1e-6, 10]},
    "architecture.hidden": {"choice": [[100], [300, 100]]},
    "optimizer": {"choice": [{"name": "adam"}, {"name": "sgd", "momentum": {"uniform": [0.5, 0.99]}}]},
    "training.batch_size": {"log_int": [16, 512]},
}


def space_of(search: dict[str, Any]) -> Space:
    return parse_space(tree(search))


@pytest.mark.parametrize(
    ("numbers", "levels"),
    [
        (Numbers(0.0, 1.0, step=0.1), [round(0.1 * i, 1) for i in range(11)]),
        (Numbers(1, 5, whole=True), [1, 2, 3, 4, 5]),
        (Numbers(16, 64, whole=True, step=16), [16, 32, 48, 64]),
    ],
    ids=["step", "int", "int step"],
)
def test_every_level_is_as_likely_as_the_others(numbers: Numbers, levels: list[float]) -> None:
    shares = (np.arange(11 * 5 * 4 * 100) + 0.5) / (11 * 5 * 4 * 100)
    counts = Counter(numbers.at(share) for share in shares)
    assert sorted(counts) == levels
    assert max(counts.values()) - min(counts.values()) <= 1


def test_log_uniform_is_ten_to_a_uniform_power() -> None:
    space = space_of({"optimizer.lr": {"log_uniform": [1e-6, 10]}})
    powers = [math.log10(random_point(space, 0, n)["optimizer.lr"]) for n in range(2000)]
    assert kstest(powers, "uniform", args=(-6, 7)).pvalue > 0.01
    assert Numbers(1e-6, 10, log=True).at(0.0) == 1e-6
    assert Numbers(1e-6, 10, log=True).at(1.0) == 10


def test_ends_of_log_int_are_included() -> None:
    numbers = Numbers(16, 512, log=True, whole=True)
    assert (numbers.at(0.0), numbers.at(1 - 1e-9)) == (16, 512)


def test_conditional_keys_exist_under_their_choice_only() -> None:
    space = space_of(SEARCH)
    drawn = [random_point(space, 3, n) for n in range(50)]
    assert {("optimizer[1].momentum" in p) == (p["optimizer"] == 1) for p in drawn} == {True}
    assert {p["optimizer"] for p in drawn} == {0, 1}


def test_overrides_put_the_part_before_its_keys() -> None:
    space = space_of(SEARCH)
    sgd = {
        "optimizer.lr": 0.1,
        "architecture.hidden": 0,
        "optimizer": 1,
        "optimizer[1].momentum": 0.7,
        "training.batch_size": 32,
    }
    assert list(space.overrides(sgd).items()) == [
        ("optimizer", {"name": "sgd", "momentum": 0.7}),
        ("optimizer.lr", 0.1),
        ("architecture.hidden", [100]),
        ("training.batch_size", 32),
    ]
    assert space.shown(sgd)["optimizer"] == "sgd"
    assert space.shown(sgd)["optimizer.momentum"] == 0.7


def test_overrides_leave_the_space_as_it_is() -> None:
    space = space_of(SEARCH)
    before = space.plain()
    for number in range(20):
        space.overrides(random_point(space, 0, number))
    assert space.plain() == before == SEARCH


def test_a_point_is_a_function_of_seed_and_number() -> None:
    space = space_of(SEARCH)
    for sampler in ("random", "quasi_random"):
        forward = [point(space, sampler, 7, n) for n in range(16)]
        assert [point(space, sampler, 7, n) for n in reversed(range(16))] == forward[::-1]
        assert point(space, sampler, 8, 0) != forward[0]
        assert len({tuple(p.items()) for p in forward}) == 16


def test_a_further_dimension_leaves_the_other_draws_alone() -> None:
    fewer = space_of({"optimizer.lr": SEARCH["optimizer.lr"]})
    more = space_of({"training.epochs": {"int": [1, 9]}, **SEARCH})
    assert random_point(fewer, 5, 2)["optimizer.lr"] == random_point(more, 5, 2)["optimizer.lr"]


def test_sobol_covers_the_square_more_evenly_than_chance() -> None:
    from scipy.stats import qmc

    space = space_of({"a": {"uniform": [0, 1]}, "b": {"uniform": [0, 1]}})
    spread = {
        s: qmc.discrepancy(np.array([[*point(space, s, 1, n).values()] for n in range(64)]))
        for s in ("random", "quasi_random")
    }
    assert spread["quasi_random"] < spread["random"] / 3


def test_a_grid_holds_every_combination_once_and_conditions_count() -> None:
    space = space_of(
        {
            "activation": {"choice": ["relu", "elu", "tanh"]},
            "optimizer": {
                "choice": ["adam", {"name": "sgd", "momentum": {"uniform": [0, 0.9], "points": 4}}]
            },
        }
    )
    found = [tuple(sorted(p.items())) for p in grid_points(space)]
    assert grid_size(space) == len(found) == len(set(found)) == 3 * (1 + 4)
    assert point(space, "grid", 0, 1)["optimizer[1].momentum"] == 0
    with pytest.raises(ConfigError, match="the grid has no point 15; it has 15"):
        point(space, "grid", 0, 15)


def test_a_grid_asks_for_the_number_of_values() -> None:
    with pytest.raises(
        ConfigError, match=r"search.optimizer.lr: .*a grid needs a number of them; add points: 5"
    ):
        grid_size(space_of({"optimizer.lr": {"log_uniform": [1e-3, 1]}}))
    assert Numbers(1e-3, 1, log=True, points=4).grid() == [1e-3, 1e-2, 1e-1, 1]


@pytest.mark.parametrize(
    ("range_", "text"),
    [
        (
            {"log_uniform": [0, 1]},
            (
                "low 0 has no logarithm; expected a number above 0; write log_uniform: [1e-6, 1], or "
                "uniform for 0"
            ),
        ),
        ({"uniform": [1, 0]}, "low 1 is above high 0; expected [low, high]; write uniform: [0, 1]"),
        (
            {"uniform": [1, 1]},
            "low and high are both 1; expected a range; write the value into the base config",
        ),
        (
            {"int": [1.5, 3]},
            "int received [1.5, 3]; expected whole numbers; write int: [2, 3], or uniform for other",
        ),
        ({"log_int": [0, 64]}, "expected a number above 0; write log_int: [1, 64], or int for 0"),
        ({"log_int": [-3, 64]}, "expected a number above 0; write log_int: [1, 64], or int for such numbers"),
        ({"log_int": [-3, 0]}, "expected a number above 0; write int for such numbers"),
        ({"log_int": [0.5, 64.5]}, "write log_int: [1, 64], or log_uniform for other numbers"),
        ({"log_int": [0.5, 0.7]}, "expected whole numbers; write log_uniform for other numbers"),
        ({"log_uniform": [-1, 1e-7]}, "expected a number above 0; write uniform for such numbers"),
        ({"uniform": [0]}, "uniform received [0]; expected two numbers"),
        ({"uniform": ["a", "b"]}, "expected two numbers"),
        ({"uniform": [0, 1], "step": 2}, "step 2; expected a number above 0 and at most 1"),
        ({"uniform": [0, 1], "points": 0}, "points 0; expected a whole number from 1"),
        ({"unifrom": [0, 1]}, "did you mean uniform"),
        ({"choice": []}, "expected a list of values"),
        ({"choice": ["relu", "relu"]}, "relu is listed twice"),
        ({"choice": ["relu"], "step": 1}, "search.activation.step: no such key here"),
        (3, "received 3; expected one range or one choice"),
        ({"uniform": [0, 1], "int": [0, 1]}, "expected one range or one choice"),
    ],
)
def test_an_impossible_range_is_refused_with_its_place(range_: Any, text: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(text)) as caught:
        space_of({"activation": range_})
    assert all(p.path.startswith("search.activation") for p in caught.value.problems)


def test_all_problems_are_said_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        space_of({"a": {"log_uniform": [0, 1]}, "b": {"choice": []}, "c.": {"uniform": [0, 1]}})
    assert len(caught.value.problems) == 3


def test_a_narrowed_choice_keeps_its_indices() -> None:
    choice = Choice(("a", "b", "c"), allowed=(2,))
    assert choice.at(0.1) == 2
    assert choice.plain() == {"choice": ["c"]}
