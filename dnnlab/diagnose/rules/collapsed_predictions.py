"""The net predicts one class, or a few, whatever the input."""

from __future__ import annotations

from ..advice import rate
from ..chance_level import final, skills
from ..records import Records
from ..verdict import Advice, Finding, rule
from .class_imbalance import predicted
from .not_learning import at_chance, too_early
from .underfitting import BROKEN

EXCESS = (
    0.25  # by which one class is predicted oftener than it occurs; the study: benchmarks/thresholds/README.md
)
NEARLY_ALL = 0.8  # of the predictions
UNUSED = 0.5  # share of the labels whose classes are hardly ever predicted
HARDLY = 0.05  # of the class's own share
BETTER = (
    0.1  # of the way from chance to perfect: then the answers are few, but right too often for a constant
)


def excess(records: Records) -> float | None:
    """By how much the class that is predicted too often exceeds its share of the labels."""
    return max((share - label for share, label in predicted(records).values()), default=None)


def unused(records: Records) -> float | None:
    """The share of the labels that belong to classes hardly ever predicted."""
    found = predicted(records)
    return sum(label for share, label in found.values() if share < HARDLY * label) if found else None


def better(records: Records) -> float:
    """How far the measure is from chance, in the part in which it is nearer to chance.

    The minimum is taken because few rows are measured, and their class shares differ from those of all rows.
    """
    return min(v if v is not None else 1.0 for v in (final(skills(records)), final(skills(records, "val"))))


@rule(
    why="outputs that no longer depend on the input: the last bias does all the work",
    source="Goodfellow, Bengio & Courville 2016, Deep Learning, 11.5: look at what the model does",
    needs=("predictions",),
    follows=("class_imbalance", *BROKEN, "unlearnable_labels", "not_learning", "overfitting"),
    unless=("diverged",),
)
def collapsed_predictions(records: Records) -> Finding | None:
    """One class is predicted far too often, or most classes never."""
    over, never, found = excess(records), unused(records), predicted(records)
    if over is None or never is None or too_early(records) or better(records) > BETTER:
        return None
    if never < UNUSED and (over < EXCESS or max(share for share, _ in found.values()) < NEARLY_ALL):
        return None
    name = max(found, key=lambda n: found[n][0] - found[n][1])
    share, label = found[name]
    evidence = [
        f'{share:.0%} of the predictions are "{name}", which {label:.0%} of the rows are'.replace("%", " %")
    ]
    left = [n for n, (s, y) in found.items() if s < HARDLY * y]
    if left:
        evidence.append(
            f"hardly ever predicted: {', '.join(left[:5])}"
            + (f" and {len(left) - 5} more" if len(left) > 5 else "")
        )
    check = Advice("see whether the net learns 20 rows at all", command="dnnlab check {run}")
    return Finding(
        "critical" if at_chance(records) else "warning", tuple(evidence), (check, *rate(records, 0.3)), 1
    )
