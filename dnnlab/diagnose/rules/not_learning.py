"""After enough training the net is no better than a constant answer."""

from __future__ import annotations

from ..advice import rate, strengths
from ..chance_level import chance_loss, final, gains, skills
from ..records import Records
from ..verdict import Advice, Finding, rule

NOTHING = 0.05  # of the way from chance to perfect; the study: benchmarks/thresholds/README.md
LITTLE = 0.2  # what a small net learns by heart of labels without meaning; the study
STILL = 0.01
ENOUGH_STEPS = 100  # fewer prove nothing
EPOCHS = 3


def learned(records: Records) -> float | None:
    """The larger of the final gain in the training loss and the final skill on training rows.

    Only the skill counts for a classifier whose loss has no known chance level.
    """
    curves = (
        [skills(records)]
        if records.classifies and not (records.loss_has("entropy") or records.loss_has("margins"))
        else [gains(records), skills(records)]
    )
    found = [v for v in map(final, curves) if v is not None]
    return max(found, default=None)


def at_chance(records: Records) -> bool:
    """Whether the training rows are at chance level after a training that was long enough."""
    level = learned(records)
    return (
        level is not None
        and not too_early(records)
        and bool(records.trained("loss"))
        and (level < NOTHING or stood_still(records))
    )


def too_early(records: Records) -> bool:
    """Whether training was so short that no progress is no evidence yet."""
    return records.epochs < EPOCHS or records.last_step < ENOUGH_STEPS


def stood_still(records: Records) -> bool:
    """Whether the training loss has hardly changed and is no better than a constant answer.

    A measure above chance is luck then.
    """
    chance, curve = chance_loss(records), records.trained("loss")
    if not chance or len(curve) < EPOCHS:
        return False
    return curve[0][1] - curve[-1][1] < STILL * chance and 1 - curve[-1][1] / chance < NOTHING


@rule(
    why="a net that learns anything does better on its own training rows than the most frequent answer",
    source="CS231n, Neural networks 3: sanity checks",
    needs=("metrics",),
    follows=(
        "symmetric_initialization",
        "unscaled_inputs",
        "unscaled_targets",
        "exploding_gradients",
        "learning_rate_too_high",
        "vanishing_gradients",
        "dead_units",
        "saturated_units",
        "penalty_dominates",
        "dropout_too_strong",
        "batchnorm_mismatch",
        "clipping_always_active",
        "learning_rate_too_low",
        "class_imbalance",
        "unlearnable_labels",
        "noisy_loss",
        "oscillating",
    ),
    unless=("diverged",),
)
def not_learning(records: Records) -> Finding | None:
    """Training loss and measure at chance."""
    if not at_chance(records):
        return None
    loss, chance = records.trained("loss")[-1][1], chance_loss(records)
    evidence = [
        f"training loss {loss:.4g} after {records.epochs} epochs"
        + (f"; a constant answer has {chance:.4g}" if chance else "")
    ]
    accuracy = records.trained("accuracy")
    if accuracy:
        evidence.append(f"training accuracy {accuracy[-1][1]:.3f}")
    missing = [
        key
        for field, key in (("ratios", "update_ratio_every"), ("gradients", "gradient_norm_every"))
        if not getattr(records, field)
    ]
    advice = [Advice("look closer", tuple(f"logging.{key}=10 steps" for key in missing))] if missing else []
    advice.append(Advice("what `check` says of the net before it learns", command="dnnlab check {run}"))
    for key in list(records.frozen)[:1]:
        evidence.append(f"{key}: {str(records.config[key]).lower()}, so these layers never change")
        changes = tuple(f"{frozen}={value}" for frozen, value in records.frozen.items())
        advice.insert(0, Advice("let them learn", changes))
    for key, noise in strengths(records, "noise"):
        evidence.append(f"noise of {noise:g} is added to the inputs")
        advice.insert(0, Advice("less noise", (f"{key}=0.1",)))
    return Finding("critical", tuple(evidence), (*advice, *rate(records, 10, " by ten")), 1)
