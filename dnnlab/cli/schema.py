"""`dnnlab schema`: what editors need to complete and check configs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .context import Context


def schema(
    context: Context,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write it to a file; by default it is printed."),
    ] = None,
    plugins: Annotated[
        list[Path] | None, typer.Option("--plugin", metavar="FILE", help="A Python file with parts of yours.")
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print only FILE's path, or nothing but the schema.")
    ] = False,
) -> None:
    """Print the JSON Schema of a config, for editors.

    With it they complete names of parts and their keys. A config names it in its first line:
    # yaml-language-server: $schema=FILE
    """
    from ..commands.schema import schema_text, write_schema
    from ..render.screens.new import schema_lines

    answers = context.answers
    text = schema_text(plugins or [])
    if out is None:
        answers.streams.out.write(text)
        return
    write_schema(out, text)
    answers.result(None, schema_lines(out, len(text), answers.streams.out.width), [str(out)])
