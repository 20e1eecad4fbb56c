"""The section with the doctor's verdicts on a run, consequences under their causes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...errors import RunError
from ...report.sections import Missing, verdicts
from ...report.shell import Section
from ..doctor.doctor import examined
from .records import Records


def verdict_section(records: Records, word: str) -> Section:
    """The verdicts on a run, computed again as by `dnnlab doctor`. word: RUN in the proposed commands."""
    try:
        told = examined(records.run, word).diagnosis.json()
    except RunError as error:
        return verdicts([], [], {}, [Missing(f"No verdicts: {error.problems[0].received}.")])
    nothing = [Missing("No rule could look yet.")] if not told["verdicts"] and not told["fine"] else []
    return verdicts(folded(told["verdicts"]), told["fine"], told["skipped"], nothing)


def folded(found: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Verdicts in the form of verdicts.json; each that follows from another is among its `consequences`."""
    causes = {item["name"] for item in found if item["follows_from"] is None}
    return [
        {**item, "consequences": [other for other in found if other["follows_from"] == item["name"]]}
        for item in found
        if item["follows_from"] not in causes
    ]
