"""`dnnlab check`: what can be known before a training."""

from __future__ import annotations

import shlex
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer

from .arguments import Changes, ConfigOrRun
from .context import Context
from .options import RUNS, Json, RunsDir, TrustPlugins, is_usual

if TYPE_CHECKING:
    from ..render.terminal.streams import Colour


def check(
    context: Context,
    source: ConfigOrRun,
    changes: Changes = None,
    static: Annotated[
        bool, typer.Option("--static", help="Only what can be known without running the net: a second.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Advice fails, too (exit 1).")] = False,
    runs_dir: RunsDir = RUNS,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print only the names of checks that failed.")
    ] = False,
    json: Json = False,
    trust_plugins: TrustPlugins = False,
) -> int:
    """Check a config before training.

    Its keys, data, shapes and what is unwise; then the net itself: its first loss, whether it learns 20 rows,
    its gradients, what flows through it. Nothing is written. Exit 1 if a check failed; advice is a warning,
    as in a training, unless --strict.
    """
    from ..commands.check.all_checks import NOT_LOOKED_AT, all_checks
    from ..commands.check.check import STATIC, face, static_checks
    from ..render.screens.check import LONG_NAMES, NAMES, check_lines, closing_lines, idle_line

    answers, began = context.answers, perf_counter()

    out, shown, checks = answers.streams.out, not (quiet or json), []
    for check in (static_checks if static else all_checks)(
        source, changes or [], runs_dir, trust_plugins=trust_plugins
    ):
        checks.append(check)
        idle = check.measured.startswith(NOT_LOOKED_AT) and check.name not in STATIC
        if shown and not idle:  # as they come: some take seconds
            lines = check_lines([check], out.width, NAMES if static else LONG_NAMES)
            colour: Colour = "bad" if check.passed is False else "warning" if check.warning else "plain"
            out.lines(out.paint(line, colour) for line in lines)
    passed = face(checks, strict=strict)["passed"]
    words = [source, *(changes or [])]
    code, following = 0 if passed else 1, next_commands(passed, static, words, runs_dir)
    if shown:
        out.lines(
            idle_line([c for c in checks if c.measured.startswith(NOT_LOOKED_AT) and c.name not in STATIC])
        )
        out.lines(closing_lines(checks, perf_counter() - began, code, following, out.width))
    else:
        names = [c.name for c in checks if c.passed is False or (strict and c.warning)]
        answers.result(face(checks, strict=strict), [], names)
    return code


def next_commands(passed: bool, static: bool, words: list[str], runs_dir: Path) -> list[str]:
    """What to type next. `doctor` is to a training what this is to a config."""
    runs = "" if is_usual(runs_dir) else f" --runs-dir {shlex.quote(str(runs_dir))}"
    again = shlex.join(["dnnlab", "check", *words]) + runs
    train = shlex.join(["dnnlab", "train", *words]) + runs
    if not passed:
        return [again]
    return [train, *([again] if static else [f"dnnlab doctor last{runs}"])]
