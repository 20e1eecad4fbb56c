"""The last lines of a training, however it ended."""

from __future__ import annotations

import shlex
from pathlib import Path

from ..render.screens.advice import after_failure, after_training, after_verdict
from ..render.screens.doctor import mending_command, serious_causes, short_lines
from ..render.screens.result import result_lines
from ..render.terminal.result_writer import ResultWriter
from ..rundir import run_word
from .run_training import Outcome, known


def report(
    outcome: Outcome,
    answers: ResultWriter,
    usual: bool,
    nothing: str = "nothing was created",
    parent: Path | None = None,
) -> int:
    """Print how a training went, and return the exit code.

    usual: whether commands find the runs folder without --runs-dir. parent: the run whose config was trained.
    """
    if outcome.path is None:
        if outcome.error is not None:
            answers.refused(outcome.error, nothing)
        else:
            answers.stopped(f"interrupted; {nothing}", outcome.exit_code)
    elif outcome.result is not None and outcome.error is None:
        answers.result(
            outcome.result, result_block(outcome, answers, usual, parent=parent), [str(outcome.path)]
        )
    else:
        report_failure(outcome, answers, usual)
    return outcome.exit_code


def report_failure(outcome: Outcome, answers: ResultWriter, usual: bool) -> None:
    """Print why a training that had begun did not reach its end."""
    path = known(outcome.path)
    word = run_word(path, usual)
    if outcome.error is not None:
        told = verdicts(path)
        mending = mending_command(told, word)
        answers.say(short_lines(told, word, answers.streams.err.width))
        answers.failed(
            outcome.error,
            path,
            [mending] if mending else after_failure(outcome.error.code, outcome.facts, word),
        )
    else:
        answers.stopped(
            f"ended at once; the last checkpoint stays: dnnlab resume {word}", outcome.exit_code, path
        )


def result_block(
    outcome: Outcome, answers: ResultWriter, usual: bool, advise: bool = True, parent: Path | None = None
) -> list[str]:
    """The block below the table."""
    path, facts, result = known(outcome.path), known(outcome.facts), known(outcome.result)
    word = run_word(path, usual)
    beside = (
        ""
        if parent is None
        else run_word(parent, True)
        if parent.parent == path.parent
        else shlex.quote(str(parent))
    )
    following = (
        after_training(result, facts, word, outcome.over, outcome.extendable, beside) if advise else []
    )
    told, width = verdicts(path), answers.streams.out.width
    if following and outcome.over and serious_causes(told):
        following = after_verdict(word, mending_command(told, word), beside)
    painted = [answers.streams.out.paint(line, "warning") for line in short_lines(told, word, width)]
    return result_lines(result, outcome.reason, facts, width, following, word, painted)


def verdicts(run: Path) -> object:
    """The verdicts that the run's folder holds."""
    from ..rundir.run_record import read_record

    return read_record(run).verdicts
