"""The best trial as a config of its own, written into the sweep's folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ....errors import DnnlabError
from ....rundir.atomic import write_text
from .findings import Showing, changes_of
from .results_files import BEST, best_text, row_of


@dataclass(frozen=True)
class Best:
    """path: of best.yaml. text: what belongs into it. changes: address -> value of what differs from the base.

    problem: why the file is not there; "" where it is.
    """

    path: Path
    text: str
    changes: Mapping[str, Any]
    problem: str = ""


def best_config(found: Showing) -> Best | None:
    """The best trial's config; None where no trial has a result, or nobody knows what was searched."""
    trial, view = found.best, found.view
    if trial is None or view.spec is None:
        return None
    path, changes = view.path / BEST, changes_of(view, trial)
    if found.base is None:
        return Best(path, "", changes, "cannot be written out: the base cannot be read")
    try:
        text = best_text(view.name, view.spec, found.base, row_of(view.spec, trial), view.monitor)
    except DnnlabError as error:
        return Best(path, "", changes, f"cannot be written out: {error.problems[0].received}")
    return Best(path, text, changes)


def write_best(found: Showing) -> Best | None:
    """Write best.yaml into the sweep's folder, unless it is there; a folder that cannot be written is a `problem`."""
    best = best_config(found)
    if best is None or best.problem:
        return best
    try:
        if not best.path.exists() or best.path.read_bytes() != best.text.encode("utf-8", "backslashreplace"):
            write_text(best.path, best.text)
    except OSError as error:
        return Best(
            best.path,
            best.text,
            best.changes,
            f"{best.path.name} could not be written: {error.strerror or error}",
        )
    return best
