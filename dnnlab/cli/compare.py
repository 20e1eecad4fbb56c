"""`dnnlab compare`: runs side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import complete
from .context import Context
from .filters import FormatOption, Json, Limit, Since, Sort, Status, Tag, Where, filters_of
from .options import RUNS, RunsDir, is_usual

if TYPE_CHECKING:
    from ..commands.compare.compare import Comparison
    from ..render.terminal.result_writer import ResultWriter


def compare(
    context: Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="RUN|DIR",
            help="Runs, or a folder; one run: with those of its name.",
            autocompletion=complete.runs,
        ),
    ] = None,
    where: Where = None,
    since: Since = None,
    status: Status = None,
    tag: Tag = None,
    sort: Sort = None,
    limit: Limit = None,
    reach: Annotated[
        str | None, typer.Option("--reach", metavar="METRIC=V", help="When a metric was first as good as V.")
    ] = None,
    test: Annotated[
        bool, typer.Option("--test", help="Show what `evaluate` found on the test part; it never ranks.")
    ] = False,
    no_group: Annotated[
        bool, typer.Option("--no-group", help="One row a run, also if only the seed differs.")
    ] = False,
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE", help="Draw the curves: .png, .svg or .pdf.")
    ] = None,
    format: FormatOption = "table",
    json: Json = False,
    runs_dir: RunsDir = RUNS,
) -> None:
    """Compare runs at their best epoch: what differs, how good, and whether that is more than noise.

    Reads only.
    """
    from ..commands.compare.compare import compare as look
    from ..commands.output_file import PICTURES, checked_out

    form = "json" if json else format
    answers = context.answers
    if plot is not None:
        checked_out(plot, PICTURES, "--plot", code="plot_file")
    filters = filters_of(where, since, status, tag, sort, limit)
    comparison = look(words or [], runs_dir, filters, reach=reach, test=test, over_seeds=not no_group)
    if plot is not None:
        draw(comparison, plot, answers)
    show(comparison, form, answers, all(is_usual(run.path.parent) for run in comparison.runs))


def show(comparison: Comparison, form: str, answers: ResultWriter, usual: bool) -> None:
    """Print the comparison in the form that was asked for."""
    from ..render.screens.compare import compare_columns, compare_lines, table_words
    from ..render.terminal.formats import csv_lines, escaped, markdown_lines

    out = answers.streams.out
    if form == "json":
        answers.json(comparison.json())
    elif form == "csv":
        out.lines(csv_lines(comparison.rows))
    elif form == "markdown":
        for i, table in enumerate(comparison.tables or (comparison,)):
            out.lines([""] if i else [])
            out.lines([escaped(table_words(table)), ""] if comparison.tables else [])
            out.lines(markdown_lines(compare_columns(table)))
    else:
        answers.result(None, compare_lines(comparison, max(out.columns, 40), out.width, usual), [])


def draw(comparison: Comparison, file: Path, answers: ResultWriter) -> None:
    """Write the picture and say where it is."""
    from ..commands.compare.curves import save
    from ..render.terminal.text import labelled

    save(comparison.plot(), file)
    answers.say(labelled("plot", str(file), indent=10, width=answers.streams.err.width, whole=True))
