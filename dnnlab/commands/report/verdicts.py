"""The section with the doctor's verdicts on a run, consequences under their causes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...errors import RunError
from ...report.sections import Advice, Missing, Verdict, verdicts
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


def folded(found: Sequence[Mapping[str, Any]]) -> list[Verdict]:
    """Verdicts in the form of verdicts.json; each that follows from another stands under it."""
    causes = {item["name"] for item in found if item["follows_from"] is None}
    below: dict[str, list[Verdict]] = {name: [] for name in causes}
    for item in found:
        if item["follows_from"] in causes:
            below[item["follows_from"]].append(_verdict(item))
    return [
        _verdict(item, below.get(item["name"], [])) for item in found if item["follows_from"] not in causes
    ]


def _verdict(item: Mapping[str, Any], consequences: Sequence[Verdict] = ()) -> Verdict:
    advice = [Advice(one["do"], one["command"], one["yaml"]) for one in item["advice"]]
    severity, since = item["severity"], item["since_epoch"]
    return Verdict(
        item["name"], severity, since, item["evidence"], item["why"], item["source"], advice, consequences
    )
