"""`dnnlab doctor`: what is wrong with a run, in words; without a run, what this installation is like."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import complete
from .context import Context
from .options import RUNS, Json, RunsDir, run_argument

if TYPE_CHECKING:
    from ..render.terminal.result_writer import ResultWriter

_RUN = "A path, a folder's name, a piece of it, last, last~2. Without one: the installation."
_FAIL_ON = "Exit 1 when a verdict is as severe as this, or more: note, warning, critical."


def doctor(
    context: Context,
    run: Annotated[
        str | None, typer.Argument(metavar="[RUN]", help=_RUN, autocompletion=complete.runs)
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Show consequences, what is fine and what could not be looked at.")
    ] = False,
    fail_on: Annotated[str | None, typer.Option("--fail-on", metavar="SEVERITY", help=_FAIL_ON)] = None,
    runs_dir: RunsDir = RUNS,
    json: Json = False,
) -> int:
    """Say what is wrong with a run, how that was seen, why it matters and what to change.

    Nothing is written.
    """
    answers = context.answers
    checked(fail_on)
    return (
        about_installation(runs_dir, answers)
        if run is None
        else about_run(run, runs_dir, answers, everything, fail_on)
    )


def checked(fail_on: str | None) -> None:
    """Raise `UsageError` for a severity that there is not."""
    from ..diagnose import SEVERITIES
    from ..errors import Problem, UsageError

    if fail_on is not None and fail_on not in SEVERITIES:
        text = f"received --fail-on {fail_on}"
        raise UsageError(
            Problem(text, f"expected {', '.join(SEVERITIES)}", "--fail-on warning", code="severity")
        )


def about_run(run: str, runs_dir: Path, answers: ResultWriter, everything: bool, fail_on: str | None) -> int:
    """The verdicts on a run."""
    from ..commands.doctor.doctor import examine
    from ..render.screens.doctor import doctor_lines
    from ..rundir import digits, find_run

    path = find_run(run, runs_dir)
    word = run_argument(path, runs_dir)
    found = examine(str(path), runs_dir, word if word != digits(path.name) else "")
    answers.result(found.json(), doctor_lines(found, word, answers.streams.out.width, everything), [])
    return 1 if fail_on is not None and found.diagnosis.at_least(fail_on) else 0


def about_installation(runs_dir: Path, answers: ResultWriter) -> int:
    """The facts of this machine; exit 1 if something cannot work."""
    from ..commands.doctor.installation import face, installation
    from ..render.screens.doctor import installation_lines

    facts = installation(runs_dir)
    answers.result(face(facts), installation_lines(facts, answers.streams.out.width), [])
    return 0 if face(facts)["passed"] else 1
