"""`dnnlab report`: everything that is known of a run, on one page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .arguments import OneRun
from .context import Context
from .options import RUNS, Json, RunsDir, TrustPlugins, run_argument

if TYPE_CHECKING:
    from ..commands.report.report import Report


def report(
    context: Context,
    run: OneRun,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE", help="Where to write it; else report.html in the run's folder."
        ),
    ] = None,
    open: Annotated[bool, typer.Option("--open", help="Show it in the browser.")] = False,
    no_data: Annotated[
        bool, typer.Option("--no-data", help="Leave the data alone: no worst examples.")
    ] = False,
    runs_dir: RunsDir = RUNS,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only the file's path.")] = False,
    json: Json = False,
    trust_plugins: TrustPlugins = False,
) -> None:
    """Write a run's page: verdicts, curves, layers, weights, mistakes, config.

    One HTML file that needs no network.
    """
    from ..commands.output_file import PAGES, checked_out
    from ..engine.runtime import prepare
    from ..rundir import find_run

    answers = context.answers
    path = find_run(run, runs_dir)  # a run that is not there is found out before torch is imported
    if out is not None:
        checked_out(out, PAGES)
    prepare()
    from ..commands.report.report import report as write

    word = run_argument(path, runs_dir)
    found = write(str(path), runs_dir, out, called=word, no_data=no_data, trust_plugins=trust_plugins)
    answers.result(found.json(), lines(found, word, answers.streams.out.width), [str(found.path)])
    if open:
        show(found.path)


def lines(found: Report, word: str, width: int) -> list[str]:
    """What is said of a page that was written."""
    from ..render.terminal.text import labelled, next_lines

    told = labelled("report", str(found.path), indent=10, width=width, whole=True)
    told += labelled(
        "size", f"{max(found.size / 1000, 1):,.0f} kB, one file; it needs no network", indent=10, width=width
    )
    for words in found.left_out:
        told += labelled("left out", words, indent=10, width=width)
    for words in found.problems:
        told += labelled("damaged", words, indent=10, width=width)
    return [*told, *next_lines([f"dnnlab doctor {word}"], width)]


def show(path: Path) -> None:
    """Open the page in the user's browser; if there is none, the path that was printed is enough."""
    import webbrowser

    webbrowser.open(path.resolve().as_uri())
