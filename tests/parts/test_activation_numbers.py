"""Activations against numbers computed by hand."""

from __future__ import annotations

import math

import pytest
import torch

from dnnlab import registry
from dnnlab.errors import ConfigError

SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772  # Klambauer et al. 2017, appendix


@pytest.mark.parametrize(
    ("spec", "inputs", "expected"),
    [
        ("identity", [-2.0, 0.5], [-2.0, 0.5]),
        ("relu", [-2.0, 0.0, 3.0], [0.0, 0.0, 3.0]),
        ("elu", [-1.0, 2.0], [math.exp(-1) - 1, 2.0]),
        ({"name": "elu", "alpha": 0.5}, [-1.0, 2.0], [0.5 * (math.exp(-1) - 1), 2.0]),
        ("selu", [-1.0, 2.0], [SELU_SCALE * SELU_ALPHA * (math.exp(-1) - 1), SELU_SCALE * 2]),
        ("tanh", [-0.5, 1.0], [math.tanh(-0.5), math.tanh(1)]),
        ("sigmoid", [0.0, -2.0], [0.5, 1 / (1 + math.exp(2))]),
        ("logistic", [0.0, 3.0], [0.5, 1 / (1 + math.exp(-3))]),
        ("leaky_relu", [-2.0, 3.0], [-0.02, 3.0]),
        ({"name": "leaky_relu", "negative_slope": 0.2}, [-2.0, 3.0], [-0.4, 3.0]),
        ("prelu", [-2.0, 3.0], [-0.5, 3.0]),
    ],
)
def test_values(spec, inputs, expected):
    outputs = registry.build("activation", spec, len(inputs))(torch.tensor([inputs]))
    torch.testing.assert_close(outputs, torch.tensor([expected]))


def test_selu_keeps_mean_and_variance():
    z = torch.randn(200_000, 1, generator=torch.Generator().manual_seed(0))
    a = registry.build("activation", "selu", 1)(z)
    assert abs(a.mean()) < 0.01 and abs(a.var() - 1) < 0.02


def test_prelu_is_shared_or_per_channel():
    assert registry.build("activation", "prelu", 5).weight.tolist() == [0.25]
    module = registry.build("activation", {"name": "prelu", "init": 0.5, "shared": False}, 3)
    assert module.weight.tolist() == [0.5, 0.5, 0.5]
    with torch.no_grad():
        module.weight.copy_(torch.tensor([0.1, 0.2, 0.3]))
    for shape in ((2, 3), (2, 3, 4, 4)):
        outputs = module(-torch.ones(shape))
        torch.testing.assert_close(
            outputs, -torch.tensor([0.1, 0.2, 0.3]).view(-1, *(1,) * (len(shape) - 2)).expand(shape)
        )


def test_prelu_learns_its_slope():
    module = registry.build("activation", "prelu", 2)
    module(torch.tensor([[-2.0, 3.0], [-1.0, -4.0]])).sum().backward()
    assert module.weight.grad.tolist() == [-7.0]  # the sum of the negative inputs


def test_maxout_takes_the_largest_piece():
    maxout = registry.build("activation", {"name": "maxout", "pieces": 3}, 2)
    pieces = torch.tensor([[[1.0, -5.0], [4.0, -6.0], [2.0, -1.0]]])  # (1, piece, unit)
    assert maxout(pieces.flatten(1)).tolist() == [[4.0, -1.0]]
    images = torch.randn(2, 6, 4, 5, generator=torch.Generator().manual_seed(0))
    expected = torch.maximum(torch.maximum(images[:, 0:2], images[:, 2:4]), images[:, 4:6])
    assert torch.equal(maxout(images), expected)


def test_maxout_sends_the_gradient_to_the_largest_piece():
    inputs = torch.tensor([[1.0, -5.0, 4.0, -6.0]], requires_grad=True)
    registry.build("activation", "maxout", 2)(inputs).sum().backward()
    assert inputs.grad.tolist() == [[0.0, 1.0, 1.0, 0.0]]


def test_maxout_of_two_pieces_can_be_the_absolute_value():
    z = torch.linspace(-2, 2, 9).unsqueeze(1)
    assert torch.equal(registry.build("activation", "maxout", 1)(torch.cat([z, -z], 1)), z.abs())


def test_maxout_says_by_how_much_it_widens():
    bound = registry.bind("activation", {"name": "maxout", "pieces": 4})
    assert bound.keys[bound.flag("widens")] == 4
    assert registry.bind("activation", "relu").flag("widens") == 1


def test_initializers_that_suit():
    flags = {e.name: e.flags["initializer"] for e in registry.entries("activation") if e.origin is None}
    suited = {
        "he_normal": "relu leaky_relu rrelu prelu relu6 elu celu gelu silu mish softplus hard_swish",
        "lecun_normal": "selu",
    }
    suited["glorot_uniform"] = "identity sigmoid tanh softsign hard_tanh hard_sigmoid maxout"
    assert flags == {name: initializer for initializer, names in suited.items() for name in names.split()}


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        ({"name": "maxout", "pieces": 1}, "activation.pieces: received 1; expected a number >= 2"),
        ({"name": "elu", "alpha": 0}, "activation.alpha: received 0; expected a number > 0"),
        ({"name": "prelu", "shared": "yes"}, 'activation.shared: received "yes"; expected true or false'),
    ],
)
def test_impossible_keys_are_refused(spec, text):
    with pytest.raises(ConfigError) as caught:
        registry.bind("activation", spec)
    assert str(caught.value) == text
