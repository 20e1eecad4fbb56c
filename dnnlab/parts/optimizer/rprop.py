"""Rprop."""

from __future__ import annotations

from typing import Annotated, Any

from annotated_types import Gt, Lt

from ...errors import ConfigError, Problem
from ...registry import Positive, part


@part(
    "optimizer",
    source=(
        "Riedmiller & Braun 1993, A direct adaptive method for faster backpropagation learning: the RPROP "
        "algorithm"
    ),
    example={"lr": 0.02, "etas": [0.6, 1.3], "step_sizes": [1e-4, 1.0]},
    finds_steps=True,
    by_sign=True,
    hints={
        "learning_rate": "optimizer: {name: rprop, lr: 0.01}",
        "weight_decay": "regularizers: {l2: 1e-4}",
        "etaminus": "etas: [{value}, 1.2]",
        "etaplus": "etas: [0.5, {value}]",
        "momentum": "optimizer: {name: sgd, momentum: 0.9}",
    },
    conversions={
        "torch": (
            "torch.optim.Rprop(lr, etas, step_sizes): the same while the rate is constant; a schedule acts "
            "here, there it does not"
        ),
        "keras": "no such optimizer",
    },
)
def rprop(
    groups: Any,
    *,
    lr: Positive = 0.01,
    etas: tuple[Annotated[float, Gt(0), Lt(1)], Annotated[float, Gt(1)]] = (0.5, 1.2),
    step_sizes: tuple[Positive, Positive] = (1e-6, 50.0),
) -> Any:
    """Each weight moves by a step size of its own, against the gradient's sign.

    It is made for the full batch (`batch_size: full`). lr: every step size at first, > 0; when a schedule
    lowers the rate, all steps become shorter in proportion. etas: a step size is multiplied by the first
    number, in (0, 1), when the sign changed (and the weight rests once), and by the second, > 1, when it did
    not. step_sizes: the least and the largest. Raises `ConfigError` for a lr outside step_sizes.
    """
    least, largest = step_sizes
    if least > largest:
        received = f"the least step size {least:g} lies above the largest, {largest:g}"
        fix = f"step_sizes: [{largest:g}, {least:g}]"
        raise ConfigError(Problem(received, "the smaller one first", fix, "step_sizes", code="out_of_range"))
    if not least <= lr <= largest:
        received = f"lr is {lr:g}, the step sizes go from {least:g} to {largest:g}"
        fix = f"lr: {min(max(lr, least), largest):g}"
        raise ConfigError(
            Problem(received, "expected a first step size within them", fix, "lr", code="out_of_range")
        )

    from ...optim.optimizers.rprop import Rprop

    return Rprop(groups, lr=lr, etas=etas, step_sizes=step_sizes)
