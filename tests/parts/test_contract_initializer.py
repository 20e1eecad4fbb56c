"""What every initializer must hold, whoever wrote it."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from dnnlab import registry
from dnnlab.nn.layers.linear_maps import Chain, Conv, Dense
from dnnlab.nn.parameter_table import Fans

ENTRIES = registry.entries("initializer")
DIRECT = [e for e in ENTRIES if not e.flags["after_build"]]
AFTER = [e for e in ENTRIES if e.flags["after_build"]]
SHAPES = {"dense": ((20, 30), Fans(30, 20)), "conv": ((8, 3, 5, 5), Fans(75, 200))}

direct = pytest.mark.parametrize("entry", DIRECT, ids=[e.name for e in DIRECT])
after = pytest.mark.parametrize("entry", AFTER, ids=[e.name for e in AFTER])
shapes = pytest.mark.parametrize("shape", SHAPES)


def required(entry: registry.RegistryEntry) -> dict:
    """The example's values of the keys that have no default."""
    return {key: entry.example[key] for key, field in entry.own_fields.items() if field.required}


def drawn(
    entry: registry.RegistryEntry, shape: str, seed: int = 0, keys: dict | None = None, **options
) -> torch.Tensor:
    """A weight of that shape, set by the initializer."""
    size, fans = SHAPES[shape]
    weight = nn.Parameter(torch.full(size, 7.0).to(**options))
    result = registry.bind(
        "initializer", {"name": entry.name, **(required(entry) if keys is None else keys)}
    )(weight, fans, torch.Generator().manual_seed(seed))
    assert result is None
    assert weight.requires_grad and weight.grad_fn is None
    return weight.detach()


@direct
@shapes
def test_fills_in_place(entry, shape):
    for keys in (None, dict(entry.example)):
        weight = drawn(entry, shape, keys=keys)
        assert weight.isfinite().all()
        assert not (weight == 7).any()


@direct
@shapes
def test_depends_on_its_generator_alone(entry, shape):
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = drawn(entry, shape)
    assert torch.equal(torch.get_rng_state(), before), "drew from the global generator"
    torch.manual_seed(2)
    assert torch.equal(drawn(entry, shape), first)
    if first.unique().numel() > 1:
        assert not torch.equal(drawn(entry, shape, seed=1), first)


@direct
def test_memory_layout_does_not_matter(entry):
    assert torch.equal(drawn(entry, "conv", memory_format=torch.channels_last), drawn(entry, "conv"))


@direct
def test_example_changes_something(entry):
    assert bool(entry.example) == bool(entry.own_fields)
    if entry.example != required(entry):
        assert not torch.equal(drawn(entry, "dense", keys=dict(entry.example)), drawn(entry, "dense"))


@pytest.mark.parametrize("entry", ENTRIES, ids=[e.name for e in ENTRIES])
def test_docstring_explains_every_key(entry):
    assert [key for key in entry.own_fields if f"{key}:" not in entry.doc] == []


def small_net(seed: int = 0) -> Chain:
    """Convolution, batch normalization, dropout and two dense layers with random weights."""
    net = Chain(
        {
            "conv1": Conv(2, 4, 3),
            "normalization": nn.BatchNorm2d(4),
            "dropout": nn.Dropout(0.5),
            "flatten": nn.Flatten(),
            "hidden1": Dense(4 * 9, 12),
            "activation": nn.ReLU(),
            "output": Dense(12, 5),
        }
    )
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for layer in (net.conv1, net.hidden1, net.output):
            layer.weight.normal_(0, 0.3, generator=generator)
    return net


def measured_on(scale: float) -> torch.Tensor:
    return torch.randn(32, 2, 3, 3, generator=torch.Generator().manual_seed(5)) * scale


def applied(entry: registry.RegistryEntry, seed: int = 0, keys: dict | None = None) -> Chain:
    net = small_net(seed)
    registry.bind("initializer", {"name": entry.name, **(keys or {})})(net, measured_on(1.2))
    return net


@after
def test_after_build_changes_weights_only(entry):
    net, before = applied(entry), small_net().state_dict()
    changed = {name for name, tensor in net.state_dict().items() if not torch.equal(tensor, before[name])}
    assert changed == {"conv1.weight", "hidden1.weight", "output.weight"}


@after
def test_after_build_is_deterministic(entry):
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = applied(entry).state_dict()
    assert torch.equal(torch.get_rng_state(), before), "drew from the global generator"
    torch.manual_seed(2)
    second = applied(entry).state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first)


@after
def test_after_build_leaves_modes_and_hooks(entry):
    net = small_net()
    net.dropout.eval()
    registry.build("initializer", entry.name, net, measured_on(1.0))
    assert [name for name, module in net.named_modules() if not module.training] == ["dropout"]
    assert not any(module._forward_pre_hooks or module._forward_hooks for module in net.modules())


@after
def test_after_build_example_changes_something(entry):
    default, example = applied(entry), applied(entry, keys=dict(entry.example))
    assert not torch.equal(default.conv1.weight, example.conv1.weight)
