"""Schedules and momentum ramps beyond the end of training, and a momentum that a schedule overrides."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...registry import Bound, Duration, Ramp, address, inline
from ..config import Config
from ..finding import Finding
from ..sections import Experiment
from .layers import is_part

Found = Iterator[tuple[str, Duration]]


def schedule_too_long(config: Config) -> Iterator[Finding]:
    """A time of the schedule, or of a momentum ramp, beyond the last epoch.

    A jump of the rate must also not fall on the end. Times in steps are compared once the rows of the data
    are counted.
    """
    x = config.experiment
    for path, time in (*_times(x.schedule, "schedule"), *_times(x.optimizer, "optimizer")):
        jumps = _jumps(x.schedule, path)
        end = _end(config, time.unit)
        if end is None or time.amount < end or (time.amount == end and not jumps):
            continue
        yield Finding(
            "schedule_too_long",
            path,
            f"{time} in a training of {_length(config, time.unit)}",
            "training ends before the schedule gets there, with a rate that it was not meant to end with",
            f"write {(_earlier if jumps else _within)(x, path, time.unit)} or less, or train longer",
            "Goyal et al. 2017, arXiv:1706.02677; "
            "Li, Yumer & Ramanan 2020, arXiv:1905.04753 (budgeted training)",
        )


def momentum_in_cycle(config: Config) -> Iterator[Finding]:
    """A written momentum outside of the range through which one_cycle moves it."""
    x = config.experiment
    key = "momentum" if "momentum" in x.optimizer.keys else "betas"
    momentum = x.optimizer.keys.get(key)
    momentum = momentum[0] if isinstance(momentum, list | tuple) else momentum
    if (
        not is_part(x.schedule, "one_cycle")
        or not isinstance(momentum, float)
        or not momentum
        or not config.written(f"optimizer.{key}")
    ):
        return
    high, low = (x.schedule.keys[f"{end}_momentum"] for end in ("max", "min"))
    high, low = 0.95 if high is None else high, 0.85 if low is None else low
    if not low <= momentum <= high:
        ends = f"min_momentum: {min(momentum, low):g}, max_momentum: {max(momentum, high):g}"
        yield Finding(
            "momentum_in_cycle",
            f"optimizer.{key}",
            f"a momentum of {momentum:g} under one_cycle",
            f"the schedule sets the momentum in every step, between {low:g} and {high:g}, "
            "so that this number never acts",
            f"write `schedule: {{{ends}}}` around it, or a number between them",
            "Smith 2018, arXiv:1803.09820",
        )


def _jumps(schedule: Bound, path: str) -> bool:
    """Whether the rate changes only at this time, and not before it."""
    key = schedule.flag_of_keys("jumps")
    return key is not None and f"{path}.".startswith(f"schedule.{key}.")


def _end(config: Config, unit: str) -> float | None:
    epochs = config.experiment.training.epochs
    steps = None if config.steps_per_epoch is None else float(epochs * config.steps_per_epoch)
    return {"epochs": float(epochs), "%": 100.0, "steps": steps}[unit]


def _length(config: Config, unit: str) -> str:
    epochs = config.experiment.training.epochs
    words = f"{epochs} epoch{'s' if epochs != 1 else ''}"
    return f"{words} ({_end(config, unit):g} steps)" if unit == "steps" else words


def _within(x: Experiment, path: str, unit: str) -> str:
    return f"`{path}: {f'{x.training.epochs} epochs' if unit == 'epochs' else '100 %'}`"


def _earlier(x: Experiment, path: str, unit: str) -> str:
    """The line for a change within the training; boundaries are evenly spaced, since they have to rise."""
    if (boundaries := x.schedule.keys.get("boundaries")) is not None:
        parts = len(boundaries) + 1
        return f"`schedule.boundaries: {inline([f'{100 * i / parts:.4g} %' for i in range(1, parts)])}`"
    whole = unit == "epochs" and x.training.epochs > 1
    return f"`{path}: {f'{x.training.epochs // 2} epochs' if whole else '50 %'}`"


def _times(part: Bound, path: str) -> Found:
    # `per` is the unit of a rate of decay, no time at which something happens.
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
