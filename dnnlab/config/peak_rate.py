"""The largest learning rate of a training: its key, its value, and what must change with it.

The parts say by flags which of their keys are rates (see `registry/kinds.py`). The functions on a flat config
trust nothing that it holds, because it may come from a damaged run.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..registry import PartFacts
from .config import Config

Flat = Mapping[str, Any]
Changes = dict[str, float | list[float]]
LR, STEP_SIZES = "optimizer.lr", "optimizer.step_sizes"
REGISTERED = PartFacts()


def peak_rate(config: Config) -> tuple[str, float | None]:
    """The address of the largest learning rate, and its value; None if the optimizer has none."""
    return peak_of(config.flat())


def rate_changes(config: Config, wanted: float) -> Changes:
    """Address -> value of the changes that make `wanted` the largest rate.

    A rate that the schedule rises from stays as many times below it.
    """
    return changes_of(config.flat(), wanted, config.written(LR))


def typed(changes: Changes, write: Callable[[float], str] = "{:g}".format) -> list[str]:
    """The changes as KEY=VALUE."""
    return [f"{key}={_text(value, write)}" for key, value in changes.items()]


def peak_of(flat: Flat, parts: PartFacts = REGISTERED) -> tuple[str, float | None]:
    """The largest rate of a flat config: the only place that looks for it.

    An average that keeps a rate from the first step on comes first, then the schedule, then the optimizer.
    """
    for found in _rates_from_the_start(flat, parts):
        return found
    key = _schedule_key(flat, "peak", parts)
    if value := _number(flat.get(key)):
        return key, value
    if values := _numbers(flat.get(key)):
        return key, max(values)
    return LR, _number(flat.get(LR))


def changes_of(flat: Flat, wanted: float, lr_written: bool, parts: PartFacts = REGISTERED) -> Changes:
    """The changes that make `wanted` the largest rate. lr_written: whether optimizer.lr may be written."""
    key, peak = peak_of(flat, parts)
    if not peak:
        return {key: wanted}
    times = wanted / peak
    if values := _numbers(flat.get(key)):
        scaled = [wanted if value == peak else _rounded(value * times) for value in values]
        changes: Changes = {key: scaled, **({LR: scaled[0]} if lr_written else {})}
    else:
        changes = {key: wanted, **_starts(flat, key, wanted, times, lr_written, parts)}
    return changes | _limits(flat, changes.get(LR), parts)


def may_be_written(flat: Flat, parts: PartFacts = REGISTERED) -> bool:
    """Whether optimizer.lr may be written in the config, which a flat config does not record.

    It may be if the other rates would not refuse it.
    """
    key, peak = peak_of(flat, parts)
    lr, start = _number(flat.get(LR)), _number(flat.get(_schedule_key(flat, "start", parts)))
    if lr is None or peak is None:
        return False
    if values := _numbers(flat.get(key)):
        return lr == values[0]
    return lr < peak and start in (None, lr) and _number(flat.get("schedule.div_factor")) is None


def _schedule_flag(flat: Flat, flag: str, parts: PartFacts) -> Any:
    """What the schedule says by a flag."""
    return parts.flag("schedule", flat.get("schedule"), flag)


def _schedule_key(flat: Flat, flag: str, parts: PartFacts) -> str:
    """The address of the key that the schedule names by a flag; "" for none."""
    key = _schedule_flag(flat, flag, parts)
    return "" if key is None else f"schedule.{key}"


def _rates_from_the_start(flat: Flat, parts: PartFacts) -> Iterator[tuple[str, float]]:
    """Address and rate of the regularizers that keep a rate of their own from the first step on."""
    for name in dict.fromkeys(key.split(".")[1] for key in flat if key.startswith("regularizers.")):
        keys = parts.flag("regularizers", name, "sets_rate")
        if keys is None or len(keys) != 2:
            continue
        start, lr = (f"regularizers.{name}.{key}" for key in keys)
        if (rate := _number(flat.get(lr))) and str(flat.get(start)).startswith("0 "):
            yield lr, rate


def _starts(flat: Flat, key: str, wanted: float, times: float, lr_written: bool, parts: PartFacts) -> Changes:
    """The rates that the schedule rises from, if the wanted peak would not lie above them."""
    address = _schedule_key(flat, "start", parts)
    start, lr = _number(flat.get(address)), _number(flat.get(LR))
    starts = {} if start is None else {address: start}
    if lr is not None and (lr_written or (_schedule_flag(flat, "starts_at_lr", parts) and start is None)):
        starts[LR] = lr
    if key != _schedule_key(flat, "peak", parts) or all(value < wanted for value in starts.values()):
        return {}
    return {address: _below(wanted, value * times) for address, value in starts.items()}


def _limits(flat: Flat, wanted: Any, parts: PartFacts) -> Changes:
    """What else would refuse the wanted optimizer.lr: a rate to fall to, and step sizes around it."""
    lr = _number(flat.get(LR))
    if not isinstance(wanted, int | float) or not lr:
        return {}
    key = _schedule_key(flat, "floor", parts)
    floor = _number(flat.get(key))
    changes: Changes = {}
    if floor is not None and floor >= wanted:
        changes[key] = _below(wanted, floor * wanted / lr)
    sizes = _numbers(flat.get(STEP_SIZES))
    if len(sizes) == 2 and not sizes[0] <= wanted <= sizes[1]:
        least, largest = (_rounded(size * wanted / lr) for size in sizes)
        changes[STEP_SIZES] = [min(sizes[0], least, wanted), max(sizes[1], largest, wanted)]
    return changes


def _below(limit: float, rate: float) -> float:
    """The rate, with as few digits as keep it below the limit."""
    return next((short for digits in (2, 3, 6) if (short := _rounded(rate, digits)) < limit), limit / 10)


def _rounded(rate: float, digits: int = 2) -> float:
    return float(f"{rate:.{digits}g}")


def _number(value: Any) -> float | None:
    """A number as a float; None for everything else."""
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or abs(value) > 1e300
        or not math.isfinite(value)
    ):
        return None
    return float(value)


def _numbers(value: Any) -> list[float]:
    """A list of numbers as it is; an empty one for everything else."""
    found = [_number(item) for item in value] if isinstance(value, list | tuple) else []
    return [item for item in found if item is not None] if None not in found else []


def _text(value: float | list[float], write: Callable[[float], str]) -> str:
    return f"[{', '.join(write(item) for item in value)}]" if isinstance(value, list) else write(value)
