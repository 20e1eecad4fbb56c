"""The last word of a command: for people, for scripts (`--quiet`: a path) and for programs (`--json`)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...errors import DnnlabError
from .errors import failure_lines, problem_lines
from .streams import Streams
from .text import INDENT, clean, labelled, next_lines


class ResultWriter:
    """Writes results to stdout and failures to stderr, in the form that the command was asked for."""

    def __init__(self, streams: Streams, quiet: bool = False, as_json: bool = False) -> None:
        self.streams, self.quiet, self.as_json = streams, quiet, as_json

    def result(self, value: Any, lines: Sequence[str], paths: Sequence[str]) -> None:
        """The one result of a command: as JSON, as paths alone, or as lines."""
        if self.as_json:
            self.json(value)
        else:
            out = self.streams.out
            exact = [clean(path) for path in paths] if out.terminal else paths  # a script needs the very name
            out.lines(exact if self.quiet else self._painted(lines))

    def json(self, value: Any) -> None:
        """One JSON text; numbers that are not finite become null."""
        from ...rundir.json_values import plain

        self.streams.out.lines([json.dumps(plain(value), ensure_ascii=False, indent=2, allow_nan=False)])

    def say(self, lines: Sequence[str]) -> None:
        """Lines beside the result, which --quiet leaves out."""
        if not self.quiet:
            self.streams.err.lines(lines)

    def refused(self, error: DnnlabError, outcome: str = "nothing was created") -> None:
        """A command that could not begin."""
        if self.as_json:
            self.json(error.json())
        lines = failure_lines(error, self._width(), outcome)
        self.streams.err.lines([*self._bad(lines[:-1]), lines[-1]])

    def failed(self, error: DnnlabError, run: Path, following: list[str]) -> None:
        """A run that ended with an error: what happened, how to go on, where it is."""
        if self.as_json:
            self.json({**error.json(), "run": str(run)})
        err = self.streams.err
        place = labelled(
            "run", str(run), indent=INDENT, width=err.width, right=f"exit {error.exit_code}", whole=True
        )
        err.lines(
            [
                *self._bad(problem_lines(error.problems, self._width())),
                *next_lines(following, err.width),
                *place,
            ]
        )

    def stopped(self, words: str, code: int, run: Path | None = None) -> None:
        """A command that a signal ended at once."""
        if self.as_json:
            problems = [{"received": words}]
            self.json(
                {
                    "error": {"code": "interrupted", "problems": problems},
                    **({} if run is None else {"run": str(run)}),
                }
            )
        width = self.streams.err.width
        self.streams.err.lines(labelled("", words, indent=1, width=width, right=f"exit {code}"))

    def _width(self) -> int | None:
        return self.streams.err.width if self.streams.err.terminal else None

    def _bad(self, lines: Sequence[str]) -> list[str]:
        return [self.streams.err.paint(line, "bad") for line in lines]

    def _painted(self, lines: Sequence[str]) -> list[str]:
        """The result with its first line (how it ended) in bold."""
        out = self.streams.out
        first = next((i for i, line in enumerate(lines) if line.strip()), 0)
        return [out.paint(line, "strong") if i == first else line for i, line in enumerate(lines)]
