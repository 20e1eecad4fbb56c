"""`dnnlab list`: every part that a config may name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .complete import kinds
from .context import Context
from .filters import FormatOption
from .options import Json

Plugin = Annotated[
    Path | None, typer.Option("--plugin", metavar="FILE", help="A Python file whose parts are shown too.")
]


def list_parts(
    context: Context,
    kind: Annotated[
        str | None,
        typer.Argument(metavar="KIND", help="activation, optimizer, ...: only these.", autocompletion=kinds),
    ] = None,
    format: FormatOption = "table",
    json: Json = False,
    plugin: Plugin = None,
) -> None:
    """List parts by kind, each with a one-line summary. `dnnlab show NAME` tells the rest."""
    from ..commands.show.catalogue import catalogue
    from ..render.screens.list import catalogue_csv, catalogue_lines, catalogue_markdown

    word = "json" if json else format
    answers = context.answers
    faces, out = catalogue(kind, plugin), answers.streams.out
    if word == "json":
        answers.json(faces)
    elif word == "table":
        out.lines(catalogue_lines(faces, out.width, whole=kind is not None))
    else:
        out.lines(catalogue_csv(faces) if word == "csv" else catalogue_markdown(faces))
