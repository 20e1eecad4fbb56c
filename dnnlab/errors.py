"""Every error of dnnlab is a `DnnlabError` made of `Problem`s.

A problem answers four questions: what was received, where, what was expected, and how to fix it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any

_MOST_TOLD = 100
"""Problems in the text of an exception; the screen shows fewer, `problems` has all."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong."""

    received: str
    expected: str = ""
    fix: str = ""
    path: str = ""
    """An address in the config, such as `optimizer.lr`."""
    file: str | None = None
    line: int | None = None
    """Line in the file, from 1."""
    column: int | None = None
    """Column in the line, from 1."""
    code: str = "invalid"
    """A stable word for tests and JSON (see `codes.py`)."""

    def under(self, prefix: str) -> Problem:
        """The same problem with its path moved below `prefix`."""
        return replace(self, path=".".join(p for p in (prefix, self.path) if p))

    def at(self, file: str | None, line: int | None, column: int | None) -> Problem:
        """The same problem with a place in a text."""
        return replace(self, file=file, line=line, column=column)

    def __str__(self) -> str:
        place = ":".join(str(p) for p in (self.file, self.line, self.column) if p is not None)
        where = " ".join(p for p in (place, self.path) if p)
        what = "; ".join(p for p in (self.received, self.expected, self.fix) if p)
        return f"{where}: {what}" if where else what

    def json(self) -> dict[str, Any]:
        """The problem as JSON."""
        return asdict(self)


class DnnlabError(Exception):
    """An error with a text for the user."""

    code = "failed"
    """Name of the family of errors in JSON."""
    exit_code = 1
    """Exit code of the process."""

    def __init__(self, *problems: Problem | str) -> None:
        self.problems: tuple[Problem, ...] = tuple(Problem(p) if isinstance(p, str) else p for p in problems)
        more = len(self.problems) - _MOST_TOLD
        told = [str(p) for p in self.problems[:_MOST_TOLD]]
        super().__init__("\n".join([*told, *([f"and {more:,} more problems"] if more > 0 else [])]))

    @classmethod
    def raise_if_any(cls, problems: Collection[Problem]) -> None:
        """Raise one error with all problems, if there are any."""
        if problems:
            raise cls(*problems)

    def located(self, problems: Iterable[Problem]) -> DnnlabError:
        """The same kind of error with other (better placed) problems."""
        return type(self)(*problems)

    def json(self) -> dict[str, Any]:
        """`{error: {code, problems}}`."""
        return {"error": {"code": self.code, "problems": [p.json() for p in self.problems]}}


class UsageError(DnnlabError):
    """A command that cannot be carried out as it was called."""

    code, exit_code = "usage", 2


class ConfigError(DnnlabError):
    """A YAML text, a key or a combination of parts that cannot act."""

    code, exit_code = "config", 2


class DataError(DnnlabError):
    """Data that are missing, unreadable or do not fit."""

    code, exit_code = "data", 2


class RunError(DnnlabError):
    """A run folder that does not exist, is damaged, is locked by another process or does not fit."""

    code, exit_code = "run", 2


class DivergedError(DnnlabError):
    """Training met a loss, gradient or weight that is not finite."""

    code, exit_code = "diverged", 3


class OutOfMemoryError(DnnlabError):
    """The device or the machine has no memory left."""

    code, exit_code = "out_of_memory", 4


class StorageError(DnnlabError):
    """A disk that is full, not writable or broken."""

    code, exit_code = "storage", 5


@contextmanager
def error_path(prefix: str, *elsewhere: str, of: str = "") -> Iterator[None]:
    """Prefix error addresses: a part reports `rate`, the user reads `regularizers.dropout.rate`.

    Paths that begin with the prefix already, or with a word of `elsewhere` (sections that an inner
    `error_path` named), stay. of: the layer that the problem is about, put before its text.
    """
    try:
        yield
    except DnnlabError as error:
        raise error.located(_moved(p, prefix, elsewhere, of) for p in error.problems) from error.__cause__


def _moved(problem: Problem, prefix: str, elsewhere: tuple[str, ...], of: str) -> Problem:
    text = f"{of}: {problem.received}" if of else problem.received
    stays = any(problem.path == word or problem.path.startswith(f"{word}.") for word in (prefix, *elsewhere))
    moved = problem if stays else problem.under(prefix)
    return Problem(
        text, moved.expected, moved.fix, moved.path, moved.file, moved.line, moved.column, moved.code
    )
