"""Schedules that training ends before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ...registry import Duration, Ramp, address
from .finding import Finding

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
