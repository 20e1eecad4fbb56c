"""The picture of a schedule: learning rate, and momentum if it changes, over the steps of a training."""

from __future__ import annotations

import math
from typing import Any

from ...assembly.training.lr_and_momentum import ScheduledRates, build_rates
from ...registry import Bound, bind
from .picture import Chart, Line, words_of

EPOCHS, STEPS = 20, 100
"""The training that a schedule is drawn for when no config gives one."""
MOST_POINTS = 4000


def schedule_alone(schedule: Bound) -> Chart:
    """A schedule part on its own: 20 epochs of 100 steps with an optimizer.lr of 1 and a momentum of 0.9.

    Raises `ConfigError`.

    One that rises from optimizer.lr up to a `max` of its own begins at a tenth of that.
    """
    epochs = EPOCHS
    if schedule.flag("observes"):
        epochs = max(epochs, 3 * sum(int(schedule.keys.get(key, 0)) for key in ("patience", "cooldown")) + 2)
    lr = schedule.keys[schedule.flag("peak")] / 10 if schedule.flag("starts_at_lr") else 1.0
    optimizer = bind("optimizer", {"name": "sgd", "lr": lr, "momentum": 0.9})
    rates = build_rates(schedule, optimizer, False, STEPS, epochs)
    return rates_chart(rates, schedule, epochs, STEPS, f"learning rate (optimizer.lr = {lr:g})", "")


def rates_chart(
    rates: ScheduledRates, schedule: Bound, epochs: int, per_epoch: int, y_label: str, name: str
) -> Chart:
    """The rates of `epochs` epochs; for a schedule that observes the monitor, it never improves."""
    steps, lr, momentum = sampled(rates, epochs, per_epoch)
    x = [step / per_epoch for step in steps]
    moved = [value for value in momentum if value is not None]
    right = (
        [Line("momentum", x, moved, dashed=True)] if len(moved) == len(x) and max(moved) > min(moved) else []
    )
    top = max(range(len(lr)), key=lr.__getitem__)
    note = f"{epochs * per_epoch:,} steps; highest {lr[top]:.3g} at step {steps[top]:,}, last {lr[-1]:.3g}"
    note += "; drawn as if the monitor never improved" if schedule.flag("observes") else ""
    unit = "step" if per_epoch == 1 else f"epoch ({per_epoch:,} steps each)"
    title = f"{words_of(schedule)}{f' in {name}' if name else ''}"
    return Chart(title, note, unit, y_label, [Line("learning rate", x, lr)], right, "momentum")


def sampled(rates: ScheduledRates, epochs: int, per_epoch: int) -> tuple[list[int], list[float], list[Any]]:
    """Steps (the first and the last of each epoch among them), their rate and momentum."""
    each = max(2, math.ceil(MOST_POINTS / epochs))
    steps: list[int] = []
    lr: list[float] = []
    momentum: list[Any] = []
    for epoch in range(epochs):
        count = min(each, per_epoch)
        inside = {round(i * (per_epoch - 1) / max(1, count - 1)) for i in range(count)}
        for step in sorted(epoch * per_epoch + i for i in inside):
            rate, moved = rates(step)
            steps.append(step)
            lr.append(rate)
            momentum.append(moved)
        rates.observe(0.0, epoch + 1)
    return steps, lr, momentum
