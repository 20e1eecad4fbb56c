"""Updates so large that the loss rises instead of falling."""

from __future__ import annotations

import math

from ..advice import default_share, rate, short
from ..chance_level import chance_loss, final, skills
from ..curves import median
from ..records import Records, Sample
from ..verdict import Advice, Finding, rule
from .dead_units import worst_share
from .oscillating import SWING, swing
from .saturated_units import worst_saturation

HIGH = (
    0.03  # the study: benchmarks/thresholds/README.md; Karpathy's rule of thumb for a healthy ratio is 1e-3
)
BLOWN_UP = 1.5  # times the loss at the start (or of a constant answer): a net that had better not have moved
LEARNED = 0.35  # of the way from chance to perfect; above it the steps cannot be altogether too large
HALF = 0.5  # of a layer's units
ROSE = 1.1  # times the loss at the start
RECOVERED = 0.8  # a loss that blew up and came back this far did no harm


def update_ratio(row: Sample) -> float | None:
    """The median of ||update|| / ||weight|| over the weights in one step; infinite after an overflow."""
    if row.nonfinite:
        return math.inf
    return median(v for v in row.values.values() if v)


def peak_ratio(records: Records) -> float | None:
    """The largest update ratio that was logged."""
    return max((v for row in records.ratios if (v := update_ratio(row)) is not None), default=None)


def blow_up(records: Records) -> float | None:
    """The worst mean loss of an epoch relative to the loss at the start.

    Logged steps are used if no epoch was finished.
    """
    steps = records.logged("loss")
    losses = [v for _, v in records.curve("train_loss")] or steps[1:]
    start = max(steps[0] if steps else 0.0, chance_loss(records) or 0.0)
    return max(losses) / start if losses and start > 0 else None


def shaken(records: Records) -> bool:
    """Whether there are traces of too large steps: dead or saturated units, or a loss that swings or rose."""
    swings = swing(records)
    states = (worst_share(records) or 0.0, worst_saturation(records) or 0.0)
    return (
        max(states) >= HALF
        or (swings is not None and swings[0] >= SWING)
        or (blow_up(records) or 0.0) >= ROSE
    )


@rule(
    why=(
        "each step jumps over the valley that it should go down into; "
        "about 1e-3 of a weight's size a step is healthy"
    ),
    source=(
        "Karpathy 2015, CS231n: ratio of weights to updates; Bengio 2012, Practical recommendations, 3.1.1"
    ),
    needs=("ratios",),
    follows=(
        "unscaled_inputs",
        "unscaled_targets",
        "exploding_gradients",
        "symmetric_initialization",
        "penalty_dominates",
    ),
)
def learning_rate_too_high(records: Records) -> Finding | None:
    """Large update ratios, and a loss that blew up, went away from finite numbers or never left chance."""
    peak = peak_ratio(records)
    if peak is None or peak < HIGH:
        return None
    grown, skill = blow_up(records), final(skills(records))
    blown = grown is not None and grown > BLOWN_UP
    stuck = records.status == "diverged" or (
        skill is not None and skill < LEARNED and (blown or shaken(records))
    )
    if not stuck and not (blown and (skill is None or skill < RECOVERED)):
        return None
    since = next(row.epoch for row in records.ratios if (update_ratio(row) or 0.0) >= HIGH)
    moved = "more than float32 can hold" if math.isinf(peak) else f"up to {short(peak)} of their size"
    evidence = [f"a step moved the weights by {moved}"]
    if grown is not None and blown:
        evidence.append(f"the loss rose to {grown:.3g} times that at the start")
    elif skill is not None:
        evidence.append(
            f"{max(skill, 0.0):.0%} of the way from chance to perfect was learned".replace("%", " %")
        )
    factor = lowering(records)
    advice = rate(records, factor)
    if (
        factor >= 0.1 and str(records.config.get("schedule.warmup", "")) == "none"
    ):  # a slow start to a rate that is far too high ends there
        advice += (Advice("rise to the rate slowly", ("schedule.warmup=10 %",)),)
    return Finding("critical" if stuck else "warning", tuple(evidence), advice, since)


def lowering(records: Records) -> float:
    """The factor for the learning rate.

    Usually a tenth. If the update ratio is far off, the factor brings it near 1e-2. If an update overflowed,
    its size is unknown, and the factor brings the rate to the optimizer's default.
    """
    if math.isinf(peak_ratio(records) or 0.0):
        return min(0.1, default_share(records))
    return 10.0 ** -max(1, round(math.log10(max(peak_ratio(records) or 0.0, HIGH)) + 2))
