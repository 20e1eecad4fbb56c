"""`dnnlab remove`: throw runs away, after asking."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from .context import Context
from .filters import Json, Limit, Since, Sort, Status, Tag, Where, Words, filters_of
from .options import RUNS, RunsDir

if TYPE_CHECKING:
    from ..commands.runs.remove import Plan
    from ..render.terminal.result_writer import ResultWriter

NOTHING = "nothing was removed"


def remove(
    context: Context,
    words: Words = None,
    where: Where = None,
    since: Since = None,
    status: Status = None,
    tag: Tag = None,
    sort: Sort = None,
    limit: Limit = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    json: Json = False,
    runs_dir: RunsDir = RUNS,
) -> None:
    """Remove runs for good: shows which, and asks.

    Running runs, and those that others were made from, stay.
    """
    from ..commands.runs.remove import carry_out, check, plan
    from ..render.screens.remove import plan_lines, total_words

    answers = context.answers
    found = plan(words or [], runs_dir, filters_of(where, since, status, tag, sort, limit))
    check(found)
    if not json:
        answers.say(plan_lines(found, answers.streams.err.width))
    if not found.go:
        answers.result(carry_out(found), [" there is nothing to remove"], [])
        return
    if not yes and not agreed(found, answers):
        answers.say([f" {NOTHING}"])
        return
    answers.result(carry_out(found), [f" removed {total_words(found)}"], [])


def agreed(found: Plan, answers: ResultWriter) -> bool:
    """Ask on the terminal. Raises `UsageError` if there is no terminal to ask on."""
    from ..errors import Problem, UsageError
    from ..render.screens.remove import total_words

    if answers.as_json or not sys.stdin.isatty():
        problem = f"removing {total_words(found)} needs a yes, and there is no terminal to ask on"
        raise UsageError(Problem(problem, "expected a terminal, or --yes", "add --yes", code="not_confirmed"))
    answers.streams.err.write(f" remove {total_words(found)} for good? [y/N] ")
    return sys.stdin.readline().strip().lower() in ("y", "yes")
