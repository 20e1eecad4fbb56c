"""`dnnlab evaluate`: how well a run's net does on a part of its data."""

from __future__ import annotations

from typing import Annotated

import typer

from . import complete
from .arguments import OneRun
from .context import Context
from .options import RUNS, Json, RunsDir, TrustPlugins, is_usual

Weights = Annotated[
    str,
    typer.Option(
        "--weights",
        metavar="NAME",
        help="best, last, or an average by its suffix.",
        autocompletion=complete.weights,
    ),
]
Device = Annotated[
    str | None,
    typer.Option("--device", metavar="NAME", help="Instead of the run's own: auto, cpu, cuda, mps."),
]
Split = Annotated[
    str,
    typer.Option(
        "--split",
        metavar="PART",
        help="test, validation, train.",
        autocompletion=lambda: ["test", "validation", "train"],
    ),
]


def evaluate(
    context: Context,
    run: OneRun,
    split: Split = "test",
    weights: Weights = "best",
    batch_size: Annotated[
        int | None, typer.Option("--batch-size", min=1, metavar="N", help="Rows at a time.")
    ] = None,
    device: Device = None,
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="COLUMN", help="Also each value of a column of the run's table."),
    ] = None,
    runs_dir: RunsDir = RUNS,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only the saved file's path.")] = False,
    json: Json = False,
    trust_plugins: TrustPlugins = False,
) -> None:
    """Measure a run on the test part, with confidence intervals; the result is kept in the run's folder."""
    from ..engine.runtime import prepare
    from ..rundir import find_run

    answers = context.answers
    path = find_run(run, runs_dir)  # a run that is not there is found out before torch is imported
    prepare()
    from ..commands.inference.evaluate import evaluate as measure
    from ..render.screens.evaluation import evaluation_lines

    found = measure(
        path,
        runs_dir,
        split=split,
        which=weights,
        batch_size=batch_size,
        device=device,
        trust_plugins=trust_plugins,
        by=by,
    )
    if json:  # the screen has them on it
        answers.say([f" note: {note}" for note in found.notes])
    answers.result(
        found.json(),
        evaluation_lines(found, answers.streams.out.width, is_usual(runs_dir)),
        [str(found.path)],
    )
