"""What every loss must hold, whoever wrote it, for each kind of target that it accepts."""

from __future__ import annotations

import pytest
import torch

from dnnlab import registry
from dnnlab.nn.batch import Batch, Task

ENTRIES = registry.entries("loss")
CASES = [(e, kind) for e in ENTRIES for kind in sorted(e.flags["targets"])]
cases = pytest.mark.parametrize(("entry", "kind"), CASES, ids=[f"{e.name}-{kind}" for e, kind in CASES])
ROWS, CLASSES = 12, 5


def task_of(entry: registry.RegistryEntry, kind: str) -> Task:
    if kind == "real":
        return Task("real", 0, 2, scale=(1.0, 1.0))
    if kind == "multi":
        return Task("multi", 3, 3)
    return Task("index", 2, 1) if entry.flags["one_output"] else Task("index", CLASSES, CLASSES)


def problem_of(entry: registry.RegistryEntry, kind: str, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Outputs and targets of that kind."""
    generator, task = torch.Generator().manual_seed(seed), task_of(entry, kind)
    outputs = torch.randn(ROWS, task.outputs, generator=generator)
    if kind == "real":
        return outputs, torch.randn(ROWS, 2, generator=generator)
    if kind == "multi":
        return outputs, torch.randint(0, 2, (ROWS, 3), generator=generator).float()
    if kind == "index":
        return outputs, torch.randint(0, task.classes, (ROWS,), generator=generator)
    soft = (
        torch.rand(ROWS, generator=generator)
        if task.outputs == 1
        else torch.randn(ROWS, CLASSES, generator=generator).softmax(1)
    )
    return outputs, soft


def loss_of(entry, kind, outputs, targets, weights=None, keys=None):
    function = registry.bind("loss", {"name": entry.name, **(keys or {})})(task_of(entry, kind))
    return function(outputs, Batch(torch.zeros(len(outputs), 1), targets, weights))


def test_every_loss_accepts_something():
    assert [
        e.name
        for e in ENTRIES
        if not e.flags["targets"] or not e.flags["targets"] <= {"index", "soft", "multi", "real"}
    ] == []


@cases
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=["fp32", "bf16"])
def test_is_a_finite_scalar_with_gradients(entry, kind, dtype):
    for keys in ({}, dict(entry.example)):
        outputs, targets = problem_of(entry, kind)
        outputs = outputs.to(dtype).requires_grad_()
        loss = loss_of(entry, kind, outputs, targets, keys=keys)
        assert loss.shape == () and loss.dtype == torch.float32
        assert loss.isfinite() and loss >= 0
        loss.backward()
        assert outputs.grad.isfinite().all() and outputs.grad.abs().sum() > 0


@cases
def test_descends_along_its_gradient(entry, kind):
    outputs, targets = problem_of(entry, kind)
    outputs.requires_grad_()
    loss = loss_of(entry, kind, outputs, targets)
    (gradient,) = torch.autograd.grad(loss, outputs)
    assert loss_of(entry, kind, outputs - 0.1 * gradient, targets) < loss


@cases
def test_is_a_mean_over_rows(entry, kind):
    outputs, targets = problem_of(entry, kind)
    loss = loss_of(entry, kind, outputs, targets)
    torch.testing.assert_close(loss_of(entry, kind, outputs.repeat(3, 1), torch.cat([targets] * 3)), loss)
    rows = [loss_of(entry, kind, outputs[i : i + 1], targets[i : i + 1]) for i in range(ROWS)]
    torch.testing.assert_close(torch.stack(rows).mean(), loss)


@cases
def test_weights_stand_for_repeated_rows(entry, kind):
    outputs, targets = problem_of(entry, kind)
    counts = torch.arange(ROWS) % 4
    repeated = loss_of(
        entry, kind, outputs.repeat_interleave(counts, 0), targets.repeat_interleave(counts, 0)
    )
    torch.testing.assert_close(loss_of(entry, kind, outputs, targets, counts.float()), repeated)
    torch.testing.assert_close(loss_of(entry, kind, outputs, targets, 7.0 * counts), repeated)
    assert (loss_of(entry, kind, outputs, targets) - repeated).abs() > 1e-4


@pytest.mark.parametrize("entry", ENTRIES, ids=[e.name for e in ENTRIES])
def test_keys_are_explained_and_act(entry):
    assert [key for key in entry.own_fields if f"{key}:" not in entry.doc] == []
    assert "Shapes:" in entry.doc
    assert bool(entry.example) == bool(entry.own_fields)
    if entry.example:
        kind = sorted(entry.flags["targets"])[0]
        outputs, targets = problem_of(entry, kind)
        assert loss_of(entry, kind, outputs, targets, keys=dict(entry.example)) != loss_of(
            entry, kind, outputs, targets
        )
