"""What a repair did, and what it could not do."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...rundir import RunFolder


@dataclass(frozen=True)
class Deed:
    """What became of one damaged file."""

    file: str
    """Its path in the folder that is repaired."""
    what: str
    """In words."""
    kept: str | None = None
    """The path of the old file in that folder."""


@dataclass
class Deeds:
    """The repair of a run or a sweep."""

    path: Path
    """Its folder."""
    done: list[Deed] = field(default_factory=list)
    """What was mended."""
    left: list[Deed] = field(default_factory=list)
    """What is damaged and cannot be mended."""

    @property
    def exit_code(self) -> int:
        """0 if nothing is damaged any more."""
        return 1 if self.left else 0

    def add(self, folder: RunFolder, file: str, what: str, kept: str | None) -> None:
        """A file of a folder was mended; the old one has the name `kept` now, beside it."""
        place = folder.path.relative_to(self.path) / file
        self.done.append(Deed(str(place), what, None if kept is None else str(place.with_name(kept))))

    def leave(self, folder: RunFolder, file: str, what: str) -> None:
        """A file of a folder stays damaged."""
        self.left.append(Deed(str(folder.path.relative_to(self.path) / file), what))

    def json(self) -> dict[str, Any]:
        """As JSON: {run, repaired: [{file, what, kept}], left: [{file, what}]}."""
        return {
            "run": str(self.path),
            "repaired": [{"file": deed.file, "what": deed.what, "kept": deed.kept} for deed in self.done],
            "left": [{"file": deed.file, "what": deed.what} for deed in self.left],
        }
