"""Tables in columns: as many as fit, the others named below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...rundir import digits
from ...rundir.names import TRIAL_NAME
from .text import clean, columns, cut, labelled

WIDEST = 28  # columns of a cell; a longer text is cut
GAP = 2


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    title: str
    """The heading."""
    cells: tuple[str, ...]
    """The texts, top to bottom."""
    right: bool = False
    """Whether the texts are right-aligned, as numbers are."""
    spare: int = 0
    """Priority of leaving the column out if there is no room: the highest goes first, 0 always stays."""
    name: str = ""
    """The name shown if the column is left out; by default its title."""
    widest: int = WIDEST
    """Width at which a cell is cut."""

    @property
    def width(self) -> int:
        """Columns that it takes."""
        return max(columns(text) for text in self.texts)

    @property
    def texts(self) -> list[str]:
        """Title and cells as they are shown."""
        return [shown(text, self.widest) for text in (self.title, *self.cells)]


def shown(text: str, width: int = WIDEST) -> str:
    """A cell's text: harmless, in one line, and cut with an ellipsis if it is too long."""
    text = clean(text)
    return text if columns(text) <= width else cut(text, width - 1) + "…"


def short_name(path: Path) -> str:
    """The six digits at the end of a run's name; the whole name of a trial or of a renamed folder."""
    return path.name if TRIAL_NAME.fullmatch(path.name) else digits(path.name)


def fitting(table: Sequence[Column], width: int) -> tuple[list[Column], list[Column]]:
    """(the columns that fit, those left out)."""
    kept, left = list(table), []
    while total(kept) > width and any(column.spare for column in kept):
        worst = max(kept, key=lambda column: column.spare)
        kept.remove(worst)
        left.append(worst)
    return kept, sorted(left, key=list(table).index)


def total(table: Sequence[Column]) -> int:
    """Columns of a whole row, with the blank before it."""
    return 1 + sum(column.width for column in table) + GAP * (len(table) - 1)


def grid_lines(table: Sequence[Column]) -> list[str]:
    """Titles, then rows."""
    texts = [column.texts for column in table]
    widths, right = [column.width for column in table], [column.right for column in table]
    return [
        " " + (" " * GAP).join(map(_cell, row, widths, right)).rstrip() for row in zip(*texts, strict=True)
    ]


def table_lines(table: Sequence[Column], width: int, elsewhere: str = "a wider terminal") -> list[str]:
    """The columns that fit, and a line that names the others. elsewhere: where those are."""
    kept, left = fitting(table, width)
    names = ", ".join(column.name or column.title for column in left)
    below = labelled("", f"no room for: {names} ({elsewhere})", indent=1, width=width) if left else []
    return [*grid_lines(kept), *below]


def _cell(text: str, width: int, right: bool) -> str:
    blank = " " * (width - columns(text))
    return blank + text if right else text + blank


def titles_of(addresses: Sequence[str], room: int = 16) -> dict[str, str]:
    """Short, distinct titles for config addresses: `optimizer.lr`, `dropout.rate`, `batch_size`."""
    titles: dict[str, str] = {}
    for address in addresses:
        steps = address.split(".")
        forms = [address] if '"' in address else [address, ".".join(steps[-2:]), steps[-1]]
        alike = [other for other in addresses if other != address and other.split(".")[-1] == steps[-1]]
        free = [
            form for form in forms if not any(other.endswith(f".{form}") or other == form for other in alike)
        ]
        titles[address] = next(
            (form for form in free if columns(form) <= room), free[-1] if free else address
        )
    return titles
