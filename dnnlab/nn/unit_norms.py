"""Lengths of units, many tensors at once.

Small tensors cost calls, not arithmetic, so the places for the results are made once.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


class Units:
    """The units of some tensors, one after the other, as the places of one vector.

    axes: of each tensor the axis that counts its units; None where the whole tensor is one. The tensors may
    change their numbers, not their sizes, type or device.
    """

    def __init__(self, tensors: Sequence[Tensor], axes: Sequence[int | None]) -> None:
        own = [None if axis is None else axis % t.ndim for t, axis in zip(tensors, axes, strict=True)]
        self.counts = [1 if axis is None else t.shape[axis] for t, axis in zip(tensors, own, strict=True)]
        self._others = [
            None if a is None else [i for i in range(t.ndim) if i != a]
            for t, a in zip(tensors, own, strict=True)
        ]
        self._shapes = [
            () if a is None else tuple(-1 if i == a else 1 for i in range(t.ndim))
            for t, a in zip(tensors, own, strict=True)
        ]
        like = tensors[0] if tensors else torch.empty(0)
        self.lengths = like.new_empty(sum(self.counts), requires_grad=False)
        self._places = [
            p.view(() if a is None else -1) for p, a in zip(self._pieces(self.lengths), own, strict=True)
        ]

    def measure(self, tensors: Sequence[Tensor]) -> Tensor:
        """The length of each unit, (units,): always the same vector, with new numbers.

        All axes but the unit's count together.
        """
        for tensor, others, place in zip(tensors, self._others, self._places, strict=True):
            if others == []:  # a number a unit; torch would take no axis for all of them
                torch.abs(tensor, out=place)
            else:
                torch.linalg.vector_norm(tensor, 2, others, out=place)
        return self.lengths

    def factors(self, vector: Tensor) -> list[Tensor]:
        """Views of one number a unit, shaped so that each multiplies its tensor."""
        return [piece.view(shape) for piece, shape in zip(self._pieces(vector), self._shapes, strict=True)]

    def spread(self, numbers: Sequence[float]) -> Tensor:
        """One number a tensor, repeated for each of its units."""
        return torch.cat(
            [self.lengths.new_full((n,), x) for n, x in zip(self.counts, numbers, strict=True)]
            or [self.lengths]
        )

    def _pieces(self, vector: Tensor) -> Sequence[Tensor]:
        return vector.split(self.counts) if self.counts else ()  # type: ignore[no-untyped-call]  # torch's, without types
