"""What is said of a sweep: by `dnnlab show SWEEP`, and at the end of `dnnlab sweep`."""

from __future__ import annotations

import shlex
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .options import is_usual

if TYPE_CHECKING:
    from ..commands.sweep.results.findings import Best, Findings
    from ..render.terminal.result_writer import ResultWriter


def sweep_answer(
    path: Path,
    answers: ResultWriter,
    *,
    sort: str | None = None,
    page: Path | None = None,
    png: Path | None = None,
    keep: bool = False,
) -> tuple[dict[str, Any], list[str]]:
    """The findings of a sweep as JSON and as lines; best.yaml is written.

    sort: of the ranking. page, png: files to write.

    keep: write sweep.html and sweep.png into its folder, as its end does; what cannot be written is left out.
    Raises `DnnlabError`.
    """
    from ..commands.output_file import PAGES, PICTURES, checked_out
    from ..commands.sweep.results.findings import show_sweep, write_best
    from ..commands.sweep.results.text import following
    from ..render.screens.show_sweep import sweep_lines

    if page is not None:
        checked_out(page, PAGES, "--page")
    if png is not None:
        checked_out(png, PICTURES, "--png")
    found = show_sweep(path, sort)
    best = write_best(found)
    word = sweep_word(path)
    files = [] if page is png is None else written(found, best, word, page, png)
    files += keep_files(found, best, path, word) if keep else []
    face = {
        **found.json(),
        "best_config": None if best is None or best.problem else str(best.path),
        "files": [str(f) for f in files],
    }
    out = answers.streams.out
    return face, sweep_lines(
        found, best, files, following(found, best, word), out.width, max(out.columns, 40)
    )


def written(found: Findings, best: Best | None, word: str, page: Path | None, png: Path | None) -> list[Path]:
    """The files after they were written. Raises `DnnlabError`."""
    from ..commands.sweep.results.page import write_page, write_picture

    if page is not None:
        write_page(found, best, page, word)
    if png is not None:
        write_picture(found, png)
    return [file for file in (page, png) if file is not None]


def sweep_word(path: Path) -> str:
    """SWEEP for a command line."""
    from ..rundir import run_word

    return run_word(path, True) if is_usual(path.parent) else shlex.quote(str(path))


def keep_files(found: Findings, best: Best | None, path: Path, word: str) -> list[Path]:
    """Write page and picture beside the ledger; those that were written."""
    from ..commands.sweep.results.page import PAGE, PICTURE, write_page, write_picture
    from ..errors import DnnlabError

    kept = []
    with suppress(DnnlabError):  # the sweep itself is whole; `show` says what is wrong with the folder
        write_page(found, best, path / PAGE, word)
        kept.append(path / PAGE)
        write_picture(found, path / PICTURE)
        kept.append(path / PICTURE)
    return kept
