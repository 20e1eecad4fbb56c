"""Early stopping with schedules that do not allow it."""

from __future__ import annotations

from collections.abc import Iterator

from ..config import Config
from ..finding import Finding
from .layers import has_trait, stopping


def early_stopping_one_cycle(config: Config) -> Iterator[Finding]:
    """Early stopping under a one-cycle schedule."""
    schedule = config.experiment.schedule
    stoppers = stopping(config.experiment.regularizers) if has_trait(schedule, "whole") else {}
    for path, stopper in stoppers.items():
        yield Finding(
            "early_stopping_one_cycle",
            path,
            f"early stopping under {schedule.name}",
            "the measures worsen while the rate is high and become best at the very end, "
            "which stopping would cut off",
            f"remove {stopper.name}",
            "Smith 2018, arXiv:1803.09820",
        )
