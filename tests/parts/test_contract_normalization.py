"""What every normalization must hold, whoever wrote it."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from dnnlab import registry
from dnnlab.errors import ConfigError
from dnnlab.nn.layers.linear_maps import Conv, Dense

ENTRIES = registry.entries("normalization")
MODULES = [e for e in ENTRIES if e.flags["form"] == "module"]
WEIGHTS = [e for e in ENTRIES if e.flags["form"] == "weight"]
CHANNELS = 64  # more than the groups of any default


def takes(entry: registry.RegistryEntry, spatial_dims: int) -> bool:
    """Whether it works on such layers; one that does not must say so in a `ConfigError`."""
    try:
        registry.build("normalization", entry.name, CHANNELS, spatial_dims)
    except ConfigError as error:
        assert all(p.received and p.expected and p.fix for p in error.problems)
        return False
    return True


FORMS = [
    pytest.param(e, d, id=f"{e.name}-{'image' if d else 'dense'}")
    for e in MODULES
    for d in (0, 2)
    if takes(e, d)
]
modules = pytest.mark.parametrize(("entry", "spatial_dims"), FORMS)
weights = pytest.mark.parametrize("entry", WEIGHTS, ids=[e.name for e in WEIGHTS])


def inputs_of(spatial_dims: int, seed: int = 0, channels: int = CHANNELS) -> torch.Tensor:
    return (
        torch.randn(16, channels, *(6,) * spatial_dims, generator=torch.Generator().manual_seed(seed)) * 3 + 1
    )


def made(entry: registry.RegistryEntry, spatial_dims: int, example: bool = False) -> nn.Module:
    return registry.bind("normalization", {"name": entry.name, **(entry.example if example else {})})(
        CHANNELS, spatial_dims
    )


@modules
@pytest.mark.parametrize("example", [False, True], ids=["defaults", "example"])
def test_shapes_and_gradients(entry, spatial_dims, example):
    module = made(entry, spatial_dims, example)
    inputs = inputs_of(spatial_dims).requires_grad_()
    outputs = module(inputs)
    assert outputs.shape == inputs.shape
    (outputs**3).sum().backward()
    assert inputs.grad.isfinite().all() and inputs.grad.abs().sum() > 0
    assert all(p.grad is not None for p in module.parameters())
    assert module.eval()(inputs).shape == inputs.shape


@modules
def test_does_not_care_about_scale(entry, spatial_dims):
    module = made(entry, spatial_dims)
    inputs = inputs_of(spatial_dims)
    torch.testing.assert_close(
        module(inputs * 1e5), module(inputs * 1e3), rtol=1e-3, atol=1e-3
    )  # where eps is nothing


@modules
def test_state_makes_a_copy(entry, spatial_dims):
    module, other = made(entry, spatial_dims), made(entry, spatial_dims)
    for seed in range(3):
        module(inputs_of(spatial_dims, seed))
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(0.5)
    other.load_state_dict(module.state_dict())
    inputs = inputs_of(spatial_dims, 9)
    expected = module.eval()(inputs)
    assert torch.equal(other.eval()(inputs), expected)
    assert torch.equal(copy.deepcopy(module)(inputs), expected)


@modules
def test_cancels_bias_as_it_says(entry, spatial_dims):
    module = made(entry, spatial_dims)
    inputs = inputs_of(spatial_dims)
    bias = torch.linspace(-2, 2, CHANNELS).view(-1, *(1,) * spatial_dims)
    same = torch.allclose(module(inputs + bias), module(inputs), atol=1e-5)
    assert same == entry.flags["cancels_bias"]


@modules
def test_example_changes_something(entry, spatial_dims):
    assert bool(entry.example) == bool(entry.own_fields)
    if entry.example:
        default, example = made(entry, spatial_dims), made(entry, spatial_dims, example=True)
        for module in (default, example):
            module(inputs_of(spatial_dims))
        assert not torch.equal(
            default.eval()(inputs_of(spatial_dims, 1)), example.eval()(inputs_of(spatial_dims, 1))
        )


def test_every_one_works_on_some_layers():
    assert {e.name for e in MODULES} == {form.values[0].name for form in FORMS}


@pytest.mark.parametrize("entry", ENTRIES, ids=[e.name for e in ENTRIES])
def test_docstring_explains_every_key(entry):
    assert [key for key in entry.own_fields if f"{key}:" not in entry.doc] == []


def wrapped(entry: registry.RegistryEntry, form: str, seed: int = 0) -> nn.Module:
    """A dense or convolutional layer with random weights under the normalization."""
    layer = Dense(5, CHANNELS) if form == "dense" else Conv(3, CHANNELS, 3)
    layer = registry.build("normalization", entry.name, layer)
    with torch.no_grad():
        layer.weight.normal_(0, 2, generator=torch.Generator().manual_seed(seed))
    for set_up in layer.after_initialization:
        set_up(layer)
    return layer


def layer_inputs(form: str) -> torch.Tensor:
    return inputs_of(0, channels=5) if form == "dense" else inputs_of(2, channels=3)


@weights
@pytest.mark.parametrize("form", ["dense", "conv"])
def test_weight_keeps_its_name(entry, form):
    layer = wrapped(entry, form)
    assert isinstance(layer.weight, nn.Parameter)
    assert "weight" in layer.state_dict()
    layer(layer_inputs(form)).square().sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in layer.parameters())


@weights
@pytest.mark.parametrize("form", ["dense", "conv"])
def test_weight_in_use_has_bounded_scale(entry, form):
    layer = wrapped(entry, form)
    before = layer.eval()(layer_inputs(form))
    with torch.no_grad():
        layer.weight.mul_(50.0)
    torch.testing.assert_close(layer(layer_inputs(form)), before, rtol=1e-4, atol=1e-4)


@weights
@pytest.mark.parametrize("form", ["dense", "conv"])
def test_weight_form_state_makes_a_copy(entry, form):
    layer, other = wrapped(entry, form), wrapped(entry, form, seed=1)
    expected = layer.eval()(layer_inputs(form))
    clone = copy.deepcopy(layer)
    assert not torch.equal(other.eval()(layer_inputs(form)), expected)
    other.load_state_dict(layer.state_dict())
    assert torch.equal(other(layer_inputs(form)), expected)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.zero_()
    assert torch.equal(clone(layer_inputs(form)), expected), "the copy uses the original's parameters"
