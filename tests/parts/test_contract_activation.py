"""What every activation must hold, whoever wrote it."""

from __future__ import annotations

import copy

import pytest
import torch

from dnnlab import registry

ENTRIES = registry.entries("activation")
pytestmark = pytest.mark.parametrize("entry", ENTRIES, ids=[e.name for e in ENTRIES])
WIDTH = 6


def widened(bound: registry.Bound) -> int:
    """How many times wider the layer before is."""
    flag = bound.flag("widens")
    return bound.keys[flag] if isinstance(flag, str) else flag


def both(entry: registry.RegistryEntry) -> list[registry.Bound]:
    """With defaults, and with the example."""
    return [
        registry.bind("activation", entry.name),
        registry.bind("activation", {"name": entry.name, **entry.example}),
    ]


def numbers(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0)) * 2


@pytest.mark.parametrize("places", [(), (4, 5)], ids=["dense", "image"])
def test_shapes_and_untouched_inputs(entry, places):
    for bound in both(entry):
        inputs = numbers(8, WIDTH * widened(bound), *places)
        before = inputs.clone()
        outputs = bound(WIDTH)(inputs)
        assert outputs.shape == (8, WIDTH, *places)
        assert outputs.isfinite().all()
        assert torch.equal(inputs, before)


def test_gradients_flow(entry):
    for bound in both(entry):
        module = bound(WIDTH)
        inputs = numbers(16, WIDTH * widened(bound)).requires_grad_()
        module(inputs).sum().backward()
        assert inputs.grad.isfinite().all()
        assert inputs.grad.abs().sum() > 0
        assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in module.parameters())


def test_state_makes_a_copy(entry):
    for bound in both(entry):
        module, other = bound(WIDTH), bound(WIDTH)
        with torch.no_grad():
            for parameter in module.parameters():
                parameter.mul_(0.5)
        other.load_state_dict(module.state_dict())
        inputs = numbers(8, WIDTH * widened(bound))
        expected = module.eval()(inputs)
        assert torch.equal(other.eval()(inputs), expected)
        assert torch.equal(copy.deepcopy(module)(inputs), expected)


def test_example_changes_something(entry):
    if not entry.own_fields:
        assert not entry.example
        return
    default, example = both(entry)
    assert example.keys != default.keys
    if widened(default) == widened(example):
        inputs = numbers(8, WIDTH * widened(default))
        assert not torch.equal(default(WIDTH).eval()(inputs), example(WIDTH).eval()(inputs))


def slopes(entry: registry.RegistryEntry) -> tuple[torch.Tensor, torch.Tensor]:
    """Outputs between -30 and 30, and their slopes."""
    inputs = torch.linspace(
        -30.001, 30.002, 6001, dtype=torch.float64
    ).requires_grad_()  # the kinks lie between the points
    outputs = registry.bind("activation", entry.name)(1).double().eval()(inputs[:, None])[:, 0]
    (found,) = torch.autograd.grad(outputs.sum(), inputs)
    return outputs.detach(), found


def test_it_is_flat_where_it_says_so_and_only_there(entry):
    if entry.flags["widens"] != 1:
        assert entry.flags["flat"] is None and not entry.flags["dies"]
        return
    outputs, found = slopes(entry)
    low, high = entry.flags["flat"] or (-float("inf"), float("inf"))
    ends = (outputs <= low) | (outputs >= high)
    assert entry.flags["flat"] is None or ends.any()
    assert (found[ends].abs() <= 0.04 * found.max()).all()
    flat_and_moving = (found.abs() < 1e-3 * found.max()) & ~ends & (outputs != 0)
    assert entry.flags["flat"] is None or not flat_and_moving.any()


def test_units_die_where_output_and_slope_are_both_zero(entry):
    if entry.flags["widens"] == 1:
        outputs, found = slopes(entry)
        beyond = outputs[(outputs == 0) & (found == 0)]
        assert entry.flags["dies"] == (len(beyond) > 100)


def test_docstring_explains_every_key(entry):
    assert [key for key in entry.own_fields if f"{key}:" not in entry.doc] == []
    assert "Shapes:" in entry.doc


def test_initializer_exists(entry):
    assert registry.find("initializer", entry.flags["initializer"]) is not None
