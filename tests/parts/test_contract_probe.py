"""What every probe promises, tested for every registered name."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch

from dnnlab import registry
from dnnlab.nn.batch import Task
from dnnlab.nn.probes.capture import Captured, ProbeBatch

ENTRIES = registry.entries("probe")
parametrize = pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: e.name)
NEEDS = {
    "updates": ("sizes", "changes"),
    "gradients": ("gradients",),
    "activations": ("activations",),
    "fixed": (),
}


def captured(entry: Any) -> Captured:
    """Exactly what the probe says it needs."""
    names = {"hidden1.weight": (4, 3), "conv1.weight": (2, 3, 3, 3)}
    tensors = {
        field: {n: torch.randn(s) for n, s in names.items()}
        for need in entry.flags["needs"]
        for field in NEEDS.get(need, ())
    }
    if "sizes" in tensors:
        tensors["sizes"] = {n: torch.rand(()) for n in names}
    fired = {"hidden1": torch.tensor([True, False, True])}
    fixed = ProbeBatch(
        torch.randn(6, 3), torch.tensor([0, 1, 2, 0, 1, 2]), Task("index", 3, 3, ("a", "b", "c")), fired
    )
    return Captured(step=7, epoch=2, **tensors, fixed=fixed if "fixed" in entry.flags["needs"] else None)


@parametrize
def test_it_names_its_file_and_what_it_needs(entry: Any) -> None:
    assert entry.flags["file"].endswith((".jsonl", ".safetensors"))
    assert entry.flags["needs"] and entry.flags["needs"] <= set(NEEDS)
    assert len({e.flags["file"] for e in ENTRIES}) == len(ENTRIES)


@parametrize
def test_a_row_is_plain_data_with_its_step(entry: Any) -> None:
    row = registry.build("probe", entry.name)(captured(entry))
    assert (row["step"], row["epoch"]) == (7, 2)
    assert len(row) > 2
    assert json.loads(json.dumps(row, allow_nan=False)) == row


@parametrize
def test_looking_changes_nothing(entry: Any) -> None:
    seen = captured(entry)
    tensors = [
        t for need in entry.flags["needs"] for field in NEEDS[need] for t in getattr(seen, field).values()
    ]
    tensors += (
        [seen.fixed.outputs, seen.fixed.targets, *seen.fixed.fired.values()] if seen.fixed is not None else []
    )
    kept, generator = [t.clone() for t in tensors], torch.get_rng_state()
    registry.build("probe", entry.name)(seen)
    assert all(torch.equal(a, b) for a, b in zip(tensors, kept, strict=True))
    assert torch.equal(torch.get_rng_state(), generator)
