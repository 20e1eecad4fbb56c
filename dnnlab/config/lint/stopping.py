"""Early stopping with schedules that do not allow it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .finding import Finding
from .layers import is_part

if TYPE_CHECKING:
    from ..config import Config


def early_stopping_one_cycle(config: Config) -> Iterator[Finding]:
    """Early stopping under a one-cycle schedule."""
    if (
        is_part(config.experiment.schedule, "one_cycle")
        and "early_stopping" in config.experiment.regularizers
    ):
        yield Finding(
            "early_stopping_one_cycle",
            "regularizers.early_stopping",
            "early stopping under one_cycle",
            "the measures worsen while the rate is high and become best at the very end, "
            "which stopping would cut off",
            "remove early_stopping",
            "Smith 2018, arXiv:1803.09820",
        )
