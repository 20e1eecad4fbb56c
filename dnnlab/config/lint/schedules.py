"""Schedules and patience that training ends before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ...registry import Duration, Ramp, address
from .finding import Finding
from .layers import is_part

if TYPE_CHECKING:
    from ..experiment import Config

Found = Iterator[tuple[str, Duration]]


def schedule_too_long(config: Config) -> Iterator[Finding]:
    """A time in the schedule (or a momentum's ramp) that lies beyond the last epoch. Times in steps are only known with the data."""
    experiment = config.experiment
    epochs = experiment.training.epochs
    for path, time in (*_times(experiment.schedule, "schedule"), *_times(experiment.optimizer, "optimizer")):
        if (time.unit == "epochs" and time.amount > epochs) or (time.unit == "%" and time.amount > 100):
            yield Finding(
                "schedule_too_long",
                path,
                f"{time} in a training of {epochs} epoch{'s' if epochs != 1 else ''}",
                "training ends before the schedule gets there, with a rate that it was not meant to end with",
                f"write `{path}: {'100 %' if time.unit == '%' else f'{epochs} epochs'}` or less, or train longer",
                "Goyal et al. 2017, arXiv:1706.02677; Li, Yumer & Ramanan 2020, arXiv:1905.04753 (budgeted training)",
            )


def patience_too_long(config: Config) -> Iterator[Finding]:
    """A patience that the last epoch comes before: the rate is never reduced, the training never stopped.

    The first epoch is always an improvement, so that a patience of n runs out after epoch n + 1 at the earliest.
    """
    x = config.experiment
    epochs = x.training.epochs
    waiting = {"schedule.patience": x.schedule if is_part(x.schedule, "performance") else None}
    waiting["regularizers.early_stopping.patience"] = x.regularizers.get("early_stopping")
    for path, part in waiting.items():
        if part is not None and part.keys["patience"] + 1 >= epochs:
            yield Finding(
                "patience_too_long",
                path,
                f"a patience of {part.keys['patience']} in a training of {epochs} epoch{'s' if epochs != 1 else ''}",
                f"{part.name} waits for so many epochs without an improvement, which is never over before the last one",
                f"write `{path}: {max(1, epochs // 5)}` or train longer",
                "Prechelt 1998, Early stopping - but when?; Geron, Hands-On Machine Learning, ch. 11 (performance scheduling)",
            )


def _times(part: Any, path: str) -> Found:
    # `per` is a unit that a rate of decay is counted in, no time at which something happens.
    for key, value in part.keys.items():
        if key != "per":
            yield from _in(value, (path, key))


def _in(value: Any, path: tuple[str | int, ...]) -> Found:
    if isinstance(value, Duration):
        yield address(path), value
    elif isinstance(value, Ramp):
        yield address((*path, "over")), value.over
    elif isinstance(value, list | tuple):
        for i, item in enumerate(value):
            yield from _in(item, (*path, i))
