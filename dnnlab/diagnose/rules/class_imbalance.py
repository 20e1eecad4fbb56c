"""Rare classes that the net hardly ever predicts."""

from __future__ import annotations

from ...data.imbalance import LARGE, measure_imbalance
from ..chance_level import chance_accuracy, final, skills
from ..curves import median
from ..records import Records
from ..verdict import Advice, Finding, rule
from .not_learning import NOTHING, too_early

NEGLECTED = 0.5  # predicted at most half as often as it occurs; the study: benchmarks/thresholds/README.md
LOOKS = 3


def predicted(records: Records, looks: int = LOOKS) -> dict[str, tuple[float, float]]:
    """By class, the share of the predictions and of the labels: the median of the last looks."""
    rows = records.predictions[-looks:]
    names = list(dict.fromkeys(name for row in rows for name in row.groups.get("labels", {})))
    found = {}
    for name in names:
        share = median(row.groups.get("shares", {}).get(name, 0.0) for row in rows)
        label = median(row.groups["labels"].get(name) for row in rows if "labels" in row.groups)
        if share is not None and label is not None:
            found[name] = (share, label)
    return found


def rarest(records: Records, looks: int = LOOKS) -> tuple[str, float, float] | None:
    """The class with the fewest training rows: its name, its share, and how often it is predicted.

    The last number is relative to the share: 1 means as often as it occurs.
    """
    counts = dict(zip(records.names, records.class_counts, strict=False))
    present = {name: n for name, n in counts.items() if n}
    if len(present) < 2:
        return None
    name = min(present, key=present.__getitem__)
    share = present[name] / sum(present.values())
    return name, share, predicted(records, looks).get(name, (share, share))[0] / share


def given_up(records: Records) -> tuple[str, float, float] | None:
    """The result of `rarest` if the class is predicted much too seldom and no balancing is on.

    None if the classes are nearly even or training was too short.
    """
    beside = final(skills(records, "val"))
    # at the baseline only the last look counts: the net gave other answers before it
    at_baseline = beside is not None and beside < NOTHING
    found, balanced = (
        rarest(records, 1 if at_baseline else LOOKS),
        str(records.config.get("data.balance", "none")) != "none",
    )
    uneven = measure_imbalance(records.class_counts).ratio >= LARGE
    return (
        found
        if found and uneven and not balanced and found[2] <= NEGLECTED and not too_early(records)
        else None
    )


@rule(
    why=(
        "the loss is a mean over rows, so that answering with the frequent classes alone is nearly as good; "
        "accuracy hides it"
    ),
    source="He & Garcia 2009, Learning from imbalanced data; Japkowicz & Stephen 2002",
    needs=("predictions",),
    follows=("learning_rate_too_high", "symmetric_initialization", "unscaled_inputs", "exploding_gradients"),
    unless=("diverged",),
)
def class_imbalance(records: Records) -> Finding | None:
    """Uneven classes, no balancing, and a rare class that is predicted much too seldom."""
    found = given_up(records)
    if found is None:
        return None
    name, share, often = found
    evidence = [
        f'"{name}" has {share:.1%} of the rows and {often * share:.1%} of the predictions'.replace("%", " %")
    ]
    accuracy, base = records.trained("accuracy"), chance_accuracy(records)
    if accuracy and base is not None:
        evidence.append(f"accuracy {accuracy[-1][1]:.3f}; always the most frequent class has {base:.3f}")
    weights = Advice("let rare rows count more", ("data.balance=weights",))
    measure = Advice("and measure what rare classes count in", ("metrics=[f1, accuracy]",))
    return Finding("critical" if often < 0.05 else "warning", tuple(evidence), (weights, measure), 1)
