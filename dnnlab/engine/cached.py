"""The outputs of the frozen bottom of a net, computed once: what the loop uses in place of inputs and net."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .split import Split


@dataclass(frozen=True)
class CachedBottom:
    """What the layers above the cut learn from, and are measured on."""

    top: nn.Module
    """The layers above the cut: the very modules of the net."""
    train: Split
    """The training rows in training mode."""
    validation: Split | None
    """The validation rows, in the batches in which they are measured."""
    sample: Split
    """The training rows that are measured again at epoch ends, in their batches."""


@dataclass
class MappedRows:
    """Rows in a memory-mapped file, delivered on a device."""

    rows: Tensor
    device: torch.device

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, key: Tensor | slice) -> Tensor:
        return self.rows[key if isinstance(key, slice) else key.cpu()].to(self.device)

    def split(self, size: int) -> Iterator[Tensor]:
        """All rows, `size` at a time."""
        for start in range(0, len(self), size):
            yield self[start : start + size]

    def ahead(self, keys: Iterable[Tensor | slice]) -> AbstractContextManager[None]:
        """Nothing is read in advance: the system's own cache of the file does that."""
        return nullcontext()
