"""Muon for the hidden matrices, AdamW for everything else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.optim._muon import muon

from .adam import moments, update_adam
from .base import Group, Optimizer

# Jordan 2024: the polynomial a x + b x^3 + c x^5 whose iteration drives all singular values of a matrix
# towards 1.
COEFFICIENTS = (3.4445, -4.7750, 2.0315)
EPS = 1e-7


class AdamWSettings(NamedTuple):
    """How AdamW updates everything but the matrices."""

    lr: float = 3e-4
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8


class Muon(Optimizer):
    """Groups with `matrix: True` take orthogonalized momentum steps, the others AdamW's.

    As torch.optim.Muon and torch.optim.AdamW(fused=True), bit for bit. A convolution's weight counts as the
    matrix (filters, channels * height * width). Decay is decoupled and acts on weights only.
    """

    def __init__(
        self,
        groups: Iterable[Mapping[str, Any]],
        *,
        lr: float,
        momentum: float = 0.95,
        nesterov: bool = True,
        ns_steps: int = 5,
        others: AdamWSettings | None = None,
        weight_decay: float = 0.0,
    ) -> None:
        others = others or AdamWSettings()
        matrix = {"momentum": momentum, "nesterov": nesterov, "ns_steps": ns_steps}
        # Not "betas": a momentum that a ramp or a schedule moves is the matrices'.
        other = {"adamw_betas": tuple(others.betas), "eps": others.eps, "matrix": False}
        prepared = []
        for group in groups:
            factor, decay = (
                group.get("lr_factor", 1.0),
                weight_decay if group.get("role") == "weight" else 0.0,
            )
            if not group.get("matrix"):
                factor *= others.lr / lr  # so one schedule moves both rates in proportion
            prepared.append(
                {
                    **group,
                    **(matrix if group.get("matrix") else other),
                    "lr_factor": factor,
                    "weight_decay": decay,
                }
            )
        super().__init__(prepared, lr)

    def new_state(self, parameter: Tensor, group: Group) -> dict[str, Tensor]:
        """A velocity for matrices, Adam's moments for everything else."""
        return (
            {"momentum_buffer": torch.zeros_like(parameter)}
            if group["matrix"]
            else moments(parameter, False, self.fused)
        )

    def update(self, group: Group, params: list[Tensor], grads: list[Tensor]) -> None:
        """One step for `params`, which all have a gradient."""
        columns = self.columns(group, params)
        if not group["matrix"]:
            update_adam(
                {**group, "betas": group["adamw_betas"]}, params, grads, columns, self.fused, decoupled=True
            )
            return
        rows_last = [not p.is_contiguous() for p in params]  # channels_last convolutions
        params, grads, buffers = (
            [as_matrix(t, c) for t, c in zip(ts, rows_last, strict=True)]
            for ts in (params, grads, columns[0])
        )
        muon(
            params,
            grads,
            buffers,
            lr=group["lr"],
            weight_decay=group["weight_decay"],
            momentum=group["momentum"],
            nesterov=group["nesterov"],
            ns_coefficients=COEFFICIENTS,
            ns_steps=group["ns_steps"],
            eps=EPS,
            adjust_lr_fn=None,
            has_complex=False,
        )


def as_matrix(tensor: Tensor, channels_last: bool) -> Tensor:
    """A weight as (units, incoming).

    Columns lie as in memory, so that this is a view; Muon's step does not depend on their order.
    """
    if tensor.ndim == 4 and channels_last:
        tensor = tensor.permute(0, 2, 3, 1)
    return tensor if tensor.ndim == 2 else tensor.reshape(len(tensor), -1)
