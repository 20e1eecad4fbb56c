"""`--seeds N`: runs that differ only in the seed, one after the other, then mean and deviation."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..render.screens.seeds import summary, summary_lines
from ..render.terminal.numbers import counted
from ..render.terminal.result_writer import ResultWriter
from ..render.terminal.text import next_lines
from ..rundir import run_word
from .context import Context
from .options import is_usual
from .outcome import report, report_failure, result_block
from .run_training import Outcome, known, train_once

DIVERGED = 3


def train_seeds(context: Context, configs: Mapping[int, Any], runs_dir: Path) -> int:
    """Train each config (by its seed).

    A run that diverges is a result too, without a best epoch; another failure ends the row.
    """
    results: list[dict[str, Any]] = []
    answers, usual = context.answers, is_usual(runs_dir)
    code, monitor = 0, ""
    for config in configs.values():
        outcome = train_once(context, config, runs_dir, brief=bool(results))
        if outcome.path is None or outcome.facts is None:
            return report(
                outcome,
                answers,
                usual,
                f"{counted(len(results), 'run')} before it stay" if results else "nothing was created",
            )
        code, monitor = code or outcome.exit_code, outcome.facts.monitor
        if outcome.result is None and outcome.exit_code != DIVERGED:
            report_failure(outcome, answers, usual)
            return code
        results.append(face(outcome))
        if outcome.error is not None:
            report_failure(outcome, ResultWriter(answers.streams), usual)
        else:
            answers.say([*result_block(outcome, answers, usual, advise=False), ""])
        if outcome.exit_code not in (0, DIVERGED):
            break  # asked to stop: the seeds that are left are not begun
    lines = summary_lines(results, list(configs)[: len(results)], monitor, answers.streams.out.width)
    lines += next_lines(
        [f"dnnlab compare {run_word(Path(results[-1]['run']), usual)}"], answers.streams.out.width
    )
    answers.result(summary(results), lines, [result["run"] for result in results])
    return code


def face(outcome: Outcome) -> dict[str, Any]:
    """The JSON face of a run, also of one that diverged."""
    if outcome.result is not None and outcome.error is None:
        return outcome.result
    return {
        "run": str(outcome.path),
        "status": known(outcome.error).code,
        "monitor": known(outcome.facts).monitor,
        "best": {},
        "last": {},
        "seconds": None,
    }
