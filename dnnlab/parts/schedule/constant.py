"""The learning rate that does not change."""

from __future__ import annotations

from typing import Any

from ...optim.schedules import decay
from ...registry import part


@part(
    "schedule",
    source="Robbins & Monro 1951",
    neutral=True,
    conversions={"torch": "no scheduler", "keras": "a number as learning_rate"},
)
def constant(base: Any, total_steps: Any, steps_per_epoch: Any) -> Any:
    """optimizer.lr in every step."""
    return decay.constant(base["lr"])
