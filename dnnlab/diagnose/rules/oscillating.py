"""A training loss that goes up and down from epoch to epoch."""

from __future__ import annotations

import statistics
from itertools import pairwise

from ..advice import rate
from ..chance_level import chance_loss
from ..records import Records
from ..verdict import Advice, Finding, rule

SWING = 0.06  # the study: benchmarks/thresholds/README.md
RISES = 0.25  # share of the epochs in which the loss rose
EPOCHS = 6


def swing(records: Records) -> tuple[float, float] | None:
    """The mean change of the training loss between epochs, and the share of the changes that are rises.

    Over the second half of the epochs, relative to the loss of a constant answer. None if there are too few
    epochs.
    """
    chance, curve = chance_loss(records), [v for _, v in records.trained("loss")]
    if not chance or len(curve) < EPOCHS:
        return None
    half = curve[len(curve) // 2 - 1 :]
    steps = [b - a for a, b in pairwise(half)]
    return statistics.fmean(map(abs, steps)) / chance, sum(step > 0 for step in steps) / len(steps)


@rule(
    why=(
        "steps that are a little too large jump from one side of the valley to the other and never reach "
        "its floor"
    ),
    source=(
        "Bengio 2012, Practical recommendations for gradient-based training, 3.1.1; LeCun et al. 1998, "
        "Efficient BackProp, 5"
    ),
    needs=("metrics",),
    follows=(
        "learning_rate_too_high",
        "noisy_loss",
        "exploding_gradients",
        "unscaled_inputs",
        "unscaled_targets",
        "batchnorm_mismatch",
    ),
)
def oscillating(records: Records) -> Finding | None:
    """Large steps of the training loss between epochs, in both directions."""
    found = swing(records)
    if found is None or found[0] < SWING or found[1] < RISES or records.has("schedule", "rises_again"):
        return None
    curve = records.trained("loss")
    half = curve[len(curve) // 2 :]
    low, high = min(v for _, v in half), max(v for _, v in half)
    since = next(epoch for (_, a), (epoch, b) in pairwise(curve) if b > a)
    evidence = (
        f"the training loss went between {low:.3g} and {high:.3g} in the last {len(half)} epochs",
        f"it rose in {found[1]:.0%} of them".replace("%", " %"),
    )
    calm = Advice(
        "let the rate fall when the monitor stops getting better",
        ("schedule={name: performance, patience: 3}",),
    )
    return Finding("warning", evidence, (*rate(records, 0.3), calm), since)
