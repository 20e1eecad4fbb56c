"""Normalizations against numbers computed by hand in float64."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from dnnlab import registry
from dnnlab.errors import ConfigError
from dnnlab.nn.layers.linear_maps import Conv, Dense, TiedDense


def randn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed)) * 3 + 2


def test_decay_weighs_the_old_value():
    module = registry.build("normalization", {"name": "batch", "decay": 0.75}, 3, 0).double()
    mean, variance = torch.zeros(3, dtype=torch.float64), torch.ones(3, dtype=torch.float64)
    for seed in range(4):
        inputs = randn(10, 3, seed=seed)
        module(inputs)
        mean = 0.75 * mean + 0.25 * inputs.mean(0)
        variance = 0.75 * variance + 0.25 * inputs.var(0)
    torch.testing.assert_close(module.running_mean, mean)
    torch.testing.assert_close(module.running_var, variance)
    torch.testing.assert_close(module.eval()(inputs), (inputs - mean) / (variance + 1e-5).sqrt())


def test_default_decay_is_nine_tenths():
    module = registry.build("normalization", "batch", 1, 0)
    module(torch.tensor([[10.0], [30.0]]))
    assert module.running_mean.item() == pytest.approx(2.0)  # 0.9 * 0 + 0.1 * 20
    assert module.running_var.item() == pytest.approx(0.9 + 0.1 * 200)


def test_batch_normalizes_over_rows_and_places():
    module = registry.build("normalization", {"name": "batch", "eps": 0.5}, 4, 2).double()
    inputs = randn(6, 4, 3, 3)
    with torch.no_grad():
        module.weight.copy_(torch.tensor([1.0, 2.0, 3.0, 4.0]))
        module.bias.fill_(0.25)
    mean, variance = inputs.mean((0, 2, 3), keepdim=True), inputs.var((0, 2, 3), correction=0, keepdim=True)
    gain = torch.tensor([1.0, 2.0, 3.0, 4.0], dtype=torch.float64).view(1, 4, 1, 1)
    torch.testing.assert_close(module(inputs), gain * (inputs - mean) / (variance + 0.5).sqrt() + 0.25)


def test_numbers_of_batch_normalization_on_784_inputs():
    module = registry.build("normalization", "batch", 784, 0)
    vectors = [t for t in module.state_dict().values() if t.ndim == 1]
    assert len(vectors) == 4 and sum(t.numel() for t in vectors) == 3136
    assert sum(p.numel() for p in module.parameters()) == 1568
    assert (
        list(registry.build("normalization", {"name": "batch", "affine": False}, 784, 0).parameters()) == []
    )


def test_momentum_is_refused_with_both_conversions():
    entry = registry.find("normalization", "batch")
    assert "momentum" not in entry.fields
    assert (
        "1 - m" in entry.hints["momentum"]
        and "decay: 0.9 " in entry.hints["momentum"]
        and "decay: 0.99)" in entry.hints["momentum"]
    )


def test_layer_normalizes_each_row():
    inputs = randn(5, 7)
    expected = (inputs - inputs.mean(1, keepdim=True)) / (
        inputs.var(1, correction=0, keepdim=True) + 1e-5
    ).sqrt()
    torch.testing.assert_close(registry.build("normalization", "layer", 7, 0).double()(inputs), expected)


def test_layer_normalizes_each_image_with_a_scale_per_channel():
    module = registry.build("normalization", {"name": "layer", "eps": 0.1}, 3, 2).double()
    with torch.no_grad():
        module.weight.copy_(torch.tensor([1.0, 2.0, 3.0]))
    inputs = randn(5, 3, 4, 4)
    mean, variance = inputs.mean((1, 2, 3), keepdim=True), inputs.var((1, 2, 3), correction=0, keepdim=True)
    gain = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64).view(1, 3, 1, 1)
    torch.testing.assert_close(module(inputs), gain * (inputs - mean) / (variance + 0.1).sqrt())


def test_layer_of_one_unit_is_refused():
    with pytest.raises(ConfigError) as caught:
        registry.build("normalization", "layer", 1, 0)
    assert str(caught.value) == (
        "a layer of one unit; two units or more (one number minus its own mean is always 0); write "
        "normalization: none for this layer"
    )


@pytest.mark.parametrize("form", ["dense", "conv"])
def test_weight_starts_from_the_initial_weight(form):
    layer = Dense(6, 4) if form == "dense" else Conv(2, 4, 3)
    registry.build("normalization", "weight", layer)
    nn.init.normal_(layer.weight, generator=torch.Generator().manual_seed(0))
    for set_up in layer.after_initialization:
        set_up(layer)
    torch.testing.assert_close(layer.weight_in_use(), layer.weight.detach())
    assert layer.gain.shape == (4,)
    assert sorted(name for name, _ in layer.named_parameters()) == ["bias", "gain", "weight"]


def test_weight_around_a_finished_layer_changes_nothing():
    layer = Dense(6, 4)
    nn.init.normal_(layer.weight, generator=torch.Generator().manual_seed(0))
    before = layer(torch.ones(1, 6))
    torch.testing.assert_close(registry.build("normalization", "weight", layer)(torch.ones(1, 6)), before)


def test_weight_is_gain_times_direction():
    layer = registry.build("normalization", "weight", Dense(2, 2))
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[3.0, 4.0], [0.0, -2.0]]))
        layer.gain.copy_(torch.tensor([10.0, 0.5]))
    torch.testing.assert_close(layer.weight_in_use(), torch.tensor([[6.0, 8.0], [0.0, -0.5]]))
    torch.testing.assert_close(layer(torch.tensor([[1.0, 1.0]])), torch.tensor([[14.0, -0.5]]))


def test_weight_gradients_are_those_of_torch():
    ours, theirs = (
        registry.build("normalization", "weight", Dense(5, 3).double()),
        nn.Linear(5, 3, dtype=torch.float64),
    )
    theirs = nn.utils.parametrizations.weight_norm(theirs)
    parts = theirs.parametrizations.weight
    with torch.no_grad():
        for tensor, seed in ((ours.weight, 0), (ours.gain, 1), (ours.bias, 2)):
            tensor.copy_(randn(*tensor.shape, seed=seed))
        parts.original1.copy_(ours.weight)
        parts.original0.copy_(ours.gain.unsqueeze(1))
        theirs.bias.copy_(ours.bias)
    inputs = randn(7, 5, seed=3)
    torch.testing.assert_close(ours(inputs), theirs(inputs))
    ours(inputs).square().sum().backward()
    theirs(inputs).square().sum().backward()
    torch.testing.assert_close(ours.weight.grad, parts.original1.grad)
    torch.testing.assert_close(ours.gain.grad, parts.original0.grad.squeeze(1))


def test_weight_of_zeros_stays_finite():
    layer = registry.build("normalization", "weight", Dense(3, 2))
    layer(torch.ones(4, 3)).sum().backward()
    assert layer.weight_in_use().count_nonzero() == 0
    assert all(p.grad.isfinite().all() for p in layer.parameters())


def test_a_borrowed_weight_is_normalized_where_it_lives():
    source = registry.build("normalization", "weight", Dense(3, 2))
    tied = registry.build("normalization", "weight", TiedDense(source))
    assert [name for name, _ in tied.named_parameters()] == ["bias"] and tied.weight_functions == []
    with torch.no_grad():
        source.weight.fill_(1.0)
        source.gain.fill_(3.0**0.5)
    torch.testing.assert_close(tied(torch.tensor([[1.0, 0.0]])), torch.ones(1, 3))


@pytest.mark.parametrize("name", ["layer", "group", "instance", "rms", "batch"])
def test_inputs_without_a_gradient_in_channels_last(name):
    """Torch's GroupNorm crashes the process there; such inputs are images, and what frozen layers give."""
    keys = {"groups": 2} if name == "group" else {"affine": True} if name == "instance" else {}
    modules = [registry.build("normalization", {"name": name, **keys}, 4, 2) for _ in range(2)]
    images = randn(5, 4, 12, 12).float()
    for module, inputs in zip(
        modules, (images, images.contiguous(memory_format=torch.channels_last)), strict=True
    ):
        (module(inputs) * images).sum().backward()
    for plain, other in zip(*[m.parameters() for m in modules], strict=True):
        torch.testing.assert_close(plain.grad, other.grad, rtol=1e-4, atol=1e-4)
