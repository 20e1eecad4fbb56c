"""`dnnlab check`: what can be known before a training."""

from __future__ import annotations

import shlex
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer

from .complete import changed_keys, configs_and_runs
from .options import RUNS, Json, RunsDir, TrustPlugins, is_usual

if TYPE_CHECKING:
    from .signals import Interrupts

_KEYS = "Keys to change, as for train."


def check(
    source: Annotated[str, typer.Argument(metavar="CONFIG|RUN", help="A YAML file, or a run.", autocompletion=configs_and_runs)],
    changes: Annotated[list[str] | None, typer.Argument(metavar="KEY=VALUE", help=_KEYS, autocompletion=changed_keys)] = None,
    static: Annotated[bool, typer.Option("--static", help="Without training anything (the default).")] = True,
    runs_dir: RunsDir = RUNS,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only the names of checks that failed.")] = False,
    json: Json = False,
    trust_plugins: TrustPlugins = False,
) -> int:
    """Check a config without training.

    Its keys, its data, the shapes of its net, and what is unwise; nothing is written. Exit 1 where a check failed.
    """
    from ..render.answers import Answers
    from ..render.check import check_lines, closing_lines
    from ..render.streams import Streams
    from .faults import guarded

    answers, began = Answers(Streams(), quiet, json), perf_counter()

    def action(interrupts: Interrupts) -> int:
        from ..commands.starting.check import face, static_checks

        checks = list(static_checks(source, changes or [], runs_dir, trust_plugins=trust_plugins))
        passed = face(checks)["passed"]
        runs = "" if is_usual(runs_dir) else f" --runs-dir {shlex.quote(str(runs_dir))}"
        command = shlex.join(["dnnlab", "train" if passed else "check", source, *(changes or [])]) + runs
        out, code = answers.streams.out, 0 if passed else 1
        lines = check_lines(checks, out.width)
        closing = closing_lines(checks, perf_counter() - began, code, command, out.width)
        answers.result(face(checks), [*lines, *closing], [c.name for c in checks if c.passed is False])
        return code

    return guarded(answers, action, "nothing was written")
