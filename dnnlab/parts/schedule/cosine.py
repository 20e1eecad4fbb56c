"""Cosine annealing, once and with restarts."""

from __future__ import annotations

from typing import Annotated, Any

from annotated_types import Ge

from ...optim.schedules import cosine_triangular, decay
from ...registry import Duration, NonNegative, part


@part(
    "schedule",
    source="Loshchilov & Hutter 2017, arXiv:1608.03983 (without restarts)",
    aliases=("cosine_annealing", "cosine_decay"),
    example={"end": 0.01},
    hints={"eta_min": "schedule: {name: cosine, end: 0}", "alpha": "schedule: {name: cosine, end: 0}"},
    needs_total=True,
    conversions={
        "torch": (
            "CosineAnnealingLR(T_max, eta_min), stepped after every batch with T_max the steps of the "
            "training: end: eta_min"
        ),
        "keras": (
            "CosineDecay(decay_steps, alpha): end: alpha * learning rate; decay_steps is the whole training "
            "here"
        ),
    },
    floor="end",
)
def cosine(base: Any, total_steps: Any, steps_per_epoch: Any, *, end: NonNegative = 0.0) -> Any:
    """Half a cosine from lr down to `end`, over the N steps of the training.

    The rate of step t is end + (lr - end) (1 + cos(pi t / N)) / 2. end: the learning rate after the last
    step, >= 0 and below optimizer.lr. Raises `ConfigError` where it is not.
    """
    return cosine_triangular.cosine(base["lr"], decay.end_below(end, base["lr"]), float(total_steps))


@part(
    "schedule",
    source="Loshchilov & Hutter 2017, arXiv:1608.03983 (SGDR)",
    aliases=("sgdr", "cosine_annealing_warm_restarts"),
    example={"first": "2 epochs", "mult": 1.5, "end": 0.01},
    hints={
        "eta_min": "schedule: {name: cosine_restarts, end: 0}",
        "T_0": "schedule: {name: cosine_restarts, first: 10 epochs}",
        "T_mult": "schedule: {name: cosine_restarts, mult: 2}",
    },
    conversions={
        "torch": (
            "CosineAnnealingWarmRestarts(T_0, T_mult=1, eta_min): first: T_0 epochs, mult: T_mult, end: "
            "eta_min"
        ),
        "keras": (
            "CosineDecayRestarts(first_decay_steps, t_mul=2, alpha): first: first_decay_steps steps, end: "
            "alpha * learning rate"
        ),
    },
    floor="end",
    traits=frozenset({"rises_again"}),
)
def cosine_restarts(
    base: Any,
    total_steps: Any,
    steps_per_epoch: Any,
    *,
    first: Duration,
    mult: Annotated[float, Ge(1)] = 2.0,
    end: NonNegative = 0.0,
) -> Any:
    """Half a cosine from lr to `end` over `first`, then from lr again, each time `mult` times as long.

    first: the length of the first fall, a time longer than 0. mult: >= 1. end: the learning rate before a
    restart, >= 0 and below optimizer.lr. Raises `ConfigError` where it is not.
    """
    length = decay.positive_steps(first.steps(steps_per_epoch, total_steps), "first")
    return cosine_triangular.CosineRestarts(base["lr"], decay.end_below(end, base["lr"]), length, mult)
