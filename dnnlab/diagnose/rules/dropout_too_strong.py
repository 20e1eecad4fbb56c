"""Dropout with a rate so high that the remaining units cannot learn."""

from __future__ import annotations

from ...rundir.json_values import number
from ..advice import drops, with_trait
from ..chance_level import chance_loss, final, skills
from ..records import Records
from ..verdict import Advice, Finding, rule
from .not_learning import too_early

COST = 0.2  # of the loss of a constant answer; the study: benchmarks/thresholds/README.md
STRONG = 0.6  # Srivastava et al. keep a half to all of the units; beyond it they saw underfitting
LEARNED = 0.8


def strongest(records: Records) -> tuple[str, float] | None:
    """The address and rate of the strongest dropout, None without any."""
    dropped = [*drops(records).values(), *with_trait(records, "drops_weights").values()]
    rates = [(key, rate) for key in dropped if (rate := number(records.config.get(key)))]
    more = [
        (k, v)
        for k, value in records.config.items()
        if k.endswith((".dropout", "dropout.rate")) and (v := number(value))
    ]
    return max([*rates, *more], key=lambda pair: pair[1], default=None)


def cost(records: Records) -> float | None:
    """The training loss that dropout costs, relative to the loss of a constant answer.

    It is the loss in training mode minus the loss in evaluation mode.
    """
    chance, dropped, whole = (
        chance_loss(records),
        final(records.curve("train_loss")),
        final(records.curve("train_eval_loss")),
    )
    return (dropped - whole) / chance if chance and dropped is not None and whole is not None else None


@rule(
    why=(
        "the few units that are left in a step cannot say what all of them could; "
        "the net trains to be robust instead of right"
    ),
    source="Srivastava et al. 2014, Dropout, 7.3 and A.4 (what happens when the rate grows)",
    needs=("metrics",),
    unless=("diverged",),
)
def dropout_too_strong(records: Records) -> Finding | None:
    """A high rate of dropout that costs much of the training loss, and training rows that are not learned."""
    found, lost = strongest(records), cost(records)
    skill = final(skills(records))
    if found is None or skill is None or skill > LEARNED or too_early(records):
        return None
    key, value = found
    if value < STRONG or (lost is not None and lost < COST and skill > 0.3):
        return None
    evidence = [f"{key} {value:g}: each step sees {1 - value:.0%} of the units".replace("%", " %")]
    losses = final(records.curve("train_loss")), final(records.curve("train_eval_loss"))
    if None not in losses:
        evidence.append(f"training loss {losses[0]:.3g} with it, {losses[1]:.3g} without it")
    return Finding(
        "warning" if skill > 0.1 else "critical", tuple(evidence), (Advice("drop less", (f"{key}=0.2",)),), 1
    )
