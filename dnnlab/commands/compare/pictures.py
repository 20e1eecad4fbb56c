"""Names of picture files, checked before anything is computed (and without matplotlib)."""

from __future__ import annotations

from pathlib import Path

from ...errors import Problem, UsageError

SUFFIXES = (".png", ".svg", ".pdf")


def check_file(file: Path) -> None:
    """Raises `UsageError` if the format of a picture is unknown, or if its folder is missing."""
    if file.suffix.lower() not in SUFFIXES:
        problem = Problem(
            f"--plot {file}",
            f"expected a file that ends in {', '.join(SUFFIXES)}",
            f"{file}.png",
            code="plot_file",
        )
        raise UsageError(problem)
    if not file.absolute().parent.is_dir():
        raise UsageError(
            Problem(
                f"--plot {file}: there is no folder {file.parent}",
                "expected a folder that exists",
                code="plot_file",
            )
        )
