"""What every metric must hold, whoever wrote it, for each kind of target that it accepts."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from dnnlab import registry
from dnnlab.errors import ConfigError
from dnnlab.nn.batch import Batch, Task

ENTRIES = registry.entries("metrics")
TASKS = {
    "index": [Task("index", 4, 4), Task("index", 2, 1)],
    "soft": [Task("index", 4, 4), Task("index", 2, 1)],
    "multi": [Task("multi", 3, 3)],
    "real": [
        Task("real", 0, 1, offset=(5.0,), scale=(3.0,)),
        Task("real", 0, 2, offset=(0.0, 9.0), scale=(0.5, 40.0)),
    ],
}


def metric_of(entry, task):
    return registry.build("metrics", {"name": entry.name, **entry.example}, task)


def accepted(entry, task) -> bool:
    """Whether the metric can measure this task; one that needs more classes says so."""
    try:
        metric_of(entry, task)
    except ConfigError as error:
        assert "classes" in str(error)
        return False
    return True


CASES = [
    (e, kind, task)
    for e in ENTRIES
    for kind in sorted(e.flags["targets"])
    for task in TASKS[kind]
    if accepted(e, task)
]
cases = pytest.mark.parametrize(
    ("entry", "kind", "task"), CASES, ids=[f"{e.name}-{kind}-{task.outputs}" for e, kind, task in CASES]
)
ROWS, NOISE = 40, 0.8  # so much that even the two likeliest classes miss some rows


def targets_of(kind: str, task: Task) -> torch.Tensor:
    generator = torch.Generator().manual_seed(3)
    if kind == "real":
        return torch.randn(ROWS, task.outputs, generator=generator)
    if kind == "multi":
        return torch.randint(0, 2, (ROWS, 3), generator=generator).float()
    if kind == "index":
        return torch.randint(0, task.classes, (ROWS,), generator=generator)
    if task.outputs == 1:
        return torch.rand(ROWS, generator=generator)
    return torch.randn(ROWS, task.classes, generator=generator).softmax(1)


def perfect(kind: str, task: Task, targets: torch.Tensor) -> torch.Tensor:
    """Outputs that answer every row right."""
    if kind == "real":
        return targets.clone()
    if kind == "multi" or task.outputs == 1:
        return (targets.float().reshape(ROWS, task.outputs) > 0.5).float() * 10 - 5
    return F.one_hot(targets if kind == "index" else targets.argmax(1), task.classes) * 10.0


def noisy(kind: str, task: Task, targets: torch.Tensor, amount: float) -> torch.Tensor:
    noise = torch.randn(ROWS, task.outputs, generator=torch.Generator().manual_seed(4))
    return perfect(kind, task, targets) + amount * (1 if kind == "real" else 10) * noise


def measured(metric, outputs, targets, sizes=(ROWS,), weights=None):
    """The metric after batches of these sizes."""
    start = 0
    for size in sizes:
        rows = slice(start, start + size)
        metric.update(
            outputs[rows], Batch(outputs[rows], targets[rows], None if weights is None else weights[rows])
        )
        start += size
    return metric


@cases
def test_better_is_better(entry, kind, task):
    targets = targets_of(kind, task)
    values = [
        measured(metric_of(entry, task), noisy(kind, task, targets, a), targets).value() for a in (0, 1, 8)
    ]
    assert all(isinstance(v, float) for v in values)
    assert values == sorted(values, reverse=entry.flags["better"] == "max")
    assert len(set(values)) == 3
    assert values[0] == {"max": 1.0, "min": 0.0}[entry.flags["better"]]


@cases
@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
def test_batches_do_not_matter(entry, kind, task, weighted):
    targets = targets_of(kind, task)
    outputs = noisy(kind, task, targets, NOISE)
    weights = torch.rand(ROWS, generator=torch.Generator().manual_seed(6)) if weighted else None
    whole, split = (
        measured(metric_of(entry, task), outputs, targets, s, weights).value()
        for s in ((ROWS,), (1, 17, 3, 19))
    )
    assert split == pytest.approx(whole, rel=1e-12)


@cases
def test_weights_stand_for_repeated_rows(entry, kind, task):
    targets = targets_of(kind, task)
    outputs = noisy(kind, task, targets, NOISE)
    counts = torch.arange(ROWS) % 3 * torch.arange(ROWS).div(10, rounding_mode="floor")
    total = int(counts.sum())
    repeated = measured(
        metric_of(entry, task),
        outputs.repeat_interleave(counts, 0),
        targets.repeat_interleave(counts, 0),
        (total,),
    )
    weighted = measured(metric_of(entry, task), outputs, targets, (15, 25), counts * 0.5)
    assert weighted.value() == pytest.approx(repeated.value(), rel=1e-12)
    plain = measured(metric_of(entry, task), outputs, targets)
    assert weighted.value() != pytest.approx(plain.value(), rel=1e-3)


@cases
def test_state_goes_on_exactly(entry, kind, task):
    targets = targets_of(kind, task)
    outputs = noisy(kind, task, targets, NOISE)
    through = measured(metric_of(entry, task), outputs, targets, (11, 20, 9))
    first = measured(metric_of(entry, task), outputs, targets, (11, 20))
    state = first.state()
    assert all(
        isinstance(t, torch.Tensor) and t.dtype in (torch.float64, torch.int64) and t.is_contiguous()
        for t in state.values()
    )
    second = metric_of(entry, task)
    second.load(state)
    value = first.value()
    for tensor in state.values():
        tensor.zero_()  # neither of the two may share its numbers with the state
    assert first.value() == value and second.value() == value
    assert measured(second, outputs[31:], targets[31:], (9,)).value() == through.value()


@cases
def test_reset_forgets(entry, kind, task):
    targets = targets_of(kind, task)
    metric = metric_of(entry, task)
    assert metric.value() != metric.value(), "without rows the value is NaN"
    measured(metric, noisy(kind, task, targets, 3), targets)
    metric.reset()
    assert metric.value() != metric.value()
    fresh = metric_of(entry, task)
    assert (
        measured(metric, noisy(kind, task, targets, NOISE), targets).value()
        == measured(fresh, noisy(kind, task, targets, NOISE), targets).value()
    )


@cases
@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
def test_update_never_looks_at_numbers(entry, kind, task, weighted):
    # Tensors on the meta device have no numbers: any host synchronisation raises.
    targets = targets_of(kind, task)
    outputs = noisy(kind, task, targets, NOISE).to("meta").requires_grad_()
    weights = torch.ones(ROWS, device="meta") if weighted else None
    metric = measured(metric_of(entry, task), outputs, targets.to("meta"), (20, 20), weights)
    assert not any(t.requires_grad for t in metric.state().values())


@pytest.mark.parametrize("entry", ENTRIES, ids=[e.name for e in ENTRIES])
def test_flags_and_docstring(entry):
    assert entry.flags["better"] in ("max", "min")
    assert entry.flags["targets"] and entry.flags["targets"] <= set(TASKS)
    assert "Shapes:" in entry.doc
    assert [key for key in entry.own_fields if f"{key}:" not in entry.doc] == []
    assert bool(entry.example) == bool(entry.own_fields)
