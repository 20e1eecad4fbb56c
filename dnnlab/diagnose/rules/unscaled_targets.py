"""Targets that are far from 0, or tiny, and are not scaled."""

from __future__ import annotations

from ...config.peak_rate import peak_of
from ..advice import standardized_targets
from ..chance_level import final, gains
from ..records import Records
from ..verdict import Finding, rule

LEARNED = 0.5


@rule(
    why="a net starts with outputs near 0 of deviation about 1, and learns the size before all else",
    source="Bishop 1995, Neural Networks for Pattern Recognition, 8.2",
    needs=("targets",),
)
def unscaled_targets(records: Records) -> Finding | None:
    """Real targets whose size the training could not reach, and that are not learned."""
    advice, gain = standardized_targets(records), final(gains(records))
    if records.targets is None or not advice or (gain is not None and gain >= LEARNED):
        return None
    finds_steps = records.parts.flag("optimizer", records.config.get("optimizer"), "finds_steps")
    rate = None if finds_steps else peak_of(records.config, records.parts)[1]
    words = records.targets.misfit(None if rate is None else rate * records.last_step)
    if not words:
        return None
    evidence = [f"data.target_scale is none, and {words}"]
    if gain is not None:
        share = f"{max(gain, 0):.0%} of the loss of a constant answer is gone".replace("%", " %")
        evidence.append(f"after {records.last_step:,} steps {share}")
    return Finding("critical", tuple(evidence), advice, 1)
