"""The validation loss rises although the measures of both parts agree."""

from __future__ import annotations

from ..advice import smooths, stops
from ..records import Records
from ..verdict import Advice, Finding, rule
from .overfitting import GAP, RISE, turn

SHARE = 1.0  # above its best; the study: benchmarks/thresholds/README.md


@rule(
    why=(
        "the net grows surer of answers that stay wrong; its probabilities mean less although it is right "
        "as often"
    ),
    source="Guo, Pleiss, Sun & Weinberger 2017, On calibration of modern neural networks, 3; Prechelt 1998",
    needs=("metrics",),
    follows=(
        "overfitting",
        "learning_rate_too_high",
        "oscillating",
        "batchnorm_mismatch",
        "noisy_loss",
        "unscaled_inputs",
        "unscaled_targets",
    ),
    unless=("overfitting", "diverged", "learning_rate_too_high", "unlearnable_labels"),
)
def validation_turned(records: Records) -> Finding | None:
    """The validation loss rose far above its minimum, but the sign of overfitting is missing.

    Either the training loss rose too, or the measures of both parts agree.
    """
    found = turn(records)
    if found is None or found.rise < RISE or found.share < SHARE or (found.apart >= GAP and found.fell > 0):
        return None
    evidence = [f"val_loss was {found.best:.3g} at epoch {found.since} and is {found.end:.3g}"]
    metric = records.monitor.removeprefix("val_")
    held = dict(records.curve(f"val_{metric}"))
    if metric != "loss" and found.since in held:
        evidence.append(f"val_{metric} was {held[found.since]:.3g} then and is {list(held.values())[-1]:.3g}")
    if found.fell < 0:
        evidence.append(f"the training loss rose by {-found.fell:.2g} as well")
    return Finding("warning", tuple(evidence), cures(records), min(found.since + 1, records.epochs))


def cures(records: Records) -> tuple[Advice, ...]:
    """Stop at the lowest loss; smooth the targets."""
    advice = []
    if not records.has("schedule", "whole"):
        stop = (
            "training.monitor=val_loss",
            *(() if stops(records) else ("regularizers.early_stopping={patience: 10}",)),
        )
        advice.append(Advice("keep the weights of the best val_loss", stop))
    if records.classifies and records.loss_has("shares") and not smooths(records):
        advice.append(Advice("targets that are less sure", ("regularizers.label_smoothing=0.1",)))
    return tuple(advice) or (Advice("fewer epochs", (f"training.epochs={max(1, records.epochs // 2)}",)),)
