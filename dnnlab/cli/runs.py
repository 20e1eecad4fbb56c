"""`dnnlab runs`: the list of runs."""

from __future__ import annotations

from .context import Context
from .filters import FormatOption, Json, Limit, Since, Sort, Status, Tag, Where, filters_of
from .options import RUNS, Quiet, RunsDir, is_usual


def runs(
    context: Context,
    where: Where = None,
    since: Since = None,
    status: Status = None,
    tag: Tag = None,
    sort: Sort = None,
    limit: Limit = None,
    format: FormatOption = "table",
    json: Json = False,
    quiet: Quiet = False,
    runs_dir: RunsDir = RUNS,
) -> None:
    """List the runs, newest first."""
    import time

    form = "json" if json else format
    answers = context.answers
    from ..commands.runs.list import faces, flat
    from ..commands.runs.list import runs as look
    from ..render.screens.runs import runs_columns, runs_lines
    from ..render.terminal.formats import csv_lines, markdown_lines

    out = answers.streams.out
    found, total = look(runs_dir, filters_of(where, since, status, tag, sort, limit))
    if form == "csv":
        out.lines(csv_lines([flat(run) for run in found]))
    elif form == "markdown":
        out.lines(markdown_lines(runs_columns(found, time.time())))
    else:
        lines = runs_lines(found, total, str(runs_dir), max(out.columns, 40), out.width, is_usual(runs_dir))
        answers.result(faces(found), lines, [str(run.path) for run in found])
