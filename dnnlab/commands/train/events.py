"""The events of a training: those of the run folder, and the records of the engine."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ...engine.records import Epoch, Step

if TYPE_CHECKING:
    from ...assembly.session import Built
    from ...config import Config


@dataclass(frozen=True)
class Started:
    """The run folder exists and the first step is next."""

    path: Path
    config: Config
    built: Built
    resumed: dict[str, int] | None = None
    """{epoch, step} of the checkpoint that training continues from; None for a new run."""


@dataclass(frozen=True)
class Note:
    """A sentence for the user."""

    text: str
    kind: Literal["note", "warning"] = "note"


@dataclass(frozen=True)
class Saved:
    """A checkpoint is on disk."""

    path: Path
    step: int


@dataclass(frozen=True)
class Finished:
    """The run is over."""

    path: Path
    result: dict[str, Any]
    """{run, status, monitor, best: {epoch, metrics}, last: {epoch, metrics}, seconds}."""
    reason: str = ""
    """Why training ended before its last epoch."""


TrainEvent = Started | Note | Step | Epoch | Saved | Finished
TrainEvents = Generator[TrainEvent, None, None]
