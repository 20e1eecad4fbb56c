"""Stochastic weight averaging."""

from __future__ import annotations

from typing import Any

from ...errors import ConfigError, Problem
from ...registry import Duration, Positive, part


@part(
    "regularizers",
    source="Izmailov, Podoprikhin, Garipov, Vetrov & Wilson 2018, arXiv:1803.05407; torch.optim.swa_utils",
    example={"start": "3 steps", "lr": 0.05},
    hints={
        "swa_start": "start: 7 epochs for swa_start 5 in torch's loop `epoch > swa_start`",
        "swa_lr": "lr: {value}",
        "swa_lrs": "lr: {value}",
    },
    effect="average",
    conversions={
        "torch": (
            "torch.optim.swa_utils.AveragedModel, update_parameters after each epoch from start on; its "
            "usual loop, epoch > swa_start, is start: swa_start + 2 epochs; update_bn takes the mean over "
            "batches, where here every row counts once; SWALR(swa_lr) goes to its rate over some epochs, lr "
            "is there at once, times a layer's lr_factor"
        ),
        "keras": "no such class",
    },
    sets_rate=("start", "lr"),
    suffix="swa",
)
def swa(table: Any, *, start: Duration = Duration(75.0, "%"), lr: Positive | None = None) -> Any:  # noqa: B008 (frozen)
    """The mean of the weights at the ends of late epochs.

    It is a point in the middle of those that a constant rate wanders between. start: a time such as `10
    epochs`, shorter than the training. lr: the constant learning rate from `start` on, > 0; none: the
    schedule goes on. After each epoch from `start` on the average is evaluated (`val_<metric>_swa`) and saved
    beside the raw weights, which it leaves alone. BatchNorm's running values do not fit averaged weights.
    They become the mean and variance over all training inputs (not augmented), each row counting once, which
    takes one pass for each BatchNorm layer, up to that layer. Raises ConfigError where start is too late.
    """
    first = start.steps(table.steps_per_epoch, table.total_steps)
    if first >= table.total_steps:
        text = f"received {start}, which is {first:g} steps; the whole training has {table.total_steps}"
        problem = Problem(
            text, "expected a time before its end", "swa: {start: 75 %}", "start", code="out_of_range"
        )
        raise ConfigError(problem)

    from ...nn.regularizers.weight_averages import Swa

    return Swa(table.net, first, table.steps_per_epoch, lr)
