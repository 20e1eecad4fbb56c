"""Records made by hand: a run in a few numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dnnlab.diagnose import Records, Sample

CONFIG: dict[str, Any] = {
    "architecture": "mlp",
    "architecture.hidden": [32, 32],
    "activation": "relu",
    "initializer": "auto",
    "normalization": "none",
    "loss": "cross_entropy",
    "optimizer": "adam",
    "optimizer.lr": 0.001,
    "schedule": "constant",
    "schedule.warmup": "none",
    "gradient_clipping": "none",
    "training.epochs": 10,
    "training.batch_size": 32,
    "training.accumulate": 1,
    "data.scale": "standardize",
    "data.balance": "none",
}
STEPS = 50  # an epoch


def values(rows: Sequence[dict[str, Any]]) -> tuple[Sample, ...]:
    """One sample an epoch."""
    return tuple(Sample(STEPS * (i + 1), i + 1, row) for i, row in enumerate(rows))


def grouped(rows: Sequence[dict[str, Any]]) -> tuple[Sample, ...]:
    """One sample an epoch, of records that have several numbers a layer."""
    return tuple(Sample(STEPS * (i + 1), i + 1, {}, row) for i, row in enumerate(rows))


def records(
    train: Sequence[float],
    val: Sequence[float] | None = None,
    config: dict[str, Any] | None = None,
    **more: Any,
) -> Records:
    """A run on four even classes: chance is ln 4 = 1.386. train, val: the losses of its epochs; accuracy
    follows from them.
    """
    rows = []
    for i, loss in enumerate(train):
        beside = loss if val is None else val[i]
        rows.append(
            {
                "train_loss": loss,
                "train_eval_loss": loss,
                "val_loss": beside,
                "train_eval_accuracy": accuracy(loss),
                "val_accuracy": accuracy(beside),
            }
        )
    usual: dict[str, Any] = {
        "word": "abc123",
        "target": "index",
        "names": ("a", "b", "c", "d"),
        "class_counts": (100, 100, 100, 100),
        "rows": {"train": 400, "validation": 100},
        "monitor": "val_accuracy",
        "metrics": values(rows),
        "steps": values([{"loss": loss, "gradient_norm": 1.0} for loss in [1.4, *train[1:]]]),
        "ratios": values(
            [{"hidden1.weight": 2e-3, "hidden2.weight": 1e-3, "output.weight": 3e-3} for _ in train]
        ),
        "gradients": values([{"hidden1": 0.5, "hidden2": 0.4, "output": 0.6} for _ in train]),
        "spread": {"largest": 1.0, "widest": 1.0, "typical": 1.0},
    }
    return Records(config={**CONFIG, **(config or {})}, **{**usual, **more})


def accuracy(loss: float) -> float:
    """From 0.25 at chance to 1 without any loss."""
    return max(0.25, min(1.0, 1 - 0.75 * loss / 1.386))


FALLING = [1.2, 0.8, 0.5, 0.35, 0.25, 0.2, 0.17, 0.15, 0.14, 0.13]
