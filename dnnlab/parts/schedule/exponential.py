"""Exponential decay."""

from __future__ import annotations

from typing import Annotated, Any

from annotated_types import Gt, Lt

from ...optim.schedules import decay
from ...registry import Duration, part


@part(
    "schedule",
    source="Geron, Hands-On Machine Learning, ch. 11; Senior et al. 2013",
    jumps=lambda staircase, **_: "over" if staircase else None,
    example={"decay_rate": 0.5, "over": "2 epochs"},
    conversions={
        "torch": (
            "ExponentialLR(gamma): decay_rate: gamma, over: 1 epochs, staircase: true; "
            "StepLR(step_size, gamma): over: step_size epochs"
        ),
        "keras": (
            "ExponentialDecay(initial_learning_rate, decay_steps, decay_rate, staircase): optimizer.lr, "
            "over: decay_steps steps, decay_rate, staircase"
        ),
    },
)
def exponential(
    base: Any,
    total_steps: Any,
    steps_per_epoch: Any,
    *,
    decay_rate: Annotated[float, Gt(0), Lt(1)] = 0.1,
    over: Duration,
    staircase: bool = False,
) -> Any:
    """`lr * decay_rate^(t / over)`: the rate falls to the decay_rate-th part every `over`.

    decay_rate: in (0, 1). over: a time such as `10 epochs`. staircase: falls at once at the end of each
    `over`, not a little every step.
    """
    return decay.exponential(
        base["lr"],
        decay_rate,
        decay.positive_steps(over.steps(steps_per_epoch, total_steps), "over"),
        staircase,
    )
