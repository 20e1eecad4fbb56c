"""Size of the updates."""

from __future__ import annotations

from typing import Any

from ...registry import part


@part(
    "probe",
    source="Karpathy 2015, CS231n notes: ratio of weights to updates",
    file="update_ratios.jsonl",
    needs=frozenset({"updates"}),
    logging_key="update_ratio_every",
)
def update_ratio() -> Any:
    """||after - before|| / ||before|| of each weight in one step; about 1e-3 is healthy.

    Learning rate, optimizer and constraints count in.

    Row: {step, epoch, ratios: {parameter: number, or null for a weight of zeros}}.
    """
    from ...nn.probes.rows import update_ratios

    return update_ratios
