"""FTRL-Proximal: follow the regularized leader."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import compress
from typing import Any, NamedTuple

import torch
from torch import Tensor

from .adagrad import adagrad_step
from .base import Group, Optimizer


class Penalties(NamedTuple):
    """What is added to the sum of losses, on weights only."""

    l1: float = 0.0
    l2: float = 0.0
    l2_shrinkage: float = 0.0
    """Added to the gradient as l2_shrinkage * w, but not to the sum of squared gradients."""


class Ftrl(Optimizer):
    """Follow the regularized leader: weights that would have been best for all gradients so far.

    They minimize all gradients as linear losses, plus penalties, plus the distance to all weights so far.
    With n the sum of g^2 and N = n^(-learning_rate_power) + beta, that is McMahan's update

        z = z + g - (N / lr - N_before / lr_before) w;     w = (clip(z, -l1, l1) - z) / (N / lr + l2).

    Kept is not z but z + N / lr w, the slope of the penalties at the new weights: it holds no rate, so a
    schedule may change the rate (even to 0, where a step does nothing), and without penalties it is 0 and the
    whole update AdaGrad's. start: "weights" begins with slope 0, so w stays where it is without a gradient;
    "zero" with z = 0, which pulls w towards 0. Penalties act on weights only.
    """

    def __init__(
        self,
        groups: Iterable[Mapping[str, Any]],
        *,
        lr: float,
        penalties: Penalties | None = None,
        learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1,
        beta: float = 0.0,
        start: str = "weights",
    ) -> None:
        none = Penalties()
        strengths = none if penalties is None else penalties
        super().__init__(
            [
                {**group, **(strengths if group.get("role") == "weight" else none)._asdict()}
                for group in groups
            ],
            lr,
            learning_rate_power=learning_rate_power,
            initial_accumulator_value=initial_accumulator_value,
            beta=beta,
            start=start,
        )

    def new_state(self, parameter: Tensor, group: Group) -> dict[str, Tensor]:
        """The sum of squared gradients and, unless the update is AdaGrad's, the slope."""
        sums = {"accumulator": torch.full_like(parameter, group["initial_accumulator_value"])}
        return sums if is_adagrad(group) else {**sums, "slope": torch.zeros_like(parameter)}

    def update(self, group: Group, params: list[Tensor], grads: list[Tensor]) -> None:
        """One step for `params`, which all have a gradient."""
        if group["lr"] == 0:
            return
        new = [p not in self.state for p in params]
        if any(new) and group["start"] == "zero":
            self.first(group, list(compress(params, new)), list(compress(grads, new)))
            old = [not n for n in new]
            params, grads = list(compress(params, old)), list(compress(grads, old))
            if not params:
                return
        sums, *slopes = self.columns(group, params)
        if slopes:
            proximal_step(group, params, grads, sums, slopes[0])
        else:
            adagrad_step(self.fused, params, grads, sums, lr=group["lr"], eps=group["beta"])

    def first(self, group: Group, params: list[Tensor], grads: list[Tensor]) -> None:
        """The step from z = 0, where the slope is N / lr w."""
        columns = self.columns(group, params)
        slopes = columns[1] if len(columns) > 1 else self.scratch(params)
        before = group["initial_accumulator_value"] ** -group["learning_rate_power"] + group["beta"]
        torch._foreach_copy_(slopes, params)
        torch._foreach_mul_(slopes, before / group["lr"])
        proximal_step(group, params, grads, columns[0], slopes)


def is_adagrad(group: Group) -> bool:
    """Whether nothing but the start tells the group's update from AdaGrad's."""
    return group["learning_rate_power"] == -0.5 and not (group["l1"] or group["l2"] or group["l2_shrinkage"])


def proximal_step(
    group: Group, params: list[Tensor], grads: list[Tensor], sums: list[Tensor], slopes: list[Tensor]
) -> None:
    """One step with penalties, multiplied by lr throughout."""
    lr, l1, l2 = group["lr"], group["l1"], group["l2"]
    torch._foreach_addcmul_(sums, grads, grads)
    inverse = torch._foreach_pow(sums, -group["learning_rate_power"])
    torch._foreach_add_(inverse, group["beta"])
    torch._foreach_add_(slopes, grads)
    torch._foreach_add_(slopes, params, alpha=group["l2_shrinkage"])
    pull = torch._foreach_mul(params, inverse)
    torch._foreach_add_(pull, slopes, alpha=-lr)  # -lr z
    within = torch._foreach_clamp_max(torch._foreach_clamp_min(pull, -lr * l1), lr * l1)
    torch._foreach_sub_(pull, within)
    torch._foreach_add_(inverse, lr * l2)
    torch._foreach_div_(pull, inverse)
    torch._foreach_copy_(params, pull)
    torch._foreach_mul_(within, -1 / lr)
    torch._foreach_add_(within, params, alpha=-l2)
    torch._foreach_copy_(slopes, within)
