"""Normalizations against formulas written out elsewhere and against Keras: outputs and gradients in
float64.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from dnnlab import registry
from dnnlab.errors import ConfigError

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "normalizations.json").read_text())


def numbers(values: Any) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


def made(name: str, form: str = "image", channels: int = 8, **keys: Any) -> torch.nn.Module:
    module = registry.build(
        "normalization", {"name": name, **keys}, channels, 2 if form == "image" else 0
    ).double()
    with torch.no_grad():
        for key, parameter in module.named_parameters():
            parameter.copy_(numbers(GOLDEN[key])[:channels])
    return module


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda c: f"{c['name']}-{c['form']}")
def test_outputs_and_gradients(case: dict[str, Any]) -> None:
    module = made(case["name"], case["form"], **case["keys"])
    inputs = numbers(GOLDEN["inputs"][case["form"]]).requires_grad_()
    outputs = module(inputs)
    torch.testing.assert_close(outputs, numbers(case["outputs"]), rtol=1e-9, atol=1e-11)
    outputs.backward(numbers(GOLDEN["slopes"][case["form"]]))
    torch.testing.assert_close(inputs.grad, numbers(case["of_inputs"]), rtol=1e-9, atol=1e-11)
    assert {f"of_{key}" for key, _ in module.named_parameters()} == {
        key for key in case if key in ("of_weight", "of_bias")
    }
    for key, parameter in module.named_parameters():
        torch.testing.assert_close(parameter.grad, numbers(case[f"of_{key}"]), rtol=1e-9, atol=1e-11)


def test_every_normalization_of_outputs_is_there() -> None:
    own = {
        e.name for e in registry.entries("normalization") if e.origin is None and e.flags["form"] == "module"
    }
    assert own == {case["name"] for case in GOLDEN["cases"]}


@pytest.mark.parametrize("name", ["layer", "group", "instance", "rms"])
def test_rows_do_not_see_each_other_and_evaluation_does_the_same(name: str) -> None:
    module = made(name, **({"groups": 4} if name == "group" else {}))
    inputs = numbers(GOLDEN["inputs"]["image"])
    whole = module.train()(inputs)
    torch.testing.assert_close(module.eval()(inputs), whole, rtol=0, atol=0)
    torch.testing.assert_close(torch.cat([module(row[None]) for row in inputs]), whole)


def test_batch_in_evaluation_uses_the_running_values_of_training() -> None:
    module, decay = made("batch", decay=0.75), 0.75
    mean, variance = torch.zeros(8, dtype=torch.float64), torch.ones(8, dtype=torch.float64)
    for scale in (1.0, 2.0, 0.5):
        inputs = numbers(GOLDEN["inputs"]["image"]) * scale + scale
        module.train()(inputs)
        apart = inputs.transpose(0, 1).flatten(1)
        mean, variance = (
            decay * mean + (1 - decay) * apart.mean(1),
            decay * variance + (1 - decay) * apart.var(1, correction=1),
        )
    torch.testing.assert_close(module.running_mean, mean)
    torch.testing.assert_close(module.running_var, variance)
    expected = F.batch_norm(
        inputs, mean, variance, numbers(GOLDEN["weight"]), numbers(GOLDEN["bias"]), training=False, eps=1e-5
    )
    before = module.running_mean.clone()
    torch.testing.assert_close(module.eval()(inputs), expected)
    assert torch.equal(module.running_mean, before), "evaluation moves nothing"


@pytest.mark.parametrize(
    ("keys", "arguments", "text"),
    [
        (
            {"name": "group", "groups": 3},
            (8, 2),
            (
                "groups: received 3, which does not divide 8 channels; expected one of 1, 2, 4, 8; "
                "write groups: 2"
            ),
        ),
        (
            {"name": "group"},
            (100, 0),
            (
                "groups: received 32, which does not divide 100 channels; expected one of 1, 2, 4, 5, "
                "10, 20, 25, 50; write groups: 25"
            ),
        ),
        (
            {"name": "group", "groups": 8},
            (8, 0),
            (
                "groups: received 8, which leaves a group a single number, always 0; expected one of "
                "1, 2, 4; write groups: 4"
            ),
        ),
        (
            {"name": "group", "groups": 1},
            (1, 0),
            (
                "a layer of one unit; two units or more (one number minus its own mean is always 0); "
                "write normalization: none for this layer"
            ),
        ),
        (
            {"name": "instance"},
            (8, 0),
            "instance normalization of a dense layer: one number minus its own mean is always 0; "
            "expected a convolution; "
            "write normalization: none for the dense layers under per_layer, or choose layer normalization",
        ),
    ],
)
def test_what_cannot_act_is_refused(keys: dict[str, Any], arguments: tuple[int, int], text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        registry.build("normalization", keys, *arguments)
    assert str(caught.value) == text


@pytest.mark.parametrize("keys", [{"name": "instance"}, {"name": "group", "groups": 8}])
def test_images_of_one_place_are_refused_where_they_meet_it(keys: dict[str, Any]) -> None:
    with pytest.raises(RuntimeError, match="a group of one number, which minus its own mean is always 0"):
        registry.build("normalization", keys, 8, 2)(torch.randn(4, 8, 1, 1))
