"""The entry of the command line."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..version import __version__
from .check import check
from .compare import compare
from .doctor import doctor
from .evaluate import evaluate
from .list import list_parts
from .lr_find import lr_find
from .new import new
from .plot import plot
from .predict import predict
from .remove import remove
from .report import report
from .resume import resume
from .runs import runs
from .schema import schema
from .show import show
from .sweep import sweep
from .train import train
from .watch import watch

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

# Without rich's markup the help answers in a tenth of a second.
app = typer.Typer(rich_markup_mode=None)
app.command(short_help="Write a config to begin with, commented.")(new)
app.command()(check)
app.command(name="lr-find", short_help="Find a learning rate: a few hundred steps at a rising one.")(lr_find)
app.command(short_help="Train what a config describes, in a new run folder.")(train)
app.command(short_help="Train many variants of a config and rank them.")(sweep)
app.command(short_help="Go on with a run from its newest checkpoint.")(resume)
app.command(short_help="Watch a run in the terminal while it trains.")(watch)
app.command()(runs)
app.command(short_help="Compare runs: what differs, and whether it is more than noise.")(compare)
app.command(short_help="Say what is wrong with a run, and what to change.")(doctor)
app.command(short_help="Write a run's page: verdicts, curves, layers, mistakes.")(report)
app.command(short_help="Measure a run on the test part, with confidence intervals.")(evaluate)
app.command(short_help="Use a run on new rows or images.")(predict)
app.command(short_help="Remove runs for good, after asking.")(remove)
app.command(name="list", short_help="List all parts by kind.")(list_parts)
app.command(short_help="Show a part, a config or a run: keys, layers, YAML to copy.")(show)
app.command(short_help="Draw an activation, a schedule, an augmentation, first weights.")(plot)
app.command()(schema)


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


def usage(error: Any) -> UsageError:
    """The parser's error in dnnlab's form."""
    from ..errors import UsageError

    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "dnnlab"
    text = error.format_message().rstrip(".").replace("Value error, ", "")
    return UsageError(
        f"{text}{' ' if text.endswith('?') else '; '}`{command} --help` shows what {command} takes"
    )
