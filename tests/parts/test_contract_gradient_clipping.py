"""What every way of clipping must hold, whoever wrote it."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from dnnlab import registry
from dnnlab.nn.batch import Task
from dnnlab.nn.parameter_table import ParameterInfo, ParameterTable

ENTRIES = registry.entries("gradient_clipping")
pytestmark = pytest.mark.parametrize("entry", ENTRIES, ids=[e.name for e in ENTRIES])


def parameters(scale: float, device: str = "cpu") -> list[nn.Parameter]:
    """A matrix, a vector and a kernel with gradients of that size, and one parameter without."""
    generator = torch.Generator().manual_seed(0)
    params = [
        nn.Parameter(torch.randn(*shape, generator=generator).to(device))
        for shape in ((6, 4), (6,), (3, 2, 3, 3), (5,))
    ]
    for param in params[:-1]:
        param.grad = (torch.randn(param.shape, generator=generator) * scale).to(device)
    return params


def clipping(entry, params, keys=None):
    """The built function; one that goes by units gets a table of these parameters, whose layers are all
    hidden ones.
    """
    bound = registry.bind("gradient_clipping", {"name": entry.name, **(keys or {})})
    if not entry.flags["needs_table"]:
        return bound()
    table = ParameterTable(Task("index", 2, 2))
    for i, param in enumerate(params):
        table.add(ParameterInfo(f"hidden{i}.weight", param, "weight", f"hidden{i}"))
    return bound(table)


def grads(params: list[nn.Parameter]) -> list[torch.Tensor]:
    return [p.grad.clone() for p in params if p.grad is not None]


def test_returns_the_global_norm_from_before(entry):
    for keys in ({}, dict(entry.example)):
        params = parameters(10.0)
        expected = sum((g.double() ** 2).sum() for g in grads(params)).sqrt()
        norm = clipping(entry, params, keys)(params)
        assert norm.shape == () and not norm.requires_grad
        torch.testing.assert_close(norm.double(), expected, rtol=1e-6, atol=0)


def test_large_gradients_shrink(entry):
    params = parameters(100.0)
    before = grads(params)
    clipping(entry, params)(params)
    after = grads(params)
    assert sum((g**2).sum() for g in after) < sum((g**2).sum() for g in before)
    assert all((a.abs() <= b.abs()).all() and (a * b >= 0).all() for a, b in zip(after, before, strict=True))
    assert params[-1].grad is None


def test_small_gradients_keep_their_bits(entry):
    params = parameters(1e-4)
    before = grads(params)
    clipping(entry, params)(params)
    assert all(torch.equal(a, b) for a, b in zip(grads(params), before, strict=True))


def test_nothing_to_clip(entry):
    params = [nn.Parameter(torch.ones(3))]
    norm = clipping(entry, params)(params)
    assert norm.shape == () and norm == 0


def test_never_looks_at_numbers(entry):
    # Tensors on the meta device have no numbers: any host synchronisation raises.
    params = parameters(1.0, "meta")
    assert clipping(entry, params)(params).device.type == "meta"


def test_keys_are_explained_and_act(entry):
    assert [key for key in entry.own_fields if f"{key}:" not in entry.doc] == []
    assert bool(entry.example) == bool(entry.own_fields)
    default, example = parameters(100.0), parameters(100.0)
    clipping(entry, default)(default)
    clipping(entry, example, entry.example)(example)
    assert any(not torch.equal(a, b) for a, b in zip(grads(default), grads(example), strict=True))
