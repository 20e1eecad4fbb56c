"""Training met a number that is not finite."""

from __future__ import annotations

from ..advice import clipping, rate
from ..records import Records
from ..verdict import Finding, rule
from .learning_rate_too_high import lowering


@rule(
    why=(
        "a number that is not finite spreads to every weight with the next update; "
        "nothing after it means anything"
    ),
    source="Goodfellow, Bengio & Courville 2016, Deep Learning, ch. 4.1 and 11.5",
    follows=("unscaled_inputs", "unscaled_targets", "exploding_gradients", "learning_rate_too_high"),
)
def diverged(records: Records) -> Finding | None:
    """The run ended at its first tensor that was not finite, which the engine named."""
    if records.status != "diverged":
        return None
    reason = records.reason.split(";")[0].removeprefix("training diverged: ") or "the run says no more"
    evidence = [reason]
    losses = records.logged("loss")
    if losses:
        evidence.append(
            f"loss {losses[0]:.3g} in step {records.steps[0].step}, "
            f"{losses[-1]:.3g} in step {records.steps[-1].step}"
        )
    advice = (*rate(records, lowering(records)), *clipping(records))
    return Finding("critical", tuple(evidence), advice, records.epochs + 1)
