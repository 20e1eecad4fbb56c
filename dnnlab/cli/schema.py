"""`dnnlab schema`: what editors need to complete and check configs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from .signals import Interrupts


def schema(
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
) -> int:
    """Print the JSON Schema of a config, for editors.

    With it they complete names of parts and their keys. A config names it in its first line:
    # yaml-language-server: $schema=FILE
    """
    from ..render.screens.new import schema_lines
    from .errors import guarded, new_answers

    answers = new_answers(quiet)

    def action(interrupts: Interrupts) -> int:
        """Print or write the JSON schema."""
        from ..commands.schema import schema_text, write_schema

        text = schema_text(plugins or [])
        if out is None:
            answers.streams.out.write(text)
            return 0
        write_schema(out, text)
        answers.result(None, schema_lines(out, len(text), answers.streams.out.width), [str(out)])
        return 0

    return guarded(answers, action)
