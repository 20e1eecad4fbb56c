"""A training loss that stopped falling long before the end."""

from __future__ import annotations

from ..advice import rate
from ..chance_level import chance_loss
from ..curves import median, smooth
from ..records import Records
from ..verdict import Advice, Finding, rule
from .learning_rate_too_high import update_ratio
from .not_learning import at_chance, learned
from .underfitting import BROKEN

FLAT = 0.5  # share of the epochs
STEP = 0.01  # of the loss of a constant answer: less in all these epochs is nothing
LEARNED = 0.9  # above it a flat loss has simply arrived
EPOCHS = 10
RESTLESS = 5e-3  # update ratio; the study: benchmarks/thresholds/README.md


def flat_since(records: Records) -> int | None:
    """The first epoch whose smoothed training loss was as low as the last third's, up to STEP.

    None if there are too few epochs.
    """
    chance, curve = chance_loss(records), smooth(records.trained("loss"))
    if not chance or records.epochs < EPOCHS:
        return None
    level = median(value for _, value in curve[-(len(curve) // 3) :]) or 0.0
    return next((epoch for epoch, value in curve if value - level < STEP * chance), None)


def restless(records: Records) -> float | None:
    """The median update ratio of the second half: how far the weights still go."""
    rows = records.ratios[len(records.ratios) // 2 :]
    return median(update_ratio(row) for row in rows)


@rule(
    why=(
        "the weights wander about in a valley whose floor is narrower than their steps, "
        "or there is nothing more to learn"
    ),
    source=(
        "Bengio 2012, Practical recommendations, 3.1.1; CS231n, Neural networks 3: "
        "annealing the learning rate"
    ),
    needs=("metrics",),
    follows=("underfitting", "overfitting", *BROKEN, "unlearnable_labels", "collapsed_predictions"),
    unless=("not_learning", "diverged"),
)
def plateau(records: Records) -> Finding | None:
    """The second half of the epochs, or more, brought nothing, and the training rows are not learned."""
    since, level = flat_since(records), learned(records)
    if since is None or level is None or level > LEARNED or at_chance(records):
        return None
    flat = (records.epochs - since) / records.epochs
    if flat < FLAT:
        return None
    ratio = restless(records)
    hot = (
        ratio is not None
        and ratio > RESTLESS
        and records.parts.flag("schedule", records.config.get("schedule"), "neutral")
    )
    evidence = [
        f"the last {records.epochs - since} of {records.epochs} epochs did not bring the training loss down"
    ]
    evidence += [f"the weights still moved by {ratio:.1g} of their size a step"] if hot else []
    calm = Advice(
        "let the rate fall when nothing gets better", ("schedule={name: performance, patience: 3}",)
    )
    fewer = Advice("as well in fewer epochs", (f"training.epochs={max(since + 1, 2)}",))
    return Finding(
        "warning" if hot else "note",
        tuple(evidence),
        (calm, *rate(records, 0.3)) if hot else (fewer, calm),
        since,
    )
