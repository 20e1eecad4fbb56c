"""Initializers against their definitions, and against torch's own with the same generator."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from dnnlab import registry
from dnnlab.nn.parameter_table import Fans

DENSE = ((400, 250), Fans(250, 400))
CONV = ((64, 32, 5, 5), Fans(32 * 25, 64 * 25))
LAYERS = pytest.mark.parametrize(("shape", "fans"), [DENSE, CONV], ids=["dense", "conv"])
VARIANCES = {
    "lecun": lambda fans: 1 / fans.fan_in,
    "glorot": lambda fans: 1 / ((fans.fan_in + fans.fan_out) / 2),
    "he": lambda fans: 2 / fans.fan_in,
}


def drawn(spec, shape, fans, seed=0):
    weight = torch.empty(shape)
    registry.build("initializer", spec, weight, fans, torch.Generator().manual_seed(seed))
    return weight


@LAYERS
@pytest.mark.parametrize("family", VARIANCES)
def test_normal_form(family, shape, fans):
    weight = drawn(f"{family}_normal", shape, fans).double()
    variance = VARIANCES[family](fans)
    assert weight.var().item() == pytest.approx(variance, rel=0.03)
    assert abs(weight.mean().item()) < 5 * math.sqrt(variance / weight.numel())
    # Not truncated: 0.27 % of normal numbers lie beyond three deviations.
    assert (weight.abs() > 3 * math.sqrt(variance)).double().mean().item() == pytest.approx(0.0027, rel=0.3)


@LAYERS
@pytest.mark.parametrize("family", VARIANCES)
def test_uniform_form(family, shape, fans):
    weight = drawn(f"{family}_uniform", shape, fans).double()
    variance = VARIANCES[family](fans)
    limit = math.sqrt(3 * variance)
    assert weight.var().item() == pytest.approx(variance, rel=0.02)
    assert weight.max().item() == pytest.approx(limit, rel=1e-3) and weight.min().item() == pytest.approx(
        -limit, rel=1e-3
    )
    assert weight.abs().max() <= limit * (1 + 1e-6)


@LAYERS
@pytest.mark.parametrize(
    ("name", "oracle"),
    [
        ("xavier_normal", lambda w, g: nn.init.xavier_normal_(w, generator=g)),
        ("xavier_uniform", lambda w, g: nn.init.xavier_uniform_(w, generator=g)),
        ("kaiming_normal", lambda w, g: nn.init.kaiming_normal_(w, nonlinearity="relu", generator=g)),
        ("kaiming_uniform", lambda w, g: nn.init.kaiming_uniform_(w, nonlinearity="relu", generator=g)),
        ("lecun_normal", lambda w, g: nn.init.kaiming_normal_(w, nonlinearity="linear", generator=g)),
        ("lecun_uniform", lambda w, g: nn.init.kaiming_uniform_(w, nonlinearity="linear", generator=g)),
    ],
)
def test_same_as_torch(name, oracle, shape, fans):
    expected = oracle(torch.empty(shape), torch.Generator().manual_seed(3))
    torch.testing.assert_close(drawn(name, shape, fans, seed=3), expected, rtol=1e-5, atol=1e-7)


def test_limits_in_numbers():
    # 300 -> 100 units: sqrt(6/400), sqrt(6/300), sqrt(3/300)
    shape, fans = (100, 300), Fans(300, 100)
    for name, limit in (("glorot_uniform", 0.12247449), ("he_uniform", 0.14142136), ("lecun_uniform", 0.1)):
        assert drawn(name, shape, fans).abs().max().item() == pytest.approx(limit, rel=1e-3)


def test_naive_ones_do_not_look_at_the_size():
    for shape, fans in (DENSE, CONV):
        assert drawn("zeros", shape, fans).count_nonzero() == 0
        assert drawn("normal", shape, fans).std().item() == pytest.approx(1, rel=0.02)
        assert drawn({"name": "normal", "std": 0.05}, shape, fans).std().item() == pytest.approx(
            0.05, rel=0.02
        )


def test_float64_weights_stay_float64():
    weight = torch.empty(30, 40, dtype=torch.float64)
    registry.build("initializer", "he_normal", weight, Fans(40, 30), torch.Generator().manual_seed(0))
    assert weight.dtype == torch.float64 and not torch.equal(weight, weight.float().double())
