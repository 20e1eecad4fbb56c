"""Performance scheduling."""

from __future__ import annotations

from typing import Annotated, Any

from annotated_types import Gt, Lt

from ...errors import ConfigError, Problem
from ...registry import NonNegative, NonNegativeInt, PositiveInt, part


@part(
    "schedule",
    source=(
        "Geron, Hands-On Machine Learning, ch. 11 (performance scheduling); "
        "torch.optim.lr_scheduler.ReduceLROnPlateau"
    ),
    aliases=("reduce_on_plateau",),
    example={"factor": 0.1, "patience": 2},
    hints={
        "monitor": "training: {monitor: val_loss}",
        "threshold": "schedule: {name: performance, min_delta: 1e-4}",
        "mode": "training: {monitor: val_loss}",
    },
    observes=True,
    conversions={
        "torch": (
            'ReduceLROnPlateau(factor=0.1, patience=p, threshold_mode="rel"): patience: p + 1; threshold is '
            "min_delta, absolute here; factor is 0.5 by default here"
        ),
        "keras": (
            "ReduceLROnPlateau(factor=0.1, patience, min_delta, cooldown=c, min_lr): the same, but cooldown: "
            "c - 1 (a cooldown of 1 does nothing there); factor is 0.5 by default here, monitor is "
            "training.monitor"
        ),
    },
    floor="min_lr",
)
def performance(
    base: Any,
    total_steps: Any,
    steps_per_epoch: Any,
    *,
    factor: Annotated[float, Gt(0), Lt(1)] = 0.5,
    patience: PositiveInt = 10,
    min_delta: NonNegative = 1e-4,
    cooldown: NonNegativeInt = 0,
    min_lr: NonNegative = 0.0,
) -> Any:
    """A rate that falls when the monitor stops improving.

    It is multiplied by `factor` after `patience` epochs in a row that gained no more than min_delta. factor:
    in (0, 1). patience, cooldown: epochs; those of the cooldown after a reduction are not counted. (torch
    waits for one epoch more than its patience.) min_delta: absolute, in the monitor's own units. min_lr: the
    rate never falls below. The counters are in the checkpoint. Raises `ConfigError` where min_lr is not below
    optimizer.lr.
    """
    if min_lr >= base["lr"]:
        received = f"min_lr {min_lr:g} is not below optimizer.lr {base['lr']:g}, so the rate could never fall"
        raise ConfigError(
            Problem(
                received,
                "expected a smaller number",
                f"min_lr: {base['lr'] / 1000:g}",
                "min_lr",
                code="no_effect",
            )
        )

    from ...optim.schedules.plateau import Plateau

    return Plateau(base["lr"], factor, patience, min_delta, cooldown, min_lr)
