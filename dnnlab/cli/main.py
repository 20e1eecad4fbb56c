"""The entry of the command line."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from ..version import __version__
from .check import check
from .compare import compare
from .context import Context
from .doctor import doctor
from .evaluate import evaluate
from .list import list_parts
from .lr_find import lr_find
from .new import new
from .plot import plot
from .predict import predict
from .remove import remove
from .repair import repair
from .report import report
from .resume import resume
from .runs import runs
from .schema import schema
from .show import show
from .sweep import sweep
from .train import train
from .watch import watch
from .weights import weights

if TYPE_CHECKING:
    from ..errors import UsageError

WELCOME = (
    "   dnnlab new first.yaml                a config of 12 explained lines",
    "   dnnlab train first.yaml              train it; seconds",
    "   dnnlab train last activation=tanh    again, one key changed",
    "   dnnlab compare last last~1           what differs, and what came of it",
    "   dnnlab --help                        all commands",
)
"""Printed by `dnnlab` without a command."""

_COMMANDS: tuple[tuple[Callable[..., Any], str, str | None], ...] = (
    (new, "nothing was created", "Write a config to begin with, commented."),
    (check, "nothing was written", None),
    (lr_find, "nothing was written", "Find a learning rate: a few hundred steps at a rising one."),
    (train, "nothing was created", "Train what a config describes, in a new run folder."),
    (sweep, "nothing was created", "Train many variants of a config and rank them."),
    (resume, "the run is as it was", "Go on with a run from its newest checkpoint."),
    (watch, "nothing was changed", "Watch a run in the terminal while it trains."),
    (runs, "nothing was changed", None),
    (compare, "nothing was changed", "Compare runs: what differs, and whether it is more than noise."),
    (doctor, "nothing was written", "Say what is wrong with a run, and what to change."),
    (report, "nothing was written", "Write a run's page: verdicts, curves, layers, mistakes."),
    (evaluate, "nothing was saved", "Measure a run on the test part, with confidence intervals."),
    (predict, "nothing was saved", "Use a run on new rows or images."),
    (weights, "nothing was changed", "List the weights of a file of another tool, or of a run."),
    (repair, "nothing was mended", "Mend a run or a sweep whose files are damaged."),
    (remove, "nothing was removed", "Remove runs for good, after asking."),
    (list_parts, "nothing was read", "List all parts by kind."),
    (show, "nothing was changed", "Show a part, a config or a run: keys, layers, YAML to copy."),
    (plot, "nothing was written", "Draw an activation, a schedule, an augmentation, first weights."),
    (schema, "nothing was created", None),
)
"""Each command, what an error of it leaves behind, and its line in `dnnlab --help`."""


class Command(TyperCommand):
    """A command of dnnlab: its errors become lines and an exit code. No traceback reaches its user."""

    context_class = Context

    def invoke(self, ctx: Any) -> int:
        """Run the command; its exit code."""
        from .errors import guarded

        return guarded(ctx, partial(super().invoke, ctx))


# Without rich's markup the help answers in a tenth of a second.
app = typer.Typer(rich_markup_mode=None)
for function, left, line in _COMMANDS:
    name = "list" if function is list_parts else None
    app.command(name, cls=Command, short_help=line, context_settings={"obj": left})(function)


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
) -> int:
    """Train deep networks from a YAML file and see what happens."""
    from ..render.terminal.streams import Streams

    if version:
        Streams().out.lines([f"dnnlab {__version__}"])
        raise typer.Exit
    if context.invoked_subcommand is None:
        Streams().out.lines(WELCOME)
    return 0


def run(arguments: list[str] | None = None) -> None:
    """Run a command and end the process with its exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    try:
        code: Any = app(words, prog_name="dnnlab", standalone_mode=False)
    except KeyboardInterrupt:
        code = 130
    except Exception as error:
        if not hasattr(
            error, "format_message"
        ):  # the parser's errors have it, whichever module typer keeps them in
            raise
        code = refuse(usage(error), "--json" in words)
    sys.exit(code if isinstance(code, int) else 0)


def refuse(error: UsageError, as_json: bool) -> int:
    """Print what is wrong with a command line; the exit code."""
    from .errors import new_answers

    new_answers(as_json=as_json).refused(error)
    return error.exit_code


def usage_words(error: Any) -> str:
    """The parser's message; of unknown commands and options in words that do not change with its version."""
    from ..registry import close_key

    text = str(error.format_message())
    if type(error).__name__ == "NoSuchOption":
        near = ", ".join(sorted(error.possibilities or ()))
        return f"No such option: {error.option_name}" + (f" (Possible options: {near})" if near else "")
    if command := re.match(r"No such command '([^']*)'", text):
        close = close_key(command[1], list(error.ctx.command.commands))
        return f"{command[0]}." + (f" Did you mean '{close}'?" if close else "")
    return text


def usage(error: Any) -> UsageError:
    """The parser's error in dnnlab's form."""
    from ..errors import UsageError

    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "dnnlab"
    text = usage_words(error).rstrip(".").replace("Value error, ", "")
    return UsageError(
        f"{text}{' ' if text.endswith('?') else '; '}`{command} --help` shows what {command} takes"
    )
