"""`dnnlab remove`: throw runs away, after asking."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from .filters import Json, Limit, Since, Sort, Status, Tag, Where, Words, filters_of
from .options import RUNS, RunsDir

if TYPE_CHECKING:
    from ..commands.runs.remove import Plan
    from ..render.terminal.result_writer import Answers
    from .signals import Interrupts

NOTHING = "nothing was removed"


def remove(
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
) -> int:
    """Remove runs for good: shows which, and asks.

    Running runs, and those that others were made from, stay.
    """
    from .errors import guarded, new_answers

    answers = new_answers(as_json=json)

    def action(interrupts: Interrupts) -> int:
        """Show what would be removed, and remove it if asked to."""
        from ..commands.runs.remove import carry_out, check, plan
        from ..render.screens.remove import plan_lines, total_words

        found = plan(words or [], runs_dir, filters_of(where, since, status, tag, sort, limit))
        check(found)
        if not json:
            answers.say(plan_lines(found, answers.streams.err.width))
        if not found.go:
            answers.result(carry_out(found), [" there is nothing to remove"], [])
            return 0
        if not yes and not agreed(found, answers):
            answers.say([f" {NOTHING}"])
            return 0
        answers.result(carry_out(found), [f" removed {total_words(found)}"], [])
        return 0

    return guarded(answers, action, NOTHING)


def agreed(found: Plan, answers: Answers) -> bool:
    """Ask on the terminal. Raises `UsageError` where nobody can answer."""
    from ..errors import Problem, UsageError
    from ..render.screens.remove import total_words

    if answers.as_json or not sys.stdin.isatty():
        problem = f"removing {total_words(found)} needs a yes, and nobody can be asked here"
        raise UsageError(Problem(problem, "expected a terminal, or --yes", "add --yes", code="not_confirmed"))
    answers.streams.err.write(f" remove {total_words(found)} for good? [y/N] ")
    return sys.stdin.readline().strip().lower() in ("y", "yes")
