"""The table of record files: doctor, report and watch read them, and a key of `logging` turns each on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RecordFile:
    """A JSONL file to which a training appends rows; `resume` cuts it back to the checkpoint."""

    field: str
    """The name of its rows in the readers."""
    file: str
    """The file in the run folder."""
    text: str
    """What its rows are, in a sentence."""
    missing: str
    """The sentence about a run that has none."""
    key: str = ""
    """The key of the section `logging` that turns it on; "" if it is always written."""
    usual: str = ""
    """The value of the key that a reader proposes."""
    inside: str = ""
    """The key of a row that holds the numbers by layer; "" if they are the row's own keys."""

    @property
    def address(self) -> str:
        """The address of the key in a config."""
        return f"logging.{self.key}"


_TABLE = (
    RecordFile("metrics", "metrics.jsonl", "epochs", "no epoch was finished"),
    RecordFile(
        "steps", "steps.jsonl", "single steps", "single steps were not recorded.", "steps_every", "auto"
    ),
    RecordFile(
        "ratios",
        "update_ratios.jsonl",
        "update ratios",
        "update ratios were not recorded.",
        "update_ratio_every",
        "50 steps",
        "ratios",
    ),
    RecordFile(
        "gradients",
        "gradients.jsonl",
        "gradient norms",
        "gradient norms were not recorded.",
        "gradient_norm_every",
        "50 steps",
        "norms",
    ),
    RecordFile(
        "activations",
        "activations.jsonl",
        "saturated shares",
        "activations were not recorded.",
        "activations_every",
        "auto",
        "layers",
    ),
    RecordFile(
        "dead_units",
        "dead_units.jsonl",
        "dead units",
        "dead units were not counted.",
        "dead_units_every",
        "auto",
        "units",
    ),
    RecordFile(
        "predictions",
        "predictions.jsonl",
        "predictions per class",
        "predictions per class were not recorded.",
        "predictions_every",
        "auto",
    ),
)
RECORD_FILES = {record.field: record for record in _TABLE}
"""Field -> file, in the order of the page."""
