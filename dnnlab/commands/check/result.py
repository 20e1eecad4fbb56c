"""The result of a check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...errors import DnnlabError, Problem


@dataclass(frozen=True)
class Check:
    """A check and its result."""

    name: str
    """The name, as on the screen."""
    passed: bool | None
    """Whether the check passed; None if it was skipped."""
    measured: str
    """The measured value in words."""
    expected: str = ""
    """The expected value in words."""
    advice: str = ""
    """What to change, or a remark if the check passed."""
    problems: tuple[Problem, ...] = ()
    """The problems, each with its place in the file."""
    warning: bool = False
    """Whether the problems are only advice; such a check passed, and only `--strict` fails for it."""

    def json(self) -> dict[str, Any]:
        """The JSON face; `problems` as in errors."""
        face = dict(vars(self))
        problems = face.pop("problems")
        return {**face, "problems": [problem.json() for problem in problems]}


def failed(name: str, error: DnnlabError, expected: str) -> Check:
    """A check that met an error."""
    count = len(error.problems)
    first = error.problems[0]
    return Check(
        name, False, f"{count} problem{'s' if count != 1 else ''}", expected, first.fix, tuple(error.problems)
    )
