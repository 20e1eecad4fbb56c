"""What a step works on (`Batch`) and what is to be learned (`Task`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from ..lazy_torch import torch


class Batch(NamedTuple):
    """Rows of the data on the device."""

    inputs: torch.Tensor
    """(n, features) or (n, channels, height, width), float32."""
    targets: torch.Tensor
    """Per task: class numbers (n,) int64, shares (n, classes), labels (n, labels), numbers (n, targets)."""
    weights: torch.Tensor | None = None
    """(n,), the importance of each row."""
    index: torch.Tensor | None = None  # type: ignore[assignment]  # hides tuple.index, which no batch needs
    """(n,), row numbers in the training split."""


@dataclass(frozen=True)
class Task:
    """What the targets are, and how wide the net's output is."""

    target: str
    """One of "index" (one class of several), "multi" (several labels at once) or "real" (numbers)."""
    classes: int
    """Number of classes or labels; 0 for real targets."""
    outputs: int
    """Width of the last layer; 1 for two classes under a loss with one output."""
    names: tuple[str, ...] = ()
    """Of classes, labels or targets."""
    offset: tuple[float, ...] = (0.0,)
    """A real target in its own units is offset + scale * network output; one number a target."""
    scale: tuple[float, ...] = (1.0,)
