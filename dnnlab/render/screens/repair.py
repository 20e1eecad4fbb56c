"""The screen of `repair`: what was mended, and what stays damaged."""

from __future__ import annotations

from ...commands.repair.deeds import Deeds
from ..terminal.text import INDENT, labelled


def repair_lines(found: Deeds, width: int) -> list[str]:
    """A line for each file, with the place of the old one."""
    if not found.done and not found.left:
        return [f" nothing is damaged in {found.path.name}"]
    lines = []
    for deed in found.done:
        kept = f" (the old one: {deed.kept})" if deed.kept else ""
        lines += labelled("repaired", f"{deed.file}: {deed.what}{kept}", indent=INDENT, width=width)
    for deed in found.left:
        lines += labelled("damaged", f"{deed.file}: {deed.what}", indent=INDENT, width=width)
    if found.left:
        lines += labelled("", "what is damaged still cannot be mended", indent=INDENT, width=width)
    return lines
