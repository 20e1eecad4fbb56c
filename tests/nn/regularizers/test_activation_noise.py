"""Dropout's relatives behind hidden activations: their mean, their variance and what they draw for, by hand
and against Keras.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
import torch
from helpers.parameter_tables import build, table_of
from torch import Tensor

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "regularizers.json").read_text())
ROWS, WIDTH = 2000, 500


def behind(spec: dict[str, Any], layer: str = "hidden1", channels: int = 10, spatial_dims: int = 0) -> Any:
    """The module that the regularizer puts behind a layer."""
    return build(spec, table_of(spec["name"], {})).after_activation(layer, channels, spatial_dims)


def near(numbers: Tensor, mean: float, variance: float, fourth: float) -> None:
    """Mean and variance of independent draws, each to five of its standard errors. fourth: the fourth central
    moment.
    """
    n = numbers.numel()
    assert float(numbers.double().mean()) == pytest.approx(mean, abs=5 * math.sqrt(variance / n))
    assert float(numbers.double().var()) == pytest.approx(
        variance, abs=5 * math.sqrt((fourth - variance**2) / n)
    )


@pytest.mark.parametrize("rate", [0.1, 0.5])
def test_gaussian_dropout_has_the_mean_and_the_variance_of_dropout(rate: float) -> None:
    module = behind({"name": "gaussian_dropout", "rate": rate})
    torch.manual_seed(0)
    outputs = module.train()(torch.full((ROWS, WIDTH), 2.0))
    variance = 4 * rate / (1 - rate)
    near(outputs, 2.0, variance, 3 * variance**2)  # a normal draw's fourth moment
    assert float((outputs == 0).float().mean()) < 1e-4
    assert torch.equal(module.eval()(outputs), outputs)


@pytest.mark.parametrize("rate", [0.05, 0.3])
def test_alpha_dropout_keeps_mean_and_variance_behind_selu(rate: float) -> None:
    """selu of N(0, 1) has mean 0 and variance 1; what alpha dropout makes of it must have them too."""
    module = behind({"name": "alpha_dropout", "rate": rate})
    torch.manual_seed(0)
    inputs = torch.nn.functional.selu(torch.randn(ROWS, WIDTH))
    outputs = module.train()(inputs)
    fourth = float((outputs.double() - outputs.double().mean()).pow(4).mean())
    near(outputs, 0.0, 1.0, fourth)
    assert torch.equal(module.eval()(inputs), inputs)
    plain = torch.nn.functional.dropout(inputs, rate)
    assert abs(float(plain.var()) - 1) > 0.04  # plain dropout does not


@pytest.mark.parametrize("case", GOLDEN["alpha_dropout"], ids=lambda case: str(case["rate"]))
def test_alpha_dropout_has_the_numbers_of_keras(case: dict[str, float]) -> None:
    module = behind({"name": "alpha_dropout", "rate": case["rate"]}).train()
    for value, name in ((0.0, "zero"), (1.0, "one")):
        found = module(torch.full((400,), value, dtype=torch.float64)).unique().tolist()
        assert found == pytest.approx(sorted([case["dropped"], case[name]]), rel=1e-9)


def test_spatial_dropout_drops_whole_channels_of_single_rows() -> None:
    module = behind({"name": "spatial_dropout", "rate": 0.25}, "conv1", 8, 2).train()
    torch.manual_seed(0)
    outputs = module(torch.full((4000, 8, 3, 3), 3.0))
    channels = outputs[:, :, 0, 0]
    assert torch.equal(outputs, channels[:, :, None, None].expand_as(outputs))
    assert channels.unique().tolist() == pytest.approx([0.0, 4.0])
    error = math.sqrt(0.25 * 0.75 / channels.numel())
    assert float((channels == 0).float().mean()) == pytest.approx(0.25, abs=5 * error)
    assert float((channels[:, 0] * channels[:, 1] == 0).float().mean()) == pytest.approx(
        1 - 0.75**2, abs=0.04
    )  # one by one
    assert torch.equal(module.eval()(outputs), outputs)


@pytest.mark.parametrize("name", ["spatial_dropout", "gaussian_dropout", "alpha_dropout"])
def test_they_act_where_they_are_told(name: str) -> None:
    dims = 2 if name == "spatial_dropout" else 0
    places = [behind({"name": name, "layers": "hidden2..hidden3"}, f"hidden{i}", 10, dims) for i in (1, 2, 3)]
    assert [place is not None for place in places] == [False, True, True]
    assert behind({"name": name, "rate": 0.0}, "hidden1", 10, dims) is None


def test_spatial_dropout_leaves_dense_layers_alone() -> None:
    assert behind({"name": "spatial_dropout"}, "hidden1", 10, 0) is None
