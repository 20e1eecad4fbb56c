"""Step decay."""

from __future__ import annotations

from typing import Annotated, Any

from annotated_types import Gt, Lt

from ...optim.schedules import decay
from ...registry import Duration, part


@part(
    "schedule",
    source="He et al. 2016, arXiv:1512.03385; Stanford CS231n notes, 'Annealing the learning rate'",
    aliases=("step_decay",),
    jumps="every",
    example={"drop": 0.1, "every": "2 epochs"},
    hints={
        "gamma": "schedule: {name: step, drop: 0.1}",
        "step_size": "schedule: {name: step, every: 10 epochs}",
    },
    conversions={
        "torch": "StepLR(step_size, gamma=0.1): every: step_size epochs, drop: gamma",
        "keras": (
            "ExponentialDecay(decay_steps, decay_rate, staircase=True): every: decay_steps steps, drop: "
            "decay_rate"
        ),
    },
)
def step(
    base: Any,
    total_steps: Any,
    steps_per_epoch: Any,
    *,
    drop: Annotated[float, Gt(0), Lt(1)] = 0.5,
    every: Duration,
) -> Any:
    """`lr * drop^floor(t / every)`: the rate is multiplied by `drop` at the end of each `every`.

    drop: in (0, 1). every: a time such as `10 epochs`, longer than 0.
    """
    return decay.exponential(
        base["lr"],
        drop,
        decay.positive_steps(every.steps(steps_per_epoch, total_steps), "every"),
        staircase=True,
    )
