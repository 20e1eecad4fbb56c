"""`dnnlab predict`: what a run's net says of new inputs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .arguments import OneRun
from .context import Context
from .evaluate import Device, Weights
from .options import RUNS, Json, RunsDir, TrustPlugins


def predict(
    context: Context,
    run: OneRun,
    inputs: Annotated[
        str,
        typer.Argument(
            metavar="INPUT", help="A CSV, Parquet, .npz, .npy or IDX file, an image, or a folder of images."
        ),
    ],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write a new file instead of to the screen.")
    ] = None,
    format: Annotated[
        str | None, typer.Option("--format", metavar="FORM", help="csv, json or npz; else by FILE's name.")
    ] = None,
    weights: Weights = "best",
    device: Device = None,
    on_unknown: Annotated[
        str,
        typer.Option(
            "--on-unknown",
            metavar="HOW",
            help="Categories that the run does not know: zeros, with a note; or error.",
            autocompletion=lambda: ["zeros", "error"],
        ),
    ] = "zeros",
    runs_dir: RunsDir = RUNS,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print only the predictions, or only FILE.")
    ] = False,
    json: Json = False,
    trust_plugins: TrustPlugins = False,
) -> None:
    """Predict: a row for each row of INPUT, in its order.

    With class names and probabilities, or numbers in their own units.
    """
    from ..commands.inference.predictions import check_free, choose_form, content, text, write
    from ..engine.runtime import prepare
    from ..rundir import find_run

    wanted = "json" if json and format is None and out is None else format
    answers = context.answers
    chosen = choose_form(wanted, out)
    if out is not None:
        check_free(out)
    path = find_run(run, runs_dir)  # a run that is not there is found out before torch is imported
    prepare()
    from ..commands.inference.predict import predict as answer
    from ..render.screens.predictions import show_text, source_lines, summary_lines

    found = answer(
        path,
        inputs,
        runs_dir,
        which=weights,
        device=device,
        trust_plugins=trust_plugins,
        on_unknown=on_unknown,
    )
    answers.say([f" note: {note}" for note in found.notes])
    if out is None:
        answers.say(source_lines(found, answers.streams.err.width))
        show_text(answers.streams.out, text(found, chosen))
        return
    write(out, content(found, chosen))
    face = {
        "run": found.run,
        "weights": found.weights,
        "epoch": found.epoch,
        "rows": len(found),
        "file": str(out),
        "format": chosen,
    }
    answers.result(face, summary_lines(found, out, answers.streams.out.width), [str(out)])
