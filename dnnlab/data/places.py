"""Where rows stand in their file. Rows and lines are counted from one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class Places:
    """The places of some rows of a file."""

    rows: Sequence[int]
    """The number of each row in the file, a header not counted."""
    lines: Sequence[int] = ()
    """The line in which each row begins; empty for a file without lines."""

    @classmethod
    def all(cls, rows: int) -> Places:
        """All rows of a file without lines."""
        return cls(range(1, rows + 1))

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, chosen: Sequence[int]) -> Places:
        """The places of these rows."""
        return Places([self.rows[i] for i in chosen], [self.lines[i] for i in chosen] if self.lines else ())

    def words(self, row: int) -> str:
        """Where a row is: `row 5, line 6`, or `row 5` in a file without lines."""
        return f"row {self.rows[row]}" + (f", line {self.lines[row]}" if self.lines else "")
