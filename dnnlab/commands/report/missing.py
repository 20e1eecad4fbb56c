"""The records that a run does not have, and the key of `logging:` that turns each on."""

from __future__ import annotations

from ...report.sections import Missing
from ...rundir.record_files import RECORD_FILES
from .records import Records

HISTOGRAMS = "histograms of activations and gradients were not recorded.", "histograms", "auto"


def missing(records: Records, kind: str, word: str) -> Missing:
    """What a run does not have. word: RUN for a command line."""
    record = RECORD_FILES.get(kind)
    what, key, value = (record.missing, record.key, record.usual) if record else HISTOGRAMS
    what = what[0].upper() + what[1:]
    if not key:
        return Missing(f"{what}.")
    off = records.summary.config.get(f"logging.{key}") in (None, "none")
    return (
        Missing(what, key, value, f"dnnlab train {word} logging.{key}={_quoted(value)}")
        if off
        else Missing(_since_not(kind, what))
    )


def _quoted(value: str) -> str:
    return f'"{value}"' if " " in value else value


def _since_not(kind: str, what: str) -> str:
    """Why nothing was recorded although the key is on."""
    if kind == "predictions":
        return (
            "There are no predictions per class: that is recorded for nets that choose one class of several."
        )
    if kind == "dead_units":
        return (
            "There are no dead units to count: no activation of this net can die, or no epoch was finished."
        )
    return f"{what.rstrip('.')} yet: no logging step was reached."
