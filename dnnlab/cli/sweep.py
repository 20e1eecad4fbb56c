"""`dnnlab sweep`: many trainings of one base config, whose points are drawn from a space."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from .complete import changed_keys, configs_and_runs
from .options import RUNS, Json, Quiet, RunsDir, TrustPlugins

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..commands.sweep.events import Over
    from ..commands.sweep.sweep import Plan
    from ..render.terminal.result_writer import Answers
    from .signals import Interrupts

_SOURCE = "A YAML file with `search` or `cases`; or a config or run, with --vary."
_VARY = "optimizer.lr=1e-5..1e-1:log, activation=relu,elu; several: again. Also :int, :log_int, :step=S."
Sampler = Literal["random", "grid", "quasi_random", "tpe", "gp"]
Pruner = Literal["none", "median", "successive_halving", "hyperband"]


def sweep(
    source: Annotated[
        str, typer.Argument(metavar="FILE|CONFIG|RUN", help=_SOURCE, autocompletion=configs_and_runs)
    ],
    changes: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY=VALUE", help="Keys of the base to change.", autocompletion=changed_keys),
    ] = None,
    vary: Annotated[list[str] | None, typer.Option("--vary", metavar="KEY=RANGE", help=_VARY)] = None,
    trials: Annotated[
        int | None, typer.Option("--trials", min=1, metavar="N", help="How many points.")
    ] = None,
    seeds: Annotated[
        int | None, typer.Option("--seeds", min=1, metavar="N", help="Runs of each point, averaged.")
    ] = None,
    sampler: Annotated[
        Sampler | None, typer.Option("--sampler", help="How points are drawn; lists alone make a grid.")
    ] = None,
    pruner: Annotated[
        Pruner | None, typer.Option("--pruner", help="How hopeless trials are cut short.")
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", min=0, metavar="N", help="Of the points.")] = None,
    executor: Annotated[
        Literal["local", "ray"] | None, typer.Option("--executor", help="Where; ray: a Ray cluster.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, metavar="N", help="Processes; by default one a core.")
    ] = None,
    timeout: Annotated[
        str | None, typer.Option("--timeout", metavar="TIME", help="Of one run: 2 minutes.")
    ] = None,
    retries: Annotated[
        int | None, typer.Option("--retries", min=0, metavar="N", help="Of a run whose process died.")
    ] = None,
    runs_dir: RunsDir = RUNS,
    quiet: Quiet = False,
    json: Json = False,
    trust_plugins: TrustPlugins = False,
) -> int:
    """Train many variants of a config and rank them.

    Nothing is lost: `dnnlab resume` goes on after Ctrl-C or a kill.
    """
    from ..render.terminal.result_writer import Answers
    from ..render.terminal.streams import Streams
    from .errors import guarded

    given = {
        "trials": trials,
        "seeds": seeds,
        "sampler": sampler,
        "pruner": pruner,
        "seed": seed,
        "workers": workers,
        "timeout": timeout,
    }
    options = {
        key: value
        for key, value in {**given, "executor": executor, "retries": retries}.items()
        if value is not None
    }
    answers = Answers(Streams(), quiet, json)

    def action(interrupts: Interrupts) -> int:
        from ..commands.sweep.load_spec import read_source
        from ..commands.sweep.sweep import planned
        from ..commands.sweep.sweep import sweep as run

        found = read_source(source, changes or [], vary or [], options, runs_dir, trust_plugins=trust_plugins)
        plan: Plan = planned(*found)
        return drive(lambda stop: run(plan, runs_dir, stop=stop), answers, interrupts)

    return guarded(answers, action)


@dataclass
class Asked:
    """A request to end. It is not the engine's own class, for which this process would have to load torch."""

    status: str | None = None
    reason: str = "asked to stop"


def drive(events_of: Any, answers: Answers, interrupts: Interrupts) -> int:
    """Drain a sweep into the screen, then say what it found. events_of: from what asks it to stop to its events."""
    from ..commands.sweep.events import Begun, Over
    from ..errors import DnnlabError
    from ..render.screens.sweep import SweepScreen
    from .errors import unexpected
    from .show_sweep import sweep_word
    from .signals import Halt

    stop = Asked()
    screen = None if answers.quiet else SweepScreen(answers.streams.err)
    events: Iterator[Any] = events_of(stop)
    path: Path | None = None
    asked, over = False, None
    try:
        for event in events:
            if type(event) is Begun:
                interrupts.stop, interrupts.begun, path = stop, True, event.path
            if type(event) is Over:
                over = event
            if screen is not None:
                screen(event)
                if stop.status is not None and not asked:
                    asked = True
                    screen.note(f"{stop.status}: saving all runs; the same again ends at once", "note")
        if over is not None:
            return finish(over, answers, screen)
        raise AssertionError("a sweep ends with Over")
    except DnnlabError as error:
        failure: DnnlabError = error
    except Halt as halt:
        if path is None:
            raise
        clear(screen)
        answers.stopped(
            f"ended at once; what was saved stays: dnnlab resume {sweep_word(path)}", halt.exit_code, path
        )
        return halt.exit_code
    except Exception as error:
        failure = unexpected(error, path)
    finally:
        interrupts.stop = None
        events.close()  # type: ignore[attr-defined]
        clear(screen)
    if path is None:
        raise failure
    answers.failed(failure, path, [f"dnnlab resume {sweep_word(path)}"])
    return failure.exit_code


def clear(screen: Any) -> None:
    """Take the moving line away."""
    if screen is not None:
        screen.clear()


def finish(event: Over, answers: Answers, screen: Any) -> int:
    """The last screen, which is that of `dnnlab show SWEEP`; a sweep that is over keeps its page and picture in its folder."""
    from ..render.screens.result import INDENT
    from ..render.terminal.text import labelled
    from .show_sweep import told

    clear(screen)
    width = answers.streams.out.width
    face, lines = told(event.path, answers, keep=event.status in ("done", "failed"))
    place = labelled("sweep", str(event.path), indent=INDENT, width=width, right=took(event), whole=True)
    answers.result(face, ["", *lines, *place], [str(event.path)])
    return event.exit_code


def took(event: Over) -> str:
    """`done in 12 s, 98 trials/min`."""
    from ..render.terminal.numbers import duration

    words = f"{'done in' if event.status == 'done' else 'after'} {duration(event.seconds)}"
    return f"{words}, {event.rate:,.0f} trials/min" if event.rate else words
