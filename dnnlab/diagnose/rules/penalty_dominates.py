"""A penalty on the weights that outweighs the data."""

from __future__ import annotations

from ...rundir.json_values import number
from ..advice import short, shrinks
from ..chance_level import final, gains, skills
from ..records import Records
from ..verdict import Advice, Finding, rule
from .not_learning import too_early

SHARE = 0.5  # of loss and penalty together: from here on the gradient comes mostly from the penalty
LEARNED = 0.8  # where the data are learned all the same, the penalty may be as large as it likes; the study
HALF = 0.5
GAP = 0.15


def penalty_share(records: Records, last: bool = False) -> float | None:
    """The largest share of the penalty in loss + penalty, over the epochs and the first step.

    With `last` the share in the last epoch. None without a penalty.
    """
    pairs = [
        (row.values.get("train_penalty"), row.values.get("train_loss"))
        for row in (records.metrics[-1:] if last else records.metrics)
    ]
    pairs += (
        [] if last else [(row.values.get("penalty"), row.values.get("loss")) for row in records.steps[:1]]
    )
    shares = [
        penalty / (penalty + loss)
        for penalty, loss in pairs
        if penalty and loss is not None and penalty + loss > 0
    ]
    return max(shares, default=None)


def apart(records: Records) -> float:
    """The skill on training rows minus that on validation rows; 0 if it is not known."""
    sides = final(skills(records)), final(skills(records, "val"))
    return sides[0] - sides[1] if sides[0] is not None and sides[1] is not None else 0.0


@rule(
    why=(
        "the gradient comes mostly from the penalty, which wants the weights to be zero whatever the data say"
    ),
    source=(
        "CS231n, Neural networks 3: gradient checks (do not let the regularization overwhelm the data); "
        "Goodfellow et al. 2016, 7.1"
    ),
    needs=("metrics",),
    unless=("diverged",),
)
def penalty_dominates(records: Records) -> Finding | None:
    """The penalty was larger than the data loss, and the training rows are not learned."""
    share, gain = penalty_share(records), final(gains(records))
    if share is None or gain is None or share < SHARE or gain > LEARNED or too_early(records):
        return None
    # Where the parts are apart the penalty has work to do; where it fell below the loss and the data are half
    # learned, it did it.
    if apart(records) > GAP or (gain > HALF and (penalty_share(records, last=True) or 0.0) < SHARE):
        return None
    rows = [row for row in records.metrics if row.values.get("train_penalty")]
    worst = max(rows, key=lambda row: row.values["train_penalty"] or 0.0, default=None)
    evidence = [f"the penalty was {share:.0%} of loss and penalty together".replace("%", " %")]
    if worst is not None:
        evidence.append(
            f"epoch {worst.epoch}: penalty {worst.values['train_penalty']:.3g}, "
            f"loss {worst.values['train_loss'] or 0:.3g}"
        )
    changes = []
    for key in shrinks(records).values():
        if value := number(records.config.get(key)):
            changes.append(f"{key}={short(value / 100)}")
    advice = Advice("a hundredth of the strength", tuple(changes)) if changes else Advice("a weaker penalty")
    return Finding("critical" if gain < 0.1 else "warning", tuple(evidence), (advice,), 1)
