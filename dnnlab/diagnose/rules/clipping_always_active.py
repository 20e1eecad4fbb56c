"""Clipping that shortens every gradient instead of the rare large ones."""

from __future__ import annotations

from ..advice import short
from ..chance_level import final, skills
from ..curves import median
from ..records import Records
from ..verdict import Advice, Finding, rule

ALWAYS = 0.95  # share of the logged steps
BELOW = 2.0  # Pascanu et al. set the threshold to half of the mean norm, or up to ten times of it
ROWS = 4
LEARNED = 0.5  # of the way from chance to perfect: then the steps were large enough all the same


def over_threshold(records: Records) -> tuple[float, float] | None:
    """The share of logged steps that were clipped, and the median ratio of norm to threshold.

    The ratio is 1 if the clipping has no single norm.
    """
    threshold = records.number("gradient_clipping.threshold")
    norms = records.logged("gradient_norm")
    flags = records.logged("clipped")
    whole = records.has("gradient_clipping", "one_norm") and threshold > 0
    if len(norms) < ROWS or not (whole or flags):
        return None
    ratios = [norm / threshold for norm in norms] if whole else [1.0]
    # clipped: a factor below 1, or 1 for yes where the clipping has no single factor; norms say it surely
    share = sum(r > 1 for r in ratios) / len(ratios) if whole else sum(bool(v) for v in flags) / len(flags)
    return share, median(ratios) or 1.0


@rule(
    why="a threshold far below the usual norm only lowers the rate, by another factor in every step",
    source="Pascanu, Mikolov & Bengio 2013, On the difficulty of training recurrent neural networks, 3.2",
    needs=("steps",),
    follows=("exploding_gradients", "unscaled_inputs", "unscaled_targets", "learning_rate_too_high"),
    unless=("diverged",),
)
def clipping_always_active(records: Records) -> Finding | None:
    """A threshold that nearly every step's gradient exceeds, by a factor of two or more."""
    found = over_threshold(records)
    if found is None or found[0] < ALWAYS or found[1] < BELOW:
        return None
    share, times = found
    norms = records.logged("gradient_norm")
    typical = median(norms) or 0.0
    evidence = (
        f"{share:.0%} of the logged steps were clipped".replace("%", " %"),
        f"the norm is {short(typical)} as a rule, the threshold "
        f"{records.number('gradient_clipping.threshold'):g}: {short(times)} times",
    )
    skill = final(skills(records))
    advice = Advice(
        "a threshold that only the largest gradients exceed",
        (f"gradient_clipping.threshold={short(4 * typical, 1)}",),
    )
    harm = "note" if skill is None or skill >= LEARNED else "warning" if skill >= 0.1 else "critical"
    return Finding(harm, evidence, (advice,), 1)
