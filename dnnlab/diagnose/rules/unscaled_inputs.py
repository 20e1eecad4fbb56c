"""Inputs that are not scaled: large, or of very different sizes."""

from __future__ import annotations

from ..chance_level import final, skills
from ..records import Records
from ..verdict import Advice, Finding, rule

LARGE = 20.0  # root mean square of an input number; the study: benchmarks/thresholds/README.md
APART = 100.0  # the widest feature's deviation over the median one's
LEARNED = 0.5


def size(records: Records) -> float | None:
    """The largest root mean square of an input, as the net gets it."""
    return records.spread.get("largest")


def apart(records: Records) -> float | None:
    """How many times the widest input's deviation is that of the typical (median) one."""
    wide, usual = records.spread.get("widest"), records.spread.get("typical")
    return wide / usual if wide and usual else None


@rule(
    why=(
        "the gradient of a weight grows with its input: no rate suits large and small ones at once, "
        "and sums start far out"
    ),
    source="LeCun, Bottou, Orr & Muller 1998, Efficient BackProp, 4.3",
    needs=("spread",),
)
def unscaled_inputs(records: Records) -> Finding | None:
    """Inputs that are not scaled, and large or very uneven."""
    large, uneven = size(records) or 0.0, apart(records) or 1.0
    if str(records.config.get("data.scale", "standardize")) != "none" or (large < LARGE and uneven < APART):
        return None
    evidence = [f"data.scale is none and inputs are as large as {large:.3g}"]
    if uneven > 10:
        evidence.append(f"the widest feature varies {uneven:.2g} times as much as the typical one")
    skill = final(skills(records))
    severity = "critical" if skill is not None and skill < LEARNED else "warning"
    return Finding(
        severity,
        tuple(evidence),
        (Advice("scale by the training part's own numbers", ("data.scale=standardize",)),),
        1,
    )
