"""`dnnlab watch`: a run in the terminal, while it trains or afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .complete import runs as run_words
from .context import Context
from .options import RUNS, Json, RunsDir, is_usual

if TYPE_CHECKING:
    from ..commands.watch.watch import Watch
    from ..render.terminal.streams import Stream

_RUN = "A run: a piece of its name, a path, last~2; by default the newest."


def watch(
    context: Context,
    run: Annotated[str, typer.Argument(metavar="[RUN]", help=_RUN, autocompletion=run_words)] = "last",
    once: Annotated[bool, typer.Option("--once", help="Print the state of the run, and end.")] = False,
    runs_dir: RunsDir = RUNS,
    json: Json = False,
) -> None:
    """Watch a run: its curves, how far each step moves the weights, the verdicts so far.

    Ctrl-C leaves; the run goes on.
    """
    from ..commands.watch.watch import Watch
    from ..engine.stop import halt_status
    from ..render.screens.watch import next_commands, watch_lines
    from ..rundir import RunStatus, find_run, run_word

    answers = context.answers
    try:
        path, out = find_run(run, runs_dir), answers.streams.out
        word = run_word(path, is_usual(runs_dir))
        watched = Watch(path, word)
        shown = watched.snapshot()
        if not (json or once or shown.over) and out.live:
            follow(watched, out)
            shown = watched.snapshot()
        answers.result(shown.json(), watch_lines(shown, out, next_commands(shown, word)), [str(path)])
    except KeyboardInterrupt as asked:
        if halt_status(asked) is not RunStatus.INTERRUPTED:
            raise


def follow(watched: Watch, out: Stream) -> None:
    """Show the run on a screen of its own until it is over."""
    from ..render.screens.watch import live_lines
    from ..render.terminal.fullscreen import LiveScreen

    with LiveScreen(out) as screen:
        for shown in watched.follow(screen.wait):
            screen.show(live_lines(shown, out, screen.height))
            if not out.live:  # the terminal is gone
                return
