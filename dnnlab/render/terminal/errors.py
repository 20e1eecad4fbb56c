"""Problems on the screen: one after the other, each with its place, what was expected and how to fix it."""

from __future__ import annotations

from collections.abc import Sequence

from ...errors import DnnlabError, Problem
from .numbers import counted
from .text import clean, columns, wrap

MOST_SHOWN = 20
HANGING = 3  # columns by which the further lines of a problem are indented


def problem_lines(problems: Sequence[Problem], width: int | None) -> list[str]:
    """Each problem on a line of its own, wrapped to `width` on a terminal, unwrapped (None) elsewhere.

    Of very many problems the first, and how many more there are.
    """
    lines: list[str] = []
    for problem in problems[:MOST_SHOWN]:
        text = clean(str(problem))
        pieces = [text] if width is None else wrap_hanging(text, width)
        lines += [f" {piece}" if i == 0 else " " * HANGING + piece for i, piece in enumerate(pieces)]
    more = len(problems) - MOST_SHOWN
    return [*lines, *([f" and {counted(more, 'more problem')}"] if more > 0 else [])]


def wrap_hanging(text: str, width: int) -> list[str]:
    """Lines of a text whose first begins in the second column and whose others in the fourth."""
    first = wrap(text, width - 1)[0]
    rest = text[len(first) :].lstrip(" ")
    return [first, *(wrap(rest, width - HANGING) if rest else [])]


def failure_lines(error: DnnlabError, width: int | None, outcome: str = "nothing was created") -> list[str]:
    """The problems, then ` 3 problems, nothing was created        exit 2`."""
    last = f" {counted(len(error.problems), 'problem')}, {outcome}"
    end = f"exit {error.exit_code}"
    return [
        *problem_lines(error.problems, width),
        last + end.rjust(max((width or 80) - columns(last), len(end) + 2)),
    ]
