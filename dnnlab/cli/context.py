"""What a command gets beside its options."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from ..render.terminal.result_writer import ResultWriter
    from .signals import Interrupts


class Context(typer.Context):
    """A command that runs. `obj` says what an error leaves behind: `nothing was created`."""

    answers: ResultWriter
    """Writes the results, as the options `quiet`, `json` and `format` ask for."""
    interrupts: Interrupts
    """Hands signals to a training."""
