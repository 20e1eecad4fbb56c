"""What a step works on (`Batch`) and what is to be learned (`Task`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from torch import Tensor


class Batch(NamedTuple):
    """Rows of the data on the device.

    inputs: (n, features) or (n, channels, height, width), float32.
    targets: by the task's kind: index (n,) int64; soft (n, classes); multi (n, labels) of 0 and 1; real (n,
    targets) float32. weights: (n,) importance of each row, or None. index: (n,) row numbers in the training
    part, or None.
    """

    inputs: Tensor
    targets: Tensor
    weights: Tensor | None = None
    index: Tensor | None = None  # type: ignore[assignment]  # hides tuple.index, which no batch needs


@dataclass(frozen=True)
class Task:
    """What the targets are, and how wide the net's output is.

    target: "index" (one class of several), "multi" (several labels at once) or "real" (numbers).
    classes: number of classes or labels, 0 for real targets. outputs: width of the last layer; 1 for two
    classes under a one-output loss. names: class, label or target names. offset, scale: a real target in its
    own units is offset + scale * network output (one number a target).
    """

    target: str
    classes: int
    outputs: int
    names: tuple[str, ...] = ()
    offset: tuple[float, ...] = (0.0,)
    scale: tuple[float, ...] = (1.0,)
