"""Which classes are predicted."""

from __future__ import annotations

from typing import Any

from ...registry import part


@part(
    "probe",
    source="Karpathy 2019, 'A recipe for training neural networks' (watch the predictions on a fixed batch)",
    file="predictions.jsonl",
    needs=frozenset({"fixed"}),
    logging_key="predictions_every",
    targets=frozenset({"index", "multi"}),
)
def predictions() -> Any:
    """The share of a fixed batch that each class is predicted for, beside the share that has it as its label.

    Classification only.

    The batch: 256 rows of the training part (all where there are fewer), the same for every look and every
    seed, without augmentation, in evaluation mode, after the step's update. Several labels at once: the share
    of rows that have, or are predicted to have, each label. Row: {step, epoch, rows, shares: {class: share},
    labels: {class: share}}.
    """
    from ...nn.probes.rows import predictions

    return predictions
