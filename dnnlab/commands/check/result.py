"""One check and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...errors import DnnlabError, Problem


@dataclass(frozen=True)
class Check:
    """One check.

    passed: None if it could not be made. problems: what is wrong, each with its place in the file. warning: the check
    passed, and its problems are advice; only `--strict` fails for it.
    """

    name: str
    passed: bool | None
    measured: str
    expected: str = ""
    advice: str = ""
    problems: tuple[Problem, ...] = ()
    warning: bool = False

    def json(self) -> dict[str, Any]:
        """The JSON face; `problems` as in errors."""
        face = {key: getattr(self, key) for key in ("name", "passed", "measured", "expected", "advice")}
        problems = [problem.json() for problem in self.problems]
        return {**face, "warning": self.warning, "problems": problems}


def failed(name: str, error: DnnlabError, expected: str) -> Check:
    """A check that met an error."""
    count = len(error.problems)
    first = error.problems[0]
    return Check(
        name, False, f"{count} problem{'s' if count != 1 else ''}", expected, first.fix, tuple(error.problems)
    )
