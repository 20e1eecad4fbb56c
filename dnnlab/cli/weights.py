"""`dnnlab weights`: what a file of weights holds."""

from __future__ import annotations

from typing import Annotated

import typer

from .complete import runs as known_runs
from .context import Context
from .options import RUNS, Json, RunsDir

_SOURCE = "A file or folder of weights of any tool, or a run."
_MAP = "Their layers by a pattern, ours: 'dense_(.*)=hidden\\1'. May be given several times."


def weights(
    context: Context,
    source: Annotated[
        str, typer.Argument(metavar="FILE|RUN", help=_SOURCE, autocompletion=known_runs, show_default=False)
    ],
    map: Annotated[list[str] | None, typer.Option("--map", metavar="PATTERN=REPLACEMENT", help=_MAP)] = None,
    json: Json = False,
    runs_dir: RunsDir = RUNS,
) -> None:
    """List the weights of a file of another tool, or of a run.

    Names and shapes are those of torch. Nothing that a file brings along is run.
    """
    from ..commands.weights.weights import weights as look
    from ..render.screens.weights import weights_lines

    answers = context.answers
    face = look(source, runs_dir, patterns_of(map or []))
    answers.result(face, weights_lines(face, answers.streams.out.width), [face["path"]])


def patterns_of(words: list[str]) -> dict[str, str]:
    """Pattern -> replacement; the last = divides them. Raises `UsageError`."""
    from ..errors import Problem, UsageError

    found: dict[str, str] = {}
    for word in words:
        pattern, sign, replacement = word.rpartition("=")
        if not sign or not pattern:
            text, fix = f"received --map {word}", r"--map 'dense_(.*)=hidden\1'"
            raise UsageError(Problem(text, "expected PATTERN=REPLACEMENT", fix, "--map", code="pattern"))
        found[pattern] = replacement
    return found
