"""`dnnlab resume`: go on with a run, or a sweep, exactly where it stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import complete
from .context import Context
from .options import RUNS, Json, Quiet, RunsDir, TrustPlugins, is_usual

if TYPE_CHECKING:
    from pathlib import Path


_RUN = "A path, a folder's name, a piece of it, last, last~2."


def resume(
    context: Context,
    run: Annotated[str, typer.Argument(metavar="RUN|SWEEP", help=_RUN, autocompletion=complete.runs)],
    epochs: Annotated[
        int | None,
        typer.Option("--epochs", min=1, metavar="N", help="Train a run to a higher number of epochs."),
    ] = None,
    trials: Annotated[
        int | None,
        typer.Option("--trials", min=1, metavar="N", help="Raise a sweep to a higher number of trials."),
    ] = None,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Try a sweep's failed trials again.")
    ] = False,
    workers: Annotated[
        int | None,
        typer.Option("--workers", min=1, metavar="N", help="Of a sweep: another number of processes."),
    ] = None,
    runs_dir: RunsDir = RUNS,
    quiet: Quiet = False,
    json: Json = False,
    trust_plugins: TrustPlugins = False,
) -> int:
    """Go on with a run from its newest checkpoint, as if it had never stopped.

    Or with the runs of a sweep, in the same way.
    """
    from ..rundir import find_run, is_sweep

    answers = context.answers
    path = find_run(
        run, runs_dir, sweeps=True
    )  # a run that is not there is found out before torch is imported
    if is_sweep(path):
        from ..commands.sweep.resume import resume_sweep
        from .run_sweep import run_sweep

        refuse(run, "sweep", {"--epochs": epochs})
        more: dict[str, Any] = {
            "trials": trials,
            "workers": workers,
            "retry_failed": retry_failed,
            "trust_plugins": trust_plugins,
        }
        return run_sweep(
            lambda stop: resume_sweep(str(path), runs_dir, stop=stop, **more), answers, context.interrupts
        )
    refuse(run, "run", {"--trials": trials, "--workers": workers, "--retry-failed": retry_failed or None})
    return resume_run(context, path, runs_dir, epochs, trust_plugins)


def resume_run(context: Context, path: Path, runs_dir: Path, epochs: int | None, trust_plugins: bool) -> int:
    """Go on with one run; only now is torch imported."""
    from ..engine.runtime import prepare

    prepare()
    from ..commands.train.resume import depends_on_total
    from ..commands.train.resume import resume as resume_training
    from ..engine.stop import Stop
    from ..render.screens.train import TrainScreen
    from .outcome import report
    from .run_training import run_training

    answers, stop = context.answers, Stop()
    screen = None if answers.quiet else TrainScreen(answers.streams.err)
    events = resume_training(str(path), runs_dir, epochs=epochs, stop=stop, trust_plugins=trust_plugins)
    outcome = run_training(
        events, stop, screen, context.interrupts, lambda config: not depends_on_total(config)
    )
    return report(outcome, answers, is_usual(runs_dir), context.obj)


def refuse(word: str, what: str, options: dict[str, object]) -> None:
    """Raise `UsageError` for an option that cannot act on a run, or on a sweep."""
    from ..errors import Problem, UsageError

    other = "run" if what == "sweep" else "sweep"
    for option, value in options.items():
        if value is not None:
            raise UsageError(
                Problem(
                    f"{option} is of a {other}, and {word} is a {what}",
                    f"expected a {other}",
                    f"leave {option} out",
                    code="no_effect",
                )
            )
