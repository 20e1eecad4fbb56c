"""`dnnlab repair`: mend a damaged run or sweep."""

from __future__ import annotations

from typing import Annotated

import typer

from . import complete
from .context import Context
from .options import RUNS, Json, RunsDir


def repair(
    context: Context,
    run: Annotated[
        str,
        typer.Argument(
            metavar="RUN|SWEEP",
            help="A path, a folder's name, a piece of it, last, last~2.",
            autocompletion=complete.runs,
        ),
    ],
    json: Json = False,
    runs_dir: RunsDir = RUNS,
) -> int:
    """Mend a run or a sweep whose files are damaged; what is whole is not touched.

    A flipped bit is set back, a sweep's ledger rebuilt from its trials, rows that cannot be read are left
    out. The old files stay beside the new ones. What cannot be mended is named, with exit code 1.
    """
    from ..commands.repair.repair import repair as mend
    from ..render.screens.repair import repair_lines

    found = mend(run, runs_dir)
    width = context.answers.streams.out.width
    context.answers.result(found.json(), repair_lines(found, width), [str(found.path)])
    return found.exit_code
