"""Activations against Keras and SciPy, values and slopes in float64; and the random one by its statistics."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from dnnlab import registry

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "activations.json").read_text())
CASES = [
    pytest.param(case, id="-".join([case["name"], *map(str, case["keys"].values())]))
    for case in GOLDEN["cases"]
]
WITHOUT_ORACLE = {"maxout"}  # Keras 3 has no such; test_activation_numbers.py has numbers by hand


@pytest.mark.parametrize("case", CASES)
def test_values_and_slopes(case: dict[str, Any]) -> None:
    module = registry.build("activation", {"name": case["name"], **case["keys"]}, 1).double().eval()
    points = torch.tensor(GOLDEN["points"], dtype=torch.float64).view(-1, 1).requires_grad_()
    values = module(points)
    values.sum().backward()
    torch.testing.assert_close(values.detach().flatten().tolist(), case["values"], rtol=1e-12, atol=1e-14)
    sixth = case["name"] == "hard_sigmoid"  # torch's slope is 1/6 in float32 even there
    torch.testing.assert_close(
        points.grad.flatten().tolist(), case["slopes"], rtol=1e-7 if sixth else 1e-11, atol=1e-14
    )


def test_every_activation_has_an_oracle() -> None:
    own = {entry.name for entry in registry.entries("activation") if entry.origin is None}
    assert own == {case["name"] for case in GOLDEN["cases"]} | WITHOUT_ORACLE


ALIASES = {
    "swish": "silu",
    "logistic": "sigmoid",
    "hardswish": "hard_swish",
    "hard_silu": "hard_swish",
    "hardtanh": "hard_tanh",
    "hardsigmoid": "hard_sigmoid",
}


@pytest.mark.parametrize(("alias", "name"), ALIASES.items())
def test_other_names(alias: str, name: str) -> None:
    assert registry.bind("activation", alias).name == name


@pytest.mark.parametrize(
    ("name", "at", "least"),
    [("silu", -1.278465, -0.278465), ("mish", -1.192456, -0.308843), ("gelu", -0.751792, -0.169971)],
)
def test_least_values_of_those_that_are_not_monotonic(name: str, at: float, least: float) -> None:
    z = torch.linspace(-4, 4, 800_001, dtype=torch.float64).unsqueeze(1)
    values = registry.build("activation", name, 1).double()(z)
    assert values.min().item() == pytest.approx(least, abs=1e-6)
    assert z[values.argmin()].item() == pytest.approx(at, abs=1e-4)


def test_the_short_form_of_gelu_is_near() -> None:
    z = torch.linspace(-8, 8, 4001, dtype=torch.float64).unsqueeze(1)
    exact, short = (
        registry.build("activation", {"name": "gelu", "approximate": word}, 1)(z) for word in (False, True)
    )
    assert 4e-4 < (exact - short).abs().max().item() < 5e-4


def random_slopes(keys: dict[str, float], seed: int = 0, size: tuple[int, ...] = (400, 500)) -> torch.Tensor:
    torch.default_generator.manual_seed(seed)
    return -registry.build("activation", {"name": "rrelu", **keys}, size[1]).train()(-torch.ones(size))


def test_rrelu_draws_a_uniform_slope_for_every_element() -> None:
    for keys, lower, upper in (({}, 1 / 8, 1 / 3), ({"lower": 0.1, "upper": 0.5}, 0.1, 0.5)):
        slopes = random_slopes(keys).double()
        assert slopes.unique().numel() > 0.9 * slopes.numel()
        assert slopes.min().item() == pytest.approx(lower, abs=1e-4) and slopes.max().item() == pytest.approx(
            upper, abs=1e-4
        )
        assert slopes.mean().item() == pytest.approx((lower + upper) / 2, abs=1e-3)
        assert slopes.var().item() == pytest.approx((upper - lower) ** 2 / 12, rel=0.01)


def test_rrelu_follows_the_default_generator_and_leaves_positive_numbers() -> None:
    assert torch.equal(random_slopes({}, seed=1), random_slopes({}, seed=1))
    assert not torch.equal(random_slopes({}, seed=1), random_slopes({}, seed=2))
    module, ones = registry.build("activation", "rrelu", 3).train(), torch.ones(4, 3)
    assert torch.equal(module(ones), ones)


def test_rrelu_sends_the_drawn_slope_back() -> None:
    inputs = torch.full((5, 4), -1.0, requires_grad=True)
    outputs = registry.build("activation", "rrelu", 4).train()(inputs)
    outputs.sum().backward()
    assert torch.equal(inputs.grad, -outputs.detach())
