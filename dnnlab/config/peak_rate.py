"""Which key sets the largest learning rate, and what else has to change with it, so that the config is still accepted.

The functions on a flat config trust nothing that it holds: it may come from a damaged run.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .experiment import Config

Flat = Mapping[str, Any]
Changes = dict[str, float | list[float]]
LR, VALUES, SWA, STEP_SIZES = "optimizer.lr", "schedule.values", "regularizers.swa.lr", "optimizer.step_sizes"
PEAKS = (
    "schedule.max_lr",
    "schedule.max",
)  # of the schedules that rise to a rate of their own, which goes before the optimizer's
FLOORS = ("schedule.end", "schedule.min_lr")  # rates that a schedule falls to, below optimizer.lr


def peak_rate(config: Config) -> tuple[str, float | None]:
    """The address of the largest learning rate, and its value; None where the optimizer has none."""
    return peak_of(config.flat())


def rate_changes(config: Config, wanted: float) -> Changes:
    """Address -> value of what makes `wanted` the largest rate.

    A rate that the schedule rises from stays as many times below it.
    """
    return changes_of(config.flat(), wanted, config.written(LR))


def typed(changes: Changes, write: Callable[[float], str] = "{:g}".format) -> list[str]:
    """The changes as KEY=VALUE."""
    return [f"{key}={_text(value, write)}" for key, value in changes.items()]


def peak_of(flat: Flat) -> tuple[str, float | None]:
    """The same for a flat config.

    `piecewise_constant` has the key of all its values, an swa from the start its own rate.
    """
    if (own := _number(flat.get(SWA))) and str(flat.get("regularizers.swa.start")).startswith("0 "):
        return SWA, own
    for key in PEAKS:
        if value := _number(flat.get(key)):
            return key, value
    if values := _numbers(flat.get(VALUES)):
        return VALUES, max(values)
    return LR, _number(flat.get(LR))


def changes_of(flat: Flat, wanted: float, lr_written: bool) -> Changes:
    """The same for a flat config. lr_written: whether somebody wrote optimizer.lr, or may have."""
    key, peak = peak_of(flat)
    if not peak:
        return {key: wanted}
    times = wanted / peak
    if key == VALUES:
        scaled = [wanted if value == peak else _rounded(value * times) for value in _numbers(flat[VALUES])]
        changes: Changes = {key: scaled, **({LR: scaled[0]} if lr_written else {})}
    else:
        changes = {key: wanted, **_starts(flat, key, wanted, times, lr_written)}
    return changes | _limits(flat, changes.get(LR))


def may_be_written(flat: Flat) -> bool:
    """Whether optimizer.lr may have been written, which a flat config does not say: beside which rates it would not be refused."""
    key, peak = peak_of(flat)
    lr, base = _number(flat.get(LR)), _number(flat.get("schedule.base"))
    if lr is None or peak is None:
        return False
    if key == VALUES:
        return lr == _numbers(flat[VALUES])[0]
    return lr < peak and base in (None, lr) and _number(flat.get("schedule.div_factor")) is None


def _starts(flat: Flat, key: str, wanted: float, times: float, lr_written: bool) -> Changes:
    """The rates that a schedule rises from, where the peak would not lie above them any more."""
    base, lr = _number(flat.get("schedule.base")), _number(flat.get(LR))
    starts = {} if base is None else {"schedule.base": base}
    if lr is not None and (
        lr_written or (key == "schedule.max" and base is None)
    ):  # triangular begins with a rate by default, too
        starts[LR] = lr
    if key not in PEAKS or all(value < wanted for value in starts.values()):
        return {}
    return {address: _below(wanted, value * times) for address, value in starts.items()}


def _limits(flat: Flat, wanted: Any) -> Changes:
    """What else refuses another optimizer.lr: a rate to fall to that is not below it, and rprop's step sizes around it."""
    lr = _number(flat.get(LR))
    if not isinstance(wanted, int | float) or not lr:
        return {}
    found = {
        key: value for key in FLOORS if (value := _number(flat.get(key))) is not None and value >= wanted
    }
    changes: Changes = {key: _below(wanted, value * wanted / lr) for key, value in found.items()}
    sizes = _numbers(flat.get(STEP_SIZES))
    if len(sizes) == 2 and not sizes[0] <= wanted <= sizes[1]:
        least, largest = (_rounded(size * wanted / lr) for size in sizes)
        changes[STEP_SIZES] = [min(sizes[0], least, wanted), max(sizes[1], largest, wanted)]
    return changes


def _below(limit: float, rate: float) -> float:
    """The rate in as few digits as do not lift it to the limit."""
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
