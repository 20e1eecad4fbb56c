"""Whose key it was: parts name only their own keys in errors, `under` puts the address of the part in front."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import DnnlabError, Problem


@contextmanager
def under(prefix: str, *elsewhere: str, of: str = "") -> Iterator[None]:
    """Move the paths of problems raised inside below `prefix`.

    Paths that begin with it already, or with a word of `elsewhere` (sections that an inner `under` named), stay. of: the layer that the
    problem is about, put in front of its text.
    """
    try:
        yield
    except DnnlabError as error:
        raise error.located(_moved(p, prefix, elsewhere, of) for p in error.problems) from error.__cause__


def _moved(problem: Problem, prefix: str, elsewhere: tuple[str, ...], of: str) -> Problem:
    text = f"{of}: {problem.received}" if of else problem.received
    stays = any(problem.path == word or problem.path.startswith(f"{word}.") for word in (prefix, *elsewhere))
    moved = problem if stays else problem.under(prefix)
    return Problem(text, moved.expected, moved.fix, moved.path, moved.file, moved.line, moved.column, moved.code)
