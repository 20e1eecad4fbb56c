"""The base of metrics: sums over rows, kept on the device until the value is read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

import torch
from torch import Tensor

from ..batch import Batch


class Metric(ABC):
    """A subclass adds a batch to its sums in `measure`, and makes the number of them in `value`.

    `update` never waits for the device. Sums are exact integers or float64, so the split into batches does
    not matter.
    """

    def __init__(self) -> None:
        self._sums: dict[str, Tensor | int] = {}

    def update(self, outputs: Tensor, batch: Batch) -> None:
        """Add a batch. outputs: the net's, first axis the rows of the batch."""
        with torch.no_grad():
            self.measure(outputs.detach(), batch)

    @abstractmethod
    def measure(self, outputs: Tensor, batch: Batch) -> None:
        """Add to the sums what this batch contributes; no host synchronisation."""

    @abstractmethod
    def value(self) -> float:
        """The metric over all rows since the last reset; NaN where there were none."""

    def reset(self) -> None:
        """Forget all rows."""
        self._sums = {}

    def state(self) -> dict[str, Tensor]:
        """The sums, as copies."""
        return {name: torch.as_tensor(amount).clone() for name, amount in self._sums.items()}

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Go on from sums that `state` gave."""
        self._sums = {name: amount.clone() for name, amount in state.items()}

    def _add(self, name: str, amount: Tensor | int) -> None:
        old = self._sums.get(name, 0)
        if isinstance(old, Tensor) and isinstance(amount, Tensor):
            old = old.to(amount.device)  # loaded sums lie on the CPU
        self._sums[name] = old + amount


def wide(numbers: Tensor) -> Tensor:
    """As float64, or the widest floats that the device has (MPS: float32)."""
    return numbers.float() if numbers.device.type == "mps" else numbers.double()


def row_sum(rows: Tensor, weights: Tensor | None) -> Tensor:
    """The sum over rows, weighted where there are weights: (n, k) to (k,)."""
    return rows.sum(0) if weights is None else wide(weights) @ wide(rows)


def row_total(rows: Tensor, weights: Tensor | None) -> Tensor | int:
    """What `row_sum` gives for a column of ones: the number of rows, or the sum of their weights."""
    return rows.shape[0] if weights is None else wide(weights).sum()
