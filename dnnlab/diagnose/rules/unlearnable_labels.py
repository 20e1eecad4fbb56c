"""The inputs carry no information about the targets."""

from __future__ import annotations

from ..advice import with_trait
from ..chance_level import final, gains
from ..records import Records
from ..verdict import Advice, Finding, rule
from .learning_rate_too_low import LOW, falls_strongly, typical_ratio
from .not_learning import LITTLE, at_chance, learned
from .underfitting import BROKEN

# of the way from chance to perfect on validation rows: their loss is no better than a constant answer's
BESIDE = 0.01
EPOCHS = 5


def by_heart_alone(records: Records) -> bool:
    """Whether the little that was learned of the training rows says nothing about validation rows."""
    level, beside = learned(records), final(gains(records, "val"))
    return (
        level is not None
        and level < LITTLE
        and beside is not None
        and beside <= BESIDE
        and records.epochs >= EPOCHS
    )


@rule(
    why=(
        "the weights move and gradients reach them, and still not even the training rows can be told apart: "
        "look at the data"
    ),
    source="Zhang, Bengio, Hardt, Recht & Vinyals 2017 (labels without meaning); CS231n, Neural networks 3",
    needs=("metrics", "ratios", "gradients"),
    unless=(*BROKEN, "diverged"),
)
def unlearnable_labels(records: Records) -> Finding | None:
    """Training rows at chance although the net works."""
    ratio = typical_ratio(records)
    if (
        not (at_chance(records) or by_heart_alone(records))
        or with_trait(records, "noise")
        or ratio is None
        or ratio < LOW
        or falls_strongly(records)
        or records.frozen
    ):
        return None
    norms = [v for row in records.gradients for v in row.values.values() if v is not None]
    if not norms or max(norms) == 0:
        return None
    gain, beside = final(gains(records)) or 0.0, final(gains(records, "val"))
    evidence = [
        f"after {records.epochs} epochs {max(gain, 0):.1%} of the loss of a constant answer is gone".replace(
            "%", " %"
        )
    ]
    if beside is not None:
        evidence.append(f"on validation rows {beside:.1%}".replace("%", " %"))
    evidence.append(f"yet a step moves weights by {ratio:.1g} of their size")
    shown = (
        "the right column or files as targets? rows shuffled apart from their labels? an input that matters "
        "left out?"
    )
    return Finding(
        "critical" if at_chance(records) else "warning",
        tuple(evidence),
        (Advice(shown, command="dnnlab check {run}"),),
        1,
    )
