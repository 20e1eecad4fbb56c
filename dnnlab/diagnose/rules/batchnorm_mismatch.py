"""The running statistics of BatchNorm do not fit the statistics of the batches."""

from __future__ import annotations

from itertools import pairwise

from ..advice import runs_on
from ..chance_level import chance_loss
from ..curves import median
from ..records import Records
from ..verdict import Advice, Finding, rule

WORSE = 0.05  # of the loss of a constant answer; the study: benchmarks/thresholds/README.md
EPOCHS = 2


def mismatch(records: Records) -> float | None:
    """How much higher the training loss is in evaluation mode than in training mode.

    The median over the second half of the epochs, relative to the loss of a constant answer. The epoch's mean
    loss is taken as the loss in training mode. None without BatchNorm.
    """
    chance = chance_loss(records)
    training, evaluated = dict(records.curve("train_loss")), records.curve("train_eval_loss")
    if not runs_on(records) or not chance or len(evaluated) < EPOCHS:
        return None
    half = evaluated[len(evaluated) // 2 :]
    return median((value - training[epoch]) / chance for epoch, value in half if epoch in training)


@rule(
    why=(
        "evaluation uses running means and variances; where they lag behind or come from tiny batches, "
        "it sees another net than training"
    ),
    source="Ioffe & Szegedy 2015; Ioffe 2017, Batch renormalization",
    needs=("metrics",),
    follows=("learning_rate_too_high",),
    unless=("diverged",),
)
def batchnorm_mismatch(records: Records) -> Finding | None:
    """The very same training rows are much worse in evaluation mode than in training mode."""
    found = mismatch(records)
    if found is None or found < WORSE:
        return None
    training, evaluated = dict(records.curve("train_loss")), records.curve("train_eval_loss")
    epoch, value = evaluated[-1]
    evidence = [
        f"training rows at epoch {epoch}: loss {training.get(epoch, 0):.3g} in training mode, "
        f"{value:.3g} in evaluation mode"
    ]
    decay, rows = records.number("normalization.decay", 0.9), records.batch_rows
    evidence.append(f"decay {decay:g}, batches of {rows}, {records.last_step} steps")
    advice = []
    if decay > 0.9 and "normalization.decay" in records.config:
        advice.append(Advice("let the running values follow faster", ("normalization.decay=0.9",)))
    if rows is not None and rows < 16:
        advice.append(Advice("larger batches", ("training.batch_size=32",)))
    if records.has("normalization", "running"):
        advice.append(Advice("a normalization without running values", ("normalization=layer",)))
    since = next(
        (b[0] for a, b in pairwise([(0, 0.0), *evaluated]) if b[1] > training.get(b[0], b[1])),
        evaluated[0][0],
    )
    return Finding(
        "warning",
        tuple(evidence),
        tuple(advice) or (Advice("train longer", (f"training.epochs={4 * records.epochs}",)),),
        since,
    )
