"""Adafactor: mean squares kept as one row and one column a matrix."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor

from .base import Group, Optimizer, decaying


class Adafactor(Optimizer):
    """The paper's algorithm without momentum, computed on the device.

    Of a convolution each filter's last two axes are the matrix.

    Torch's form keeps eps[0] out of the means and uses it as a lower bound, which only shows where gradients
    are close to 0.
    """

    def __init__(
        self,
        groups: Iterable[Mapping[str, Any]],
        *,
        lr: float,
        beta2_decay: float = -0.8,
        eps: tuple[float, float] = (1e-30, 1e-3),
        clip_threshold: float = 1.0,
        relative_step: bool = True,
        scale_parameter: bool = True,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(
            decaying(groups, weight_decay),
            lr,
            beta2_decay=beta2_decay,
            eps=tuple(eps),
            clip_threshold=clip_threshold,
            relative_step=relative_step,
            scale_parameter=scale_parameter,
        )

    def new_state(self, parameter: Tensor, group: Group) -> dict[str, Tensor]:
        """The counter, and the mean squares: a row and a column where there are two axes."""
        step = torch.zeros((), dtype=torch.float32)
        if parameter.ndim < 2:
            return {"step": step, "variance": torch.zeros_like(parameter)}
        *outer, rows, columns = parameter.shape
        return {
            "step": step,
            "row_var": parameter.new_zeros(*outer, rows, 1),
            "col_var": parameter.new_zeros(*outer, 1, columns),
        }

    def update(self, group: Group, params: list[Tensor], grads: list[Tensor]) -> None:
        """One step for `params`, which all have a gradient."""
        for p, g in zip(params, grads, strict=True):
            state = self.state_of(p, group)
            state["step"] += 1
            step = float(state["step"])
            update = normalized(g, state, 1 - step ** group["beta2_decay"], group["eps"][0])
            size = (rms(update) / group["clip_threshold"]).clamp(min=1.0).reciprocal()
            size *= min(group["lr"], step**-0.5) if group["relative_step"] else group["lr"]
            if group["scale_parameter"]:
                size *= rms(p).clamp(min=group["eps"][1])
            if group["weight_decay"]:
                p.mul_(1 - group["lr"] * group["weight_decay"])
            p.sub_(update.mul_(size))


def normalized(grad: Tensor, state: Mapping[str, Tensor], beta2: float, eps: float) -> Tensor:
    """Update the mean squares and divide the gradient by their root.

    Those of a matrix are row * column / mean(row).
    """
    squares = grad.square().add_(eps)
    if grad.ndim < 2:
        return grad * state["variance"].lerp_(squares, 1 - beta2).rsqrt()
    rows = state["row_var"].lerp_(squares.mean(-1, keepdim=True), 1 - beta2)
    columns = state["col_var"].lerp_(squares.mean(-2, keepdim=True), 1 - beta2)
    return grad * (rows / rows.mean(-2, keepdim=True)).rsqrt() * columns.rsqrt()


def rms(tensor: Tensor) -> Tensor:
    """Root of the mean square."""
    return tensor.square().mean().sqrt()
