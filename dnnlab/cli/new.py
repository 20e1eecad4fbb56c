"""`dnnlab new`: a config to begin with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .complete import example_names
from .context import Context
from .options import Json

_LIKE = (
    "A shipped example (mnist_mlp ...) or sweep (coarse_to_fine ...), "
    "or a recipe: deep, self_normalizing, cnn."
)


def new(
    context: Context,
    out: Annotated[
        Path,
        typer.Argument(metavar="OUT", help="The file to write, such as first.yaml; never one that is there."),
    ],
    like: Annotated[
        str | None, typer.Option("--like", metavar="NAME", help=_LIKE, autocompletion=example_names)
    ] = None,
    data: Annotated[
        Path | None, typer.Option("--data", metavar="FILE", help="A CSV file of yours, with a header.")
    ] = None,
    target: Annotated[
        list[str] | None,
        typer.Option("--target", metavar="COL", help="The column to learn (several: again)."),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only OUT.")] = False,
    json: Json = False,
) -> None:
    """Write a config to begin with, commented.

    Digits by default; with --like a shipped example or a recipe, with --data one for a table of yours.
    """
    from ..commands.new.new import new as write
    from ..render.screens.new import new_lines

    answers = context.answers
    written = write(out, like, data, target or [])
    answers.result(written.json(), new_lines(written, answers.streams.out.width), [str(written.path)])
