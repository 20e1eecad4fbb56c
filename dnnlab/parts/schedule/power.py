"""Power scheduling."""

from __future__ import annotations

from typing import Any

from ...optim.schedules import decay
from ...registry import Duration, Positive, part


@part(
    "schedule",
    source="Geron, Hands-On Machine Learning, ch. 11; Bottou 2012, Stochastic gradient descent tricks",
    example={"over": "2 epochs", "c": 2.0},
    conversions={
        "torch": "no scheduler; LambdaLR with 1 / (1 + t / over) ** c",
        "keras": "InverseTimeDecay(decay_steps, decay_rate): over: decay_steps / decay_rate steps, c: 1.0",
    },
)
def power(base: Any, total_steps: Any, steps_per_epoch: Any, *, over: Duration, c: Positive = 1.0) -> Any:
    """`lr / (1 + t / over)^c`: a half after `over`, a third after twice that (c = 1).

    over: a time such as `10 epochs`. c: the exponent, > 0.
    """
    return decay.power(base["lr"], decay.positive_steps(over.steps(steps_per_epoch, total_steps), "over"), c)
