"""The page and the picture of a sweep as files."""

from __future__ import annotations

from pathlib import Path

from ....errors import Problem, UsageError
from ....rundir.atomic import storing, write_text
from .best import Best
from .findings import Showing

PAGE, PICTURE = "sweep.html", "sweep.png"
PAGES, PICTURES = (".html", ".htm"), (".png", ".svg", ".pdf")


def check_place(option: str, file: Path, suffixes: tuple[str, ...]) -> None:
    """Raises `UsageError` for a file whose kind nobody can tell, or whose folder is not there."""
    if file.suffix.lower() not in suffixes:
        expected = f"expected a file that ends in {', '.join(suffixes)}"
        raise UsageError(Problem(f"{option} {file}", expected, f"{option} {file}{suffixes[0]}", code="out"))
    if not file.absolute().parent.is_dir():
        raise UsageError(
            Problem(
                f"{option} {file}: there is no folder {file.parent}",
                "expected a folder that exists",
                code="out",
            )
        )


def write_page(found: Showing, best: Best | None, file: Path, word: str) -> None:
    """Write the page. word: SWEEP for the commands that it proposes. Raises `StorageError`."""
    from .page import make_page

    text = make_page(found, best, word)
    with storing(file):
        write_text(file, text)


def write_picture(found: Showing, file: Path) -> None:
    """Write the picture. Raises `StorageError`, and `UsageError` where there is nothing to draw."""
    from ...compare.curves import save

    if not found.ranked:
        raise UsageError(
            Problem(
                "there is nothing to draw: no trial has a result",
                "expected a sweep with results",
                code="nothing_to_draw",
            )
        )
    from .picture import sweep_picture

    save(sweep_picture(found), file)
