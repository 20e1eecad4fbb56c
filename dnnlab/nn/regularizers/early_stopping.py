"""Stopping when the monitor no longer improves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .patience import Patience


class EarlyStopping:
    """Says stop once `patience` epochs in a row brought no improvement by more than `min_delta`."""

    def __init__(self, patience: int, min_delta: float, restore_best: bool) -> None:
        self.patience, self.restore_best = patience, restore_best
        self.waiting = Patience(min_delta)

    def observe(self, score: float | None, epoch: int) -> bool:
        """Hear the monitor after `epoch` (higher is better, None: not measured). True: stop now."""
        without = self.waiting.epochs(score, epoch)
        return without is not None and without >= self.patience

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps, as plain numbers."""
        return self.waiting.state()

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from a checkpoint."""
        self.waiting.load(state)

    def words(self, monitor: str) -> str:
        """Why training stopped, for the screen."""
        epochs = "1 epoch" if self.patience == 1 else f"{self.patience} epochs"
        return f"{monitor} no better for {epochs}; {'best' if self.restore_best else 'last'} weights kept"
