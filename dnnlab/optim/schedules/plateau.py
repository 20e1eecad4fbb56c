"""A learning rate that falls when the monitor stops improving."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...nn.regularizers.early_stopping import Patience
from .decay import LrAndMomentum


class Plateau:
    """The rate, times `factor` after every `patience` epochs in a row without improvement.

    It never falls below `min_lr`. As torch's ReduceLROnPlateau with mode="max", threshold_mode="abs" and a
    patience of one less. After a reduction `cooldown` epochs are not counted.
    """

    def __init__(
        self, lr: float, factor: float, patience: int, min_delta: float, cooldown: int, min_lr: float
    ) -> None:
        self.lr, self.factor, self.patience, self.cooldown, self.min_lr = (
            lr,
            factor,
            patience,
            cooldown,
            min_lr,
        )
        self.waiting = Patience(min_delta)

    def __call__(self, step: int) -> LrAndMomentum:
        """The rate of a step."""
        return {"lr": self.lr}

    def observe(self, score: float | None, epoch: int) -> None:
        """Hear the monitor after `epoch` (higher is better, None: not measured)."""
        without = self.waiting.epochs(score, epoch)
        if without is not None and without >= self.patience:
            self.lr = max(self.lr * self.factor, self.min_lr)
            self.waiting.restart(epoch + self.cooldown)

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps, as plain numbers."""
        return {"lr": self.lr, **self.waiting.state()}

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from a checkpoint."""
        self.lr = state["lr"]
        self.waiting.load(state)
