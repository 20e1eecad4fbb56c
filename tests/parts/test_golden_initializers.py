"""Initializers against what Keras draws for the same layers: variance, largest number, and the shape of the
distribution.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
import torch
from scipy import stats

from dnnlab import registry
from dnnlab.nn.parameter_table import Fans

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "initializers.json").read_text())
FORMS = {"dense": ((900, 400), Fans(400, 900)), "conv": ((160, 64, 5, 5), Fans(64 * 25, 160 * 25))}
FIRST = {"constant": "value", "uniform": "limit", "normal": "std", "orthogonal": "gain"}
form = pytest.mark.parametrize("form", FORMS)


def spec(words: list[str]) -> dict[str, Any]:
    """`variance_scaling 2 fan_out uniform`, or a name and the value of its first key."""
    name, *values = words
    if name == "variance_scaling":
        return {"name": name, "scale": float(values[0]), "mode": values[1], "distribution": values[2]}
    return {"name": name, **({FIRST[name]: float(values[0])} if values else {})}


def drawn(
    keys: str | dict[str, Any], form: str, seed: int = 0, dtype: torch.dtype = torch.float32
) -> torch.Tensor:
    shape, fans = FORMS[form]
    weight = torch.empty(shape, dtype=dtype)
    registry.build("initializer", keys, weight, fans, torch.Generator().manual_seed(seed))
    return weight.double()


@pytest.mark.parametrize("case", GOLDEN["drawn"])
def test_draws_what_keras_draws(case: str) -> None:
    *words, form = case.split()
    expected, weight = GOLDEN["drawn"][case], drawn(spec(words), form)
    assert weight.mean().item() == pytest.approx(
        expected["mean"], abs=5 * math.sqrt(expected["variance"] / weight.numel())
    )
    assert weight.var(correction=0).item() == pytest.approx(expected["variance"], rel=0.015)
    whole = (
        words[0] in ("normal", "orthogonal") or words[-1] == "normal"
    )  # the largest of many normal numbers is chance
    assert weight.abs().max().item() == pytest.approx(expected["largest"], rel=0.3 if whole else 2e-3)
    if expected["kurtosis"] is not None:  # uniform -1.2, truncated normal -0.63, normal 0
        assert float(stats.kurtosis(weight.flatten().numpy())) == pytest.approx(
            expected["kurtosis"], abs=0.06
        )


@form
@pytest.mark.parametrize("mode", ["fan_in", "fan_out", "fan_avg"])
@pytest.mark.parametrize("distribution", ["truncated_normal", "normal", "uniform"])
def test_variance_scaling_by_its_formula(form: str, mode: str, distribution: str) -> None:
    fans, scale = FORMS[form][1], 1.7
    n = {"fan_in": fans.fan_in, "fan_out": fans.fan_out, "fan_avg": (fans.fan_in + fans.fan_out) / 2}[mode]
    weight = drawn(
        {"name": "variance_scaling", "scale": scale, "mode": mode, "distribution": distribution}, form, seed=3
    )
    assert weight.var().item() == pytest.approx(scale / n, rel=0.015)
    limit = {"truncated_normal": 2 / 0.87962566103423978, "uniform": math.sqrt(3)}.get(
        distribution, math.inf
    ) * math.sqrt(scale / n)
    assert weight.abs().max().item() <= limit * (1 + 1e-6)


def test_the_factor_of_the_truncated_normal_is_scipy_s() -> None:
    weight = drawn("variance_scaling", "dense")
    std = 1 / stats.truncnorm(-2, 2).std() / math.sqrt(400)
    assert (
        stats.kstest(weight.flatten().numpy()[:20_000], stats.truncnorm(-2, 2, scale=std).cdf).pvalue > 0.001
    )
    assert weight.abs().max().item() <= 2 * std * (1 + 1e-6)


@pytest.mark.parametrize(
    ("named", "scale", "mode", "distribution"),
    [
        ("glorot_normal", 1.0, "fan_avg", "normal"),
        ("glorot_uniform", 1.0, "fan_avg", "uniform"),
        ("he_normal", 2.0, "fan_in", "normal"),
        ("he_uniform", 2.0, "fan_in", "uniform"),
        ("lecun_normal", 1.0, "fan_in", "normal"),
        ("lecun_uniform", 1.0, "fan_in", "uniform"),
    ],
)
def test_the_named_ones_are_cases_of_the_general_one(
    named: str, scale: float, mode: str, distribution: str
) -> None:
    general = {"name": "variance_scaling", "scale": scale, "mode": mode, "distribution": distribution}
    assert torch.equal(drawn(named, "conv"), drawn(general, "conv"))


ALIASES = {
    f"{alias}_{form}": f"{name}_{form}"
    for alias, name in (("xavier", "glorot"), ("kaiming", "he"))
    for form in ("normal", "uniform")
}


@pytest.mark.parametrize(("alias", "name"), ALIASES.items())
def test_other_names(alias: str, name: str) -> None:
    assert registry.bind("initializer", alias).name == name


@pytest.mark.parametrize("shape", [(30, 70), (70, 30), (40, 40), (16, 3, 3, 3), (64, 4, 3, 3)])
@pytest.mark.parametrize("gain", [1.0, 1.5])
def test_orthogonal_has_singular_values_of_gain_alone(shape: tuple[int, ...], gain: float) -> None:
    weight = torch.empty(shape, dtype=torch.float64)
    registry.build(
        "initializer",
        {"name": "orthogonal", "gain": gain},
        weight,
        Fans(1, 1),
        torch.Generator().manual_seed(0),
    )
    values = torch.linalg.svdvals(weight.flatten(1))
    torch.testing.assert_close(values, torch.full_like(values, gain), rtol=1e-12, atol=0)


def test_orthogonal_has_no_preferred_direction() -> None:
    diagonal = drawn("orthogonal", "dense").diagonal()
    assert (
        0.4 < (diagonal > 0).double().mean().item() < 0.6
    )  # without the signs of R, QR's own would mostly be negative


def test_constant_takes_any_number() -> None:
    assert drawn({"name": "constant", "value": -0.5}, "conv").unique().tolist() == [-0.5]
