"""`dnnlab resume`: go on with a run exactly where it stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

import typer

from . import complete
from .options import RUNS, Json, Quiet, RunsDir, TrustPlugins, is_usual

if TYPE_CHECKING:
    from .drive import Events
    from .signals import Interrupts

UNTOUCHED = "the run is as it was"


def resume(
    run: Annotated[
        str, typer.Argument(metavar="RUN", help="A path, a folder's name, a piece of it, last, last~2.", autocompletion=complete.runs)
    ],
    epochs: Annotated[int | None, typer.Option("--epochs", min=1, metavar="N", help="Train to a higher number of epochs.")] = None,
    runs_dir: RunsDir = RUNS,
    quiet: Quiet = False,
    json: Json = False,
    trust_plugins: TrustPlugins = False,
) -> int:
    """Go on with a run from its newest checkpoint, as if it had never stopped."""
    from ..render.answers import Answers
    from ..render.streams import Streams
    from .faults import guarded

    answers = Answers(Streams(), quiet, json)

    def action(interrupts: Interrupts) -> int:
        from ..engine.process import prepare
        from ..rundir import find_run

        path = find_run(run, runs_dir)  # a run that is not there is found out before torch is imported
        prepare()
        from ..commands.resume import depends_on_total
        from ..commands.resume import resume as go_on
        from ..engine.session import Stop
        from ..render.train import TrainScreen
        from .drive import drive
        from .report import report

        stop = Stop()
        screen = None if quiet else TrainScreen(answers.streams.err)
        events = go_on(str(path), runs_dir, epochs=epochs, stop=stop, trust_plugins=trust_plugins)
        outcome = drive(cast("Events", events), stop, screen, interrupts, lambda config: not depends_on_total(config))
        return report(outcome, answers, is_usual(runs_dir), UNTOUCHED)

    return guarded(answers, action, UNTOUCHED)
