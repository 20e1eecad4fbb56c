"""A view of a run that is read repeatedly while it trains; only appended rows are read again."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from dnnlab.rundir.jsonl import CUT, PIECE, rows_of
from dnnlab.rundir.reader import META, RunView
from dnnlab.rundir.rows import Row, Rows

Mark = tuple[int, int, int]


class Tail:
    """The rows of a JSONL file so far, up to the first damage.

    `problem` describes that damage, or a last line that is cut. If the file was cut back or replaced (a
    resumed run, a replay), the line before the place where reading stopped is no longer the one that was read
    last. The file is then read from its start.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._rows = Rows()
        self.problem: str | None = None
        self.mark: Mark | None = None
        self._end = 0  # bytes of the whole lines that became rows
        self._last = b""  # the last of these lines

    @property
    def rows(self) -> Sequence[Row]:
        """The rows so far."""
        return self._rows.compact()

    def read(self) -> bool:
        """Read the appended lines; True if the rows or the problem changed.

        A missing file has no rows. Raises `OSError`.
        """
        mark = mark_of(self.path)
        if mark == self.mark:
            return False
        before = (len(self._rows), self._last, self.problem)
        self.mark = mark
        if mark is None:
            self._forget()
        else:
            with self.path.open("rb") as file:
                file.seek(self._end - len(self._last))
                if file.read(len(self._last)) != self._last:
                    self._forget()
                    file.seek(0)
                self._take(file)
        return before != (len(self._rows), self._last, self.problem)

    def _take(self, file: BinaryIO) -> None:
        tail, self.problem = b"", None
        while text := file.read(PIECE):
            *lines, tail = (tail + text).split(b"\n")
            rows, count = rows_of(lines)
            self._rows.extend(rows)
            if count:
                self._last = lines[count - 1] + b"\n"
                self._end += sum(map(len, lines[:count])) + count
            if count < len(lines):
                used = len(self._rows)
                self.problem = f"line {used + 1} is damaged; {used} rows before it are used"
                return
        if tail:
            self.problem = f"{CUT}; {len(self._rows)} whole rows are used"

    def _forget(self) -> None:
        self._rows, self.problem, self._end, self._last = Rows(), None, 0, b""


class GrowingView(RunView):
    """A `RunView` that can be read again.

    It writes nothing and cannot take the lock of a run that is training.
    """

    def __init__(self, path: Path) -> None:
        self._tails: dict[str, Tail] = {}
        self._meta_mark = mark_of(path / META)
        super().__init__(path)

    def look(self) -> bool:
        """Read meta.json, the lock and every row file in use again; True if something changed."""
        before, self.problems = (self.status, self._meta_mark), []
        mark = mark_of(self.path / META)
        if mark != self._meta_mark:
            self.meta, self._meta_mark = self.json(META) or {}, mark
        self.status = self._status()
        grown = [self._grown(file, tail) for file, tail in self._tails.items()]
        return any(grown) or before != (self.status, self._meta_mark)

    def rows(self, file: str) -> Sequence[Row]:
        """The rows of a JSONL file at the last `look`, up to the first damage. Do not change them."""
        if file not in self._tails:
            self._tails[file] = tail = Tail(self.path / file)
            self._grown(file, tail)
        return self._tails[file].rows

    @property
    def written(self) -> float | None:
        """When a row was last written (POSIX seconds), or None if there is no row yet."""
        return max(
            (tail.mark[2] / 1e9 for tail in self._tails.values() if tail.mark is not None), default=None
        )

    def _grown(self, file: str, tail: Tail) -> bool:
        grown = self._guarded(file, tail.read) or False
        if tail.problem is not None and not (not self.status.over and tail.problem.startswith(CUT)):
            self._note(f"{file}: {tail.problem}")
        return grown


def mark_of(path: Path) -> Mark | None:
    """Inode, size and time of a file, which change when the file changes; None if there is no such file."""
    try:
        at = os.stat(path)
    except OSError:
        return None
    return at.st_ino, at.st_size, at.st_mtime_ns
