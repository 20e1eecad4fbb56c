"""The arguments that commands share."""

from __future__ import annotations

from typing import Annotated

import typer

from .complete import changed_keys, configs_and_runs, runs

ConfigOrRun = Annotated[
    str,
    typer.Argument(metavar="CONFIG|RUN", help="A YAML file, or a run.", autocompletion=configs_and_runs),
]
OneRun = Annotated[
    str,
    typer.Argument(
        metavar="RUN", help="A path, a folder's name, a piece of it, last, last~2.", autocompletion=runs
    ),
]
Changes = Annotated[
    list[str] | None,
    typer.Argument(metavar="KEY=VALUE", help="Keys to change, as for train.", autocompletion=changed_keys),
]
