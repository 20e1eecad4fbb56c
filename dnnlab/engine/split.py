"""The rows of one split of the data (train, validation, test), as the engine asks for them: `Split`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from ..nn.batch import Batch

BLOCK_ROWS = 256


class RowStream(Protocol):
    """Inputs that are read when a batch asks for them, because they do not fit into memory."""

    device: torch.device

    def __len__(self) -> int: ...
    def __getitem__(self, key: Tensor | slice, /) -> Tensor: ...

    def split(self, size: int, /) -> Iterator[Tensor]:
        """All rows, `size` at a time."""

    def ahead(self, keys: Iterable[Tensor | slice], /) -> AbstractContextManager[None]:
        """A context in which a thread reads the rows of `keys` in advance, in this order."""


@dataclass(frozen=True)
class Split:
    """One split of the data on the device."""

    inputs: Tensor | RowStream
    """(n, ...)."""
    targets: Tensor | None
    """(n, ...); None: the targets are the inputs, flattened."""
    weights: Tensor | None = None
    """(n,), how much each row counts in the loss; None: all rows count alike."""
    sampling: Tensor | None = None
    """(n,) on the CPU: an epoch draws n rows with replacement, in these proportions. None: every row once."""

    def __len__(self) -> int:
        return len(self.inputs)

    @property
    def device(self) -> torch.device:
        """Where batches are delivered."""
        return self.inputs.device

    @property
    def order_device(self) -> torch.device:
        """Where the row numbers of a batch must be: on the CPU for streamed inputs, else on the device."""
        return self.inputs.device if isinstance(self.inputs, Tensor) else torch.device("cpu")

    def rows(self, index: Tensor | slice) -> Batch:
        """The rows of these numbers (on `order_device`), as a batch.

        Raises `DataError` if they cannot be read any more.
        """
        inputs = self.inputs[index]
        here = index if isinstance(index, slice) else index.to(self.device, non_blocking=True)
        targets = inputs.flatten(1) if self.targets is None else self.targets[here]
        weights = None if self.weights is None else self.weights[here]
        return Batch(inputs, targets, weights, None if isinstance(here, slice) else here)

    def all_targets(self) -> Tensor:
        """The targets of all rows."""
        if self.targets is not None:
            return self.targets
        return torch.cat([block.flatten(1) for block in self.inputs.split(BLOCK_ROWS)])

    def ahead(self, indices: Iterable[Tensor | slice]) -> AbstractContextManager[None]:
        """A context in which streamed inputs are read in advance, in this order."""
        return nullcontext() if isinstance(self.inputs, Tensor) else self.inputs.ahead(indices)
