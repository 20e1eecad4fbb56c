"""A limit on the length of each unit's incoming weights."""

from __future__ import annotations

import torch
from torch import Tensor

from ..table import ParameterTable


class MaxNorm:
    """After a call no unit's incoming weights are longer than its layer's limit; a unit under it keeps every bit, a frozen layer too."""

    def __init__(self, table: ParameterTable, limit: float) -> None:
        found = [
            (e.parameter, e.unit_axis, table.value("max_norm", e.layer, limit))
            for e in table.of_role("weight")
            if e.parameter.requires_grad
        ]
        self.limited = [(weight, axis, own) for weight, axis, own in found if own is not None]

    @torch.no_grad()
    def __call__(self) -> None:
        for weight, axis, limit in self.limited:
            shorten_(weight, axis, limit)


def shorten_(weight: Tensor, unit_axis: int, limit: float) -> None:
    """Scale each unit of `weight` that is longer than `limit` down to it, in place."""
    others = [axis for axis in range(weight.ndim) if axis != unit_axis % weight.ndim]
    norms = torch.linalg.vector_norm(weight, dim=others, keepdim=True)
    # A few roundings below the limit, so that a second call finds nothing to do.
    target = limit * (1 - 4 * torch.finfo(weight.dtype).eps)
    weight.mul_(torch.where(norms > limit, target / norms, 1.0))
