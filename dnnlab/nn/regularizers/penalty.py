"""Penalties on weights: what they add to the loss, and their slope."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from ..table import ParameterTable


class Penalty:
    """The sum over weights of strength * sum |w| (order 1) or strength / 2 * sum w^2 (order 2). Calling it gives a 0-dim tensor."""

    def __init__(self, order: int, weights: Sequence[Tensor], strengths: Sequence[float]) -> None:
        self.order, self.weights, self._numbers = order, list(weights), list(strengths)
        self._strengths: Tensor | None = None

    @classmethod
    def from_table(cls, name: str, order: int, table: ParameterTable, strength: float) -> Penalty:
        """Over all trained weights of the table; `name` is the key of a layer's own strength."""
        found = [(e.parameter, table.value(name, e.layer, strength)) for e in table.of_role("weight") if e.parameter.requires_grad]
        acting = [(weight, own) for weight, own in found if own]
        return cls(order, [weight for weight, _ in acting], [own for _, own in acting])

    def __call__(self) -> Tensor:
        if not self.weights:
            return torch.zeros(())
        if self._strengths is None:
            self._strengths = torch.tensor(self._numbers, dtype=self.weights[0].dtype, device=self.weights[0].device)
        total: Tensor = _WeightedSum.apply(self.order, self._strengths, *self.weights)  # type: ignore[no-untyped-call]
        return total


class _WeightedSum(torch.autograd.Function):
    """Autograd through norms and squares would pass over every weight several times; the slope is known: w or sign(w)."""

    @staticmethod
    def forward(ctx: Any, order: int, strengths: Tensor, *weights: Tensor) -> Tensor:
        ctx.order = order
        ctx.save_for_backward(strengths, *weights)
        norms = torch.stack(torch._foreach_norm(weights, order))
        return torch.dot(norms if order == 1 else norms.square() / 2, strengths)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Any, ...]:
        strengths, *weights = ctx.saved_tensors
        slopes = torch._foreach_sign(weights) if ctx.order == 1 else weights
        return (None, None, *torch._foreach_mul(slopes, (strengths * gradient).unbind()))
