"""The options that commands which take runs share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from . import complete
from .options import Json

if TYPE_CHECKING:
    from ..commands.runs.filters import Filters

Where = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        metavar="COND",
        help='"optimizer.lr<0.01", "val_accuracy>0.9", "name~cnn"; several: all must hold.',
    ),
]
Since = Annotated[
    str | None,
    typer.Option(
        "--since", metavar="TIME", help="Runs not older than 7d, 12h, 30min, 2w, or since 2026-11-22."
    ),
]
Status = Annotated[
    list[str] | None,
    typer.Option("--status", metavar="STATUS", help="done, running, killed, failed, damaged, ..."),
]
Tag = Annotated[list[str] | None, typer.Option("--tag", metavar="TAG", help="Runs that carry this tag.")]
Sort = Annotated[
    str | None,
    typer.Option("--sort", metavar="KEY", help="A metric, a config key, created, ...; -KEY: turned round."),
]
Limit = Annotated[int | None, typer.Option("--limit", min=1, metavar="N", help="Only the first N of them.")]
Words = Annotated[
    list[str] | None,
    typer.Argument(metavar="RUN", help="Paths, pieces of names, last, last~2.", autocompletion=complete.runs),
]
Format = Literal["table", "json", "csv", "markdown"]
FormatOption = Annotated[
    Format, typer.Option("--format", metavar="FORMAT", help="table, json, csv or markdown.")
]

__all__ = [
    "Format",
    "FormatOption",
    "Json",
    "Limit",
    "Since",
    "Sort",
    "Status",
    "Tag",
    "Where",
    "Words",
    "filters_of",
]


def filters_of(
    where: list[str] | None,
    since: str | None,
    status: list[str] | None,
    tag: list[str] | None,
    sort: str | None,
    limit: int | None,
) -> Filters:
    """The filters as the commands take them; `--status done,failed` names two."""
    from ..commands.runs.filters import Filters

    statuses = tuple(word.strip() for item in status or () for word in item.split(","))
    return Filters(tuple(where or ()), since, statuses, tuple(tag or ()), sort, limit)
