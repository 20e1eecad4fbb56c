"""On validation rows the net is worse than a linear model on the same inputs."""

from __future__ import annotations

import math

from ...config.few_rows import few_rows
from ..advice import epochs, strengths
from ..records import Records
from ..verdict import Advice, Finding, rule
from .learning_rate_too_low import FALLING, still_falling
from .underfitting import BROKEN

MARGIN = 0.05
"""Of accuracy or R2: trainings that differ by the seed alone are as far apart, see benchmarks/recipes."""


def scores(records: Records, part: str = "val") -> tuple[str, float, float] | None:
    """(metric, of the linear model, the best of the net) on rows of a part; None if not known."""
    name = "r2" if records.target == "real" else "accuracy"
    linear, curve = records.baseline.get(f"{part}_{name}"), records.curve(f"{part}_{name}")
    if linear is None or not curve:
        return None
    return f"{part}_{name}", linear, max(value for _, value in curve)


def noise(records: Records, score: float) -> float:
    """What two models may differ by for no reason: at least `MARGIN`, three standard errors of the score.

    Source: Olkin & Finn 1995, Correlations redux (of R2); the binomial distribution (of the accuracy).
    """
    rows, share = records.rows.get("validation", 0), min(max(score, 0.0), 1.0)
    spread = (
        2 * math.sqrt(share) * (1 - share) if records.target == "real" else math.sqrt(share * (1 - share))
    )
    return max(MARGIN, 3 * spread / math.sqrt(max(rows, 1)))


@rule(
    why="a straight line shows what the net has not found: it learned noise, or too little",
    source="Hand 2006, Classifier technology and the illusion of progress",
    needs=("metrics", "baseline"),
    follows=(
        *BROKEN,
        "unlearnable_labels",
        "not_learning",
        "overfitting",
        "validation_turned",
        "underfitting",
    ),
    unless=("diverged",),
)
def worse_than_linear(records: Records) -> Finding | None:
    """The best validation score of the net is below that of the linear model by more than noise.

    A note while the training loss still falls: the training is not over.
    """
    found = scores(records)
    if found is None or found[1] - found[2] <= noise(records, found[1]):
        return None
    name, linear, own = found
    rows = records.rows.get("train", 0)
    few = f" ({rows:,} training rows)" if few_rows(rows) else ""
    seen = f"{name} is {own:.3g} at best; {records.baseline_model} regression has {linear:.3g}{few}"
    evidence = [seen, *([few_rows(rows)] if few else [])]
    learned = scores(records, "train")
    by_heart = learned is not None and learned[2] > learned[1]
    return Finding(
        "note" if (still_falling(records) or 0.0) >= FALLING else "warning",
        tuple(evidence),
        tuple(simpler(records)) if by_heart else (epochs(records, 4, "train longer"),),
    )


def simpler(records: Records) -> list[Advice]:
    """A stronger penalty, for a net that knows its training rows better than the line does."""
    penalties = strengths(records, "shrinks")
    if not penalties:
        return [Advice("punish large weights", ("regularizers.l2=1e-2",))]
    key, value = penalties[0]
    return [Advice("a stronger penalty", (f"{key}={float(f'{3 * value:.2g}'):g}",))]
