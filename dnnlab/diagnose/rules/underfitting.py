"""Even the training rows are not learned well at the end of training."""

from __future__ import annotations

from ..advice import chosen_by_keys, epochs, standardized_targets
from ..chance_level import final, gains, skills
from ..records import Records
from ..verdict import Advice, Finding, rule
from .learning_rate_too_low import FALLING, still_falling
from .not_learning import NOTHING, at_chance, too_early

POOR = 0.5  # of the way from chance to perfect; the study: benchmarks/thresholds/README.md
POOR_NUMBERS = 0.3  # of the variance of real targets, of which more is often pure noise
GAP = 0.15
EPOCHS = 5
BROKEN = (
    "learning_rate_too_high",
    "learning_rate_too_low",
    "vanishing_gradients",
    "exploding_gradients",
    "symmetric_initialization",
    "dead_units",
    "saturated_units",
    "unscaled_inputs",
    "unscaled_targets",
    "penalty_dominates",
    "dropout_too_strong",
    "batchnorm_mismatch",
    "clipping_always_active",
    "oscillating",
    "noisy_loss",
    "class_imbalance",
)


@rule(
    why="the net is too small, too strongly regularized or stopped too early for what the inputs could tell",
    source="Goodfellow, Bengio & Courville 2016, Deep Learning, 5.2 and 11.3",
    needs=("metrics",),
    follows=(*BROKEN, "unlearnable_labels", "collapsed_predictions"),
    unless=("diverged", "not_learning"),
)
def underfitting(records: Records) -> Finding | None:
    """Training and validation rows alike are well above chance and far from learned."""
    gain, skill, beside = final(gains(records)), final(skills(records)), final(skills(records, "val"))
    if gain is None or skill is None or records.epochs < EPOCHS or too_early(records) or at_chance(records):
        return None
    poor = POOR if records.classifies else POOR_NUMBERS
    if not NOTHING < max(gain, skill) < poor or (beside is not None and skill - beside > GAP):
        return None
    evidence = [f"training rows: {level_words(records, skill)}"]
    if beside is not None:
        evidence.append(f"validation rows: {level_words(records, beside, 'val')}")
    progress, advice = still_falling(records), []
    if progress is not None and progress >= FALLING:
        evidence.append("the training loss is still falling")
        advice.append(epochs(records, 4, "train longer"))
    advice += [*standardized_targets(records), *wider(records)]
    return Finding("warning", tuple(evidence), tuple(advice), 1)


def level_words(records: Records, skill: float, part: str = "train") -> str:
    """The usual measure, and its place between chance and perfect."""
    for name in ("accuracy", "r2"):
        curve = records.trained(name) if part == "train" else records.curve(f"val_{name}")
        if curve:
            return (
                f"{name} {curve[-1][1]:.3f}, {max(skill, 0):.0%} of the way from chance to perfect".replace(
                    "%", " %"
                )
            )
    return f"{max(skill, 0):.0%} of the way from chance to perfect".replace("%", " %")


def wider(records: Records) -> list[Advice]:
    """More units, if one key sets their number."""
    hidden = records.config.get("architecture.hidden")
    if (
        records.has("architecture", "widths")
        and isinstance(hidden, list)
        and all(isinstance(n, int) for n in hidden)
    ):
        widths = [max(4 * n, 32) for n in hidden] or [64, 64]
        widths = widths if len(widths) > 1 else [*widths, widths[0]]
        return [Advice("a larger net", (f"architecture.hidden={widths}",))]
    return (
        []
        if chosen_by_keys(records)
        else [Advice("more units in the layers of the list", command="dnnlab show {run}")]
    )
