"""The options that commands share."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Annotated

import typer

RunsDir = Annotated[
    Path, typer.Option("--runs-dir", envvar="DNNLAB_RUNS", metavar="DIR", help="The folder of the runs.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print only the run's path.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
TrustPlugins = Annotated[
    bool, typer.Option("--trust-plugins", help="Run plugins that a run folder brings along.")
]
RUNS = Path("runs")


def run_argument(path: Path, runs_dir: Path) -> str:
    """RUN for a command line; the path of a run that is not in the runs folder."""
    from ..rundir import run_word

    inside = path.parent.absolute() == runs_dir.absolute()
    return run_word(path, is_usual(runs_dir)) if inside else shlex.quote(str(path))


def is_usual(runs_dir: Path) -> bool:
    """Whether a command finds this runs folder without being told."""
    return runs_dir == Path(os.environ.get("DNNLAB_RUNS") or RUNS)
