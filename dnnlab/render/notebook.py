"""`dnnlab.compare(...)`: the comparison for Python and notebooks."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..commands.api import Run
from ..commands.compare import compare as command
from ..commands.compare.html import html_table
from ..commands.runs.filters import Filters
from .screens.compare import (
    compare_columns,
    compare_lines,
    damaged_lines,
    headline,
    left_out_lines,
    table_words,
    welch_lines,
)
from .terminal.text import WIDTH

Named = str | os.PathLike[str] | Run


@dataclass(frozen=True, repr=False)
class Comparison(command.Comparison):
    """A comparison that shows itself: as a table of text, and in a notebook as HTML."""

    def __repr__(self) -> str:
        return "\n".join(compare_lines(self, WIDTH, WIDTH, advise=False))

    def _repr_html_(self) -> str:
        """All columns, however many; the texts of the screen around them."""
        if not self.tables:
            return _html(self, headline(self), damaged_lines(self.damaged, 10_000))
        heading = html_table([], [], headline(self), damaged_lines(self.damaged, 10_000))
        return heading + "".join(_html(table, table_words(table), []) for table in self.tables)


def _html(comparison: command.Comparison, caption: str, damaged: Sequence[str]) -> str:
    table = compare_columns(comparison)
    rows = list(zip(*(column.cells for column in table), strict=True))
    below = [
        *comparison.notes,
        " ".join(welch_lines(comparison, 10_000)),
        *damaged,
        *left_out_lines([], comparison, 10_000),
    ]
    titles = [column.title for column in table]
    return html_table(titles, rows, caption, [note.strip() for note in below if note], numbers=len(table))


def compare(
    runs: Named | Iterable[Named] = (),
    *,
    runs_dir: str | os.PathLike[str] = "runs",
    where: str | Sequence[str] = (),
    since: str | None = None,
    status: Sequence[str] = (),
    tags: Sequence[str] = (),
    sort: str | None = None,
    limit: int | None = None,
    reach: str | None = None,
    test: bool = False,
    group: bool = True,
) -> Comparison:
    """Compare runs as `dnnlab compare` does, with the same words; nothing in their folders is changed.

    runs: `Run`s, paths, pieces of names, `last`, or a folder of runs; none: all of `runs_dir`; a single run:
    it and those of its name. group: runs that differ by the seed alone become one row. Raises `DnnlabError`.

    Of the result, `rows` has one flat mapping a run, `groups` the rows of the table (`mean("val_loss")`,
    `std(...)`, `n`), `differs` the keys that differ, `welch` the test of two groups.
    """
    named = [runs] if isinstance(runs, str | os.PathLike | Run) else list(runs)
    words = [str(item.path) if isinstance(item, Run) else os.fspath(item) for item in named]
    conditions = (where,) if isinstance(where, str) else tuple(where)
    filters = Filters(conditions, since, tuple(status), tuple(tags), sort, limit)
    found = command.compare(words, Path(runs_dir), filters, reach=reach, test=test, over_seeds=group)
    return Comparison(**vars(found))
