"""What a training tells its listener, from the first line of the screen to the last: events around the engine's records."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ...assembly.session import Built
    from ...config import Config


@dataclass(frozen=True)
class Started:
    """The folder is made and the first step is next. resumed: {epoch, step} of the checkpoint that training goes on from, or None."""

    path: Path
    config: Config
    built: Built
    resumed: dict[str, int] | None = None


@dataclass(frozen=True)
class Note:
    """A sentence for the user. kind: note, warning or lint."""

    text: str
    kind: str = "note"


@dataclass(frozen=True)
class Saved:
    """A checkpoint is on disk."""

    path: Path
    step: int


@dataclass(frozen=True)
class Finished:
    """The run is over. result: {run, status, monitor, best: {epoch, metrics}, last: {epoch, metrics}, seconds}."""

    path: Path
    result: dict[str, Any]
    reason: str = ""


Event = "Started | Note | Saved | Finished | Step | Epoch"
