"""The place of a file that an option such as `--out` names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..errors import Problem, UsageError

PAGES = (".html", ".htm")
PICTURES = (".png", ".svg", ".pdf")


def checked_out(out: Path, suffixes: Sequence[str], option: str = "--out", *, code: str = "out") -> Path:
    """The path, if it ends in one of `suffixes` and its folder exists. Raises `UsageError`."""
    if out.suffix.lower() not in suffixes:
        expected = f"expected a file that ends in {', '.join(suffixes)}"
        raise UsageError(Problem(f"{option} {out}", expected, f"{option} {out}{suffixes[0]}", code=code))
    if not out.absolute().parent.is_dir():
        received = f"{option} {out}: there is no folder {out.parent}"
        raise UsageError(Problem(received, "expected a folder that exists", code=code))
    return out
