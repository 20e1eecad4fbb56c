"""Early stopping."""

from __future__ import annotations

from typing import Any

from ...registry import NonNegative, PositiveInt, part


@part(
    "regularizers",
    source="Prechelt 1998, Early stopping - but when?",
    example={"patience": 3, "min_delta": 0.01},
    hints={
        "monitor": "training: {monitor: val_loss}",
        "mode": "training: {monitor: val_loss}",
        "restore_best_weights": "regularizers: {early_stopping: {restore_best: true}}",
    },
    effect="stop",
    conversions={
        "torch": "no such class",
        "keras": (
            "EarlyStopping(patience=0, restore_best_weights=False): the same patience; 0, refused here, "
            "stops there as 1 does; restore_best is true by default here, monitor is training.monitor"
        ),
    },
)
def early_stopping(
    table: Any, *, patience: PositiveInt = 10, min_delta: NonNegative = 0.0, restore_best: bool = True
) -> Any:
    """Training ends when the monitor stops improving.

    That is, after `patience` epochs in a row that gained no more than min_delta. patience: epochs, also where
    not every epoch is measured. min_delta: absolute, in the monitor's own units. restore_best: the best
    weights come back at the end.
    """
    from ...nn.regularizers.early_stopping import EarlyStopping

    return EarlyStopping(patience, min_delta, restore_best)
