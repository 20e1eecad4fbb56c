"""The result of checks: one line each, the problems of those that failed below them."""

from __future__ import annotations

from collections.abc import Sequence

from ..commands.starting.checked import Check
from .errors import problem_lines
from .result import next_lines
from .text import columns, labelled

_WORDS = {True: "pass", False: "FAIL", None: "skip"}
INDENT = 7
NAMES = 8  # columns of a check's name


def check_lines(checks: Sequence[Check], width: int) -> list[str]:
    """`pass  data     digits 1x8x8: ...`, and below a check that failed what is wrong."""
    lines: list[str] = []
    for check in checks:
        text = check.measured if check.passed is not False or check.problems else f"{check.measured}; expected {check.expected}"
        lines += labelled(_WORDS[check.passed], f"{check.name.ljust(NAMES)} {text}", indent=INDENT, width=width)
        lines += ["  " + line for line in problem_lines(check.problems, width - 2)]
        if check.passed and check.advice:
            lines += labelled("", check.advice, indent=INDENT + NAMES + 1, width=width)
        elif check.name == "lint" and check.advice:
            lines += labelled("", check.advice, indent=INDENT, width=width)
    return lines


def closing_lines(checks: Sequence[Check], seconds: float, code: int, command: str, width: int) -> list[str]:
    """`4 passed in 1.2 s; nothing was written      exit 0`, then the next command."""
    counts = [(sum(c.passed is passed for c in checks), word) for passed, word in ((True, "passed"), (False, "failed"), (None, "skipped"))]
    words = f" {', '.join(f'{n} {word}' for n, word in counts if n)} in {seconds:.1f} s; nothing was written"
    return [words + f"exit {code}".rjust(max(width - columns(words), 8)), *next_lines([command], width)]
