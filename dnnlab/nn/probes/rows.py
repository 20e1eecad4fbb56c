"""Rows of the probes. Each waits for the device once."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ..batch import Task
from .capture import Captured, needed


@torch.no_grad()
def update_ratios(captured: Captured) -> dict[str, Any]:
    """||after - before|| / ||before|| of each weight; None for a weight of zeros, which has no ratio."""
    moved = needed(captured.changes)
    sizes = _numbers(list(needed(captured.sizes).values()))
    changes = _norms(list(moved.values()))
    ratios = {
        name: change / size if size != 0 else None
        for name, change, size in zip(moved, changes, sizes, strict=True)
    }
    return {"step": captured.step, "epoch": captured.epoch, "ratios": ratios}


@torch.no_grad()
def gradient_norms(captured: Captured) -> dict[str, Any]:
    """The norm of the gradient of each layer, all its parameters together."""
    gradients = needed(captured.gradients)
    squares: dict[str, float] = {}
    for name, norm in zip(gradients, _norms(list(gradients.values())), strict=True):
        layer = layer_of(name)
        squares[layer] = squares.get(layer, 0.0) + norm**2
    norms = {layer: square**0.5 for layer, square in squares.items()}
    return {"step": captured.step, "epoch": captured.epoch, "norms": norms}


@torch.no_grad()
def activation_stats(captured: Captured) -> dict[str, Any]:
    """Mean, standard deviation, share of exact zeros and share at the flat ends of each layer's outputs."""
    seen = needed(captured.activations)
    sums = iter(
        _numbers(
            [number for layer, values in seen.items() for number in _sums(values, captured.flat.get(layer))]
        )
    )
    layers: dict[str, dict[str, float | None]] = {}
    for layer, values in seen.items():
        count = values.numel()
        numbers = {"mean": next(sums), "std": next(sums) / count**0.5, "zeros": next(sums) / count}
        layers[layer] = {**numbers, "saturated": next(sums) / count if layer in captured.flat else None}
    return {"step": captured.step, "epoch": captured.epoch, "layers": layers}


@torch.no_grad()
def dead_units(captured: Captured) -> dict[str, Any]:
    """How many units of each layer never had an output other than 0 on the fixed rows."""
    fired = needed(captured.fixed).fired
    alive = _numbers([units.sum() for units in fired.values()])
    units = {
        layer: {"dead": len(units) - int(n), "of": len(units)}
        for (layer, units), n in zip(fired.items(), alive, strict=True)
    }
    return {"step": captured.step, "epoch": captured.epoch, "units": units}


@torch.no_grad()
def predictions(captured: Captured) -> dict[str, Any]:
    """The share of the fixed rows that each class is predicted for, and the share that has it as label."""
    fixed = needed(captured.fixed)
    task = fixed.task
    shares, labels = torch.stack(class_shares(fixed.outputs, fixed.targets, task)).tolist()
    names = task.names if len(task.names) == task.classes else [str(i) for i in range(task.classes)]
    by_name = [dict(zip(names, values, strict=True)) for values in (shares, labels)]
    return {
        "step": captured.step,
        "epoch": captured.epoch,
        "rows": len(fixed.targets),
        "shares": by_name[0],
        "labels": by_name[1],
    }


def class_shares(outputs: Tensor, targets: Tensor, task: Task) -> tuple[Tensor, Tensor]:
    """Predicted and true share of each class, (classes,) float32 both.

    Several labels at once: of each label, so they need not sum to 1.
    """
    if task.target == "multi":
        return (outputs > 0).float().mean(0), (targets > 0).float().mean(0)
    found = (outputs.flatten() > 0).long() if task.outputs == 1 else outputs.argmax(1)
    one_hot = torch.nn.functional.one_hot
    return one_hot(found, task.classes).float().mean(0), one_hot(targets.long(), task.classes).float().mean(0)


def fired(outputs: Tensor) -> Tensor:
    """(units,) bool: whether a unit (axis 1) had an output other than 0 on any row, at any place."""
    others = [axis for axis in range(outputs.ndim) if axis != 1]
    return torch.any(outputs, dim=others)  # type: ignore[no-any-return, call-overload, unused-ignore]  # torch's stubs differ by version


def layer_of(parameter: str) -> str:
    """The layer that a parameter belongs to, from its name."""
    return parameter.rpartition(".")[0] or parameter


def _sums(values: Tensor, flat: tuple[float, float] | None) -> list[Tensor]:
    """The mean of a layer, the norm of deviations from it, how many values are 0, how many at flat ends.

    The norm is far faster than torch.std_mean. What remains is done on the host: an operation on a tensor
    costs more than the few numbers of a small layer.
    """
    values = values.float()
    mean = values.mean()
    sums = [mean, torch.linalg.vector_norm(values - mean), torch.count_nonzero(values == 0)]
    if flat:
        sums.append(torch.count_nonzero((values <= flat[0]) | (values >= flat[1])))
    return sums


def _norms(tensors: list[Tensor]) -> list[float]:
    return _numbers(list(torch._foreach_norm(tensors))) if tensors else []


def _numbers(scalars: list[Tensor]) -> list[float]:
    numbers: list[float] = torch.stack(scalars).tolist() if scalars else []
    return numbers
