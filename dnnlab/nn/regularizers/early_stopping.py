"""Patience with the monitor, and early stopping, which ends the training when it is exhausted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Patience:
    """Counts epochs in a row without an improvement by more than `min_delta`.

    min_delta is absolute; higher scores are better. Epochs count, not measurements: an epoch in which nothing
    was measured is one without improvement. NaN is never an improvement.

    >>> waiting = Patience(min_delta=0.01)
    >>> [waiting.epochs(score, epoch) for epoch, score in enumerate([0.5, 0.505, 0.52, None, 0.52], start=1)]
    [0, 1, 0, None, 2]
    """

    def __init__(self, min_delta: float) -> None:
        self.min_delta = min_delta
        self.best: float | None = None
        self.since: int | None = None

    def epochs(self, score: float | None, epoch: int) -> int | None:
        """Epochs without improvement after `epoch`, or None where nothing was measured."""
        if score is None:
            return None
        if self.since is None:
            self.since = epoch
        if score == score and (self.best is None or score > self.best + self.min_delta):
            self.best, self.since = score, max(self.since, epoch)
        return max(epoch - self.since, 0)

    def restart(self, epoch: int) -> None:
        """Count from `epoch` on; the best score stays. An `epoch` in the future is a pause until then."""
        self.since = epoch

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps, as plain numbers."""
        return {"best": self.best, "since": self.since}

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from a checkpoint."""
        self.best, self.since = state["best"], state["since"]


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
