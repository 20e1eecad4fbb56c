"""Which key sets the largest learning rate, and what else has to change with it."""

from __future__ import annotations

from .experiment import Config

PEAKS = ("max_lr", "max")  # of the schedules that rise to a rate of their own, which goes before the optimizer's


def peak_rate(config: Config) -> tuple[str, float | None]:
    """The address of the largest learning rate, and its value; None where the optimizer has none."""
    keys = config.experiment.schedule.keys
    for key in PEAKS:
        if keys.get(key) is not None:
            return f"schedule.{key}", keys[key]
    return "optimizer.lr", config.experiment.optimizer.keys.get("lr")


def rate_changes(config: Config, wanted: float) -> dict[str, float]:
    """Address -> value of what makes `wanted` the largest rate. A rate that the schedule rises from stays as many times below it."""
    address, peak = peak_rate(config)
    changes = {address: wanted}
    if address == "optimizer.lr" or not peak:
        return changes
    base = config.experiment.schedule.keys.get("base")
    starts = {} if base is None else {"schedule.base": base}
    if config.written("optimizer.lr") or (address == "schedule.max" and base is None):  # triangular begins with a rate by default, too
        starts["optimizer.lr"] = config.experiment.optimizer.keys["lr"]
    if any(value >= wanted for value in starts.values()):
        changes |= {key: _below(wanted, wanted * value / peak) for key, value in starts.items()}
    return changes


def _below(limit: float, rate: float) -> float:
    """The rate in two digits; whole where that would lift it to the limit."""
    rounded = float(f"{rate:.2g}")
    return rounded if rounded < limit else rate
