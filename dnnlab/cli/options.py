"""The options that commands share."""

from __future__ import annotations

import os
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


def is_usual(runs_dir: Path) -> bool:
    """Whether a command finds this runs folder without being told."""
    return runs_dir == Path(os.environ.get("DNNLAB_RUNS") or RUNS)
