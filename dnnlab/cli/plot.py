"""`dnnlab plot`: a picture of a part, of what a config does with it, or of what a run has recorded."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from .complete import shown
from .context import Context
from .list import Plugin
from .options import RUNS, Json, RunsDir, TrustPlugins

_WHAT = (
    "Of a config or run: activation, augment, initializer, schedule. "
    "Of a run: loss, metric, lr, ratios, gradients, activations, dead_units, "
    "weights, confusion. Of an initializer: a shape, 300x784. And KEY=VALUE."
)


def plot(
    context: Context,
    source: Annotated[
        str,
        typer.Argument(
            metavar="NAME|CONFIG|RUN", help="A part (elu), a YAML file, or a run.", autocompletion=shown
        ),
    ],
    what: Annotated[list[str] | None, typer.Argument(metavar="[WHAT] [KEY=VALUE...]", help=_WHAT)] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where to write it: .png, .svg or .pdf.")
    ] = None,
    plugin: Plugin = None,
    runs_dir: RunsDir = RUNS,
    json: Json = False,
    trust_plugins: TrustPlugins = False,
) -> None:
    """Draw a part or a run.

    An activation, a schedule's rate, an augmentation's effect or initial weights; or what a run has recorded.
    """
    from ..commands.plot.plot import check_out, picture_of
    from ..engine.runtime import prepare
    from ..render.terminal.text import labelled, next_lines

    answers = context.answers
    if out is not None:
        check_out(out, "")
    prepare()
    name, picture = picture_of(source, what or [], runs_dir, plugin, trust_plugins=trust_plugins)
    from ..commands.compare.curves import save
    from ..commands.plot.drawing import draw_picture
    from ..commands.plot.picture import Charts, Matrix

    file = check_out(out, name)
    save(draw_picture(picture), file)
    width = answers.streams.out.width
    lines = labelled("plot", f"{picture.title}; {picture.note}", indent=10, width=width)
    command = "report" if isinstance(picture, Charts | Matrix) else "show"
    following = [f"dnnlab {command} {shlex.quote(source)}"]
    lines += [
        *labelled("file", str(file), indent=10, width=width, whole=True),
        *next_lines(following, width),
    ]
    answers.result({"file": str(file), "title": picture.title, "note": picture.note}, lines, [str(file)])
