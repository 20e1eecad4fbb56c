"""Updates so small that the loss is still falling slowly at the end."""

from __future__ import annotations

from ..advice import epochs, rate, standardized_targets
from ..chance_level import chance_loss, final, gains, skills
from ..curves import quantile
from ..records import Records
from ..verdict import Advice, Finding, rule
from .class_imbalance import given_up
from .learning_rate_too_high import HIGH
from .not_learning import LITTLE, NOTHING, learned, too_early

LOW = 4e-4  # the study: benchmarks/thresholds/README.md
LEARNED = 0.8
FALLING = 0.15  # of all progress falls to the last third of the epochs: a curve that has not bent yet
ENOUGH_STEPS = 50  # in fewer steps no rate gets anywhere


def typical_ratio(records: Records) -> float | None:
    """The upper quartile over time of the largest update ratio in a step.

    The upper quartile ignores the slow end of a schedule.
    """
    fastest = [
        max(there) for row in records.ratios if (there := [v for v in row.values.values() if v is not None])
    ]
    return quantile(fastest, 0.75)


def still_falling(records: Records) -> float | None:
    """The last third's share of the progress in the training loss; None if there are too few epochs."""
    curve = records.trained("loss")
    if len(curve) < 4:
        return None
    values = [v for _, v in curve]
    third = max(1, len(values) // 3)
    whole = values[0] - values[-1]
    chance = chance_loss(records) or abs(values[0]) or 1.0
    return (values[-1 - third] - values[-1]) / whole if whole > 1e-3 * chance else None


def falls_strongly(records: Records) -> bool:
    """Whether the training loss fell much in the last third of the epochs.

    By `FALLING` of the loss of a constant answer; or by `NOTHING` of it, if that is `FALLING` of all
    progress. Nets that memorized random labels made at most 0.11 of their progress then (family `labels` of
    the study).
    """
    progress, values, chance = (
        still_falling(records),
        [v for _, v in records.trained("loss")],
        chance_loss(records),
    )
    if progress is None or not chance:
        return False
    fell = (values[-1 - max(1, len(values) // 3)] - values[-1]) / chance
    return fell >= (NOTHING if progress >= FALLING else FALLING)


def on_its_way(records: Records) -> bool:
    """Whether the loss started so high that steps of a healthy size have not brought it to chance level yet.

    False if the net gives the constant answer because one class is rare: then the rare class is the cause.
    """
    ratio, level = typical_ratio(records), learned(records)
    if ratio is None or level is None or not LOW <= ratio < HIGH or level >= LITTLE or too_early(records):
        return False
    return falls_strongly(records) and given_up(records) is None


@rule(
    why=(
        "the steps are small for the way: about 1e-3 of a weight's size is healthy, "
        "and a loss in a straight line could fall faster"
    ),
    source="Karpathy 2015, CS231n: ratio of weights to updates, and the shapes of loss curves",
    needs=("ratios", "metrics"),
    follows=(
        "unscaled_targets",
        "clipping_always_active",
        "vanishing_gradients",
        "symmetric_initialization",
        "dead_units",
        "saturated_units",
    ),
    unless=("learning_rate_too_high", "diverged"),
)
def learning_rate_too_low(records: Records) -> Finding | None:
    """Small update ratios in every layer, little learned, and a loss that is not flat at the end.

    Ratios of zero have another cause.
    """
    ratio, gain, skill = typical_ratio(records), final(gains(records), 1), final(skills(records), 1)
    if ratio and on_its_way(records):
        return slow(records, ratio)
    if not ratio or gain is None or ratio >= LOW or records.last_step < ENOUGH_STEPS:
        return None
    progress = still_falling(records)
    level = gain if skill is None else max(gain, min(skill, 1.0))
    if level > LEARNED or (progress is not None and progress < FALLING and level > 0.1):
        return None
    evidence = [f"a step moves the fastest weight by {ratio:.1g} of its size"]
    if progress is not None and level > 0.02:
        evidence.append(
            f"the last third of the epochs still made {progress:.0%} of all progress".replace("%", " %")
        )
    evidence.append(fall_words(records))
    factor = min(1000.0, max(3.0, 10 ** round_half(1e-3 / max(ratio, 1e-9))))
    advice: tuple[Advice, ...] = (*rate(records, factor), epochs(records, 4, "or train longer"))
    return Finding("critical" if level < 0.1 else "warning", tuple(evidence), advice, 1)


def slow(records: Records, ratio: float) -> Finding:
    """The finding for a run of `on_its_way`: its steps have a healthy size, but the loss started too high."""
    progress, chance = still_falling(records) or 0.0, chance_loss(records) or 0.0
    evidence = (
        f"{fall_words(records)}; a constant answer has {chance:.4g}",
        f"the last third of the epochs still made {progress:.0%} of all progress".replace("%", " %"),
        f"a step moves the fastest weight by {ratio:.1g} of its size",
    )
    faster = rate(records, min(10.0, max(3.0, 10 ** round_half(1e-2 / ratio))))
    severity = "critical" if (learned(records) or 0.0) < NOTHING else "warning"
    return Finding(
        severity,
        evidence,
        (*standardized_targets(records), *faster, epochs(records, 4, "or train longer")),
        1,
    )


def fall_words(records: Records) -> str:
    """The training loss at both ends."""
    (first, start), (last, end) = records.trained("loss")[0], records.trained("loss")[-1]
    return f"training loss {start:.5g} after epoch {first}, {end:.5g} after epoch {last}"


def round_half(factor: float) -> float:
    """The power of ten nearest to a factor, in half steps."""
    import math

    return round(2 * math.log10(max(factor, 1.0))) / 2
