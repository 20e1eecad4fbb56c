"""The result of checks: one line each, the problems of those that failed below them."""

from __future__ import annotations

from collections.abc import Sequence

from ...commands.check.result import Check
from ..terminal.errors import problem_lines
from ..terminal.text import clean, columns, labelled, next_lines, wrap

_WORDS = {True: "pass", False: "FAIL", None: "skip"}
INDENT = 7
NAMES = 8  # columns of a static check's name
LONG_NAMES = 22  # of any check's
_ROOM = 20  # columns that a column of text needs at least


def check_lines(checks: Sequence[Check], width: int, names: int = NAMES) -> list[str]:
    """`pass  data     digits 1x8x8: ...`, with the problems below each check that failed.

    names: columns of the longest name.
    """
    return [line for check in checks for line in one_check(check, width, names)]


def one_check(check: Check, width: int, names: int) -> list[str]:
    """The lines of one check."""
    beside = INDENT + names + 1
    lines = hanging(
        f"{word_of(check)}  {check.name.ljust(names)}", in_words(check, width - beside), beside, width
    )
    lines += ["  " + line for line in problem_lines(check.problems, width - 2)]
    if check.advice and check.passed is not False and not check.warning:
        lines += hanging("", check.advice, beside, width)
    elif check.advice and (check.warning or not check.problems):
        lines += labelled("", check.advice, indent=INDENT, width=width)
    return lines


def word_of(check: Check) -> str:
    """`pass`, `warn`, `FAIL` or `skip`."""
    return "warn" if check.warning else _WORDS[check.passed]


def in_words(check: Check, room: int) -> str:
    """The measured and the expected value; of a check that passed only what fits into a line."""
    if not check.expected or check.problems or check.passed is None:
        return check.measured
    forms = [
        f"{check.measured}; expected {text}"
        for text in (check.expected, check.expected.partition(", at most ")[0])
    ]
    return (
        next((form for form in forms if columns(form) <= room), check.measured) if check.passed else forms[0]
    )


def idle_line(checks: Sequence[Check]) -> list[str]:
    """` skip  10 others: not looked at: the data come first`, for checks skipped for one reason."""
    return [f" {_WORDS[None]}  {len(checks)} others: {clean(checks[0].measured)}"] if checks else []


def hanging(label: str, text: str, indent: int, width: int) -> list[str]:
    """Text in a column beside its label, or below the label if the width leaves no room for a column."""
    if width - indent >= _ROOM:
        return labelled(label, text, indent=indent, width=width)
    first = [f" {label}".rstrip()] if label else []
    return [*first, *(" " * INDENT + line for line in wrap(clean(text), max(width - INDENT, _ROOM)))]


def closing_lines(
    checks: Sequence[Check], seconds: float, code: int, commands: Sequence[str], width: int
) -> list[str]:
    """`4 passed in 1.2 s; nothing was written      exit 0`, then the next commands."""
    counts = [
        (sum(word_of(check) == kind for check in checks), word)
        for kind, word in (
            ("pass", "passed"),
            ("warn", "with advice"),
            ("FAIL", "failed"),
            ("skip", "skipped"),
        )
    ]
    words = f"{', '.join(f'{n} {word}' for n, word in counts if n)} in {seconds:.1f} s; nothing was written"
    closing = labelled("", words, indent=1, width=width, right=f"exit {code}")
    return [*closing, *next_lines(list(commands), width)]
