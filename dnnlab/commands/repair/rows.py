"""The rows of a JSONL file without the damaged ones, byte by byte at their old places.

A checkpoint notes how many bytes of each file belong to it, so the file keeps its length: a row that is lost
becomes spaces before the next one.
"""

from __future__ import annotations

from collections.abc import Mapping

from ...rundir.json_values import STRICT_ERRORS, read_object


def mended_rows(content: bytes, size: int, known: Mapping[int, bytes]) -> tuple[bytes, int]:
    """(the rows that can be read, how many are lost). A last line that is cut is left out.

    size: of the file when it was whole; a lost end counts as one row. known: the lines that stand elsewhere,
    too, by their place.
    """
    *lines, _ = content.split(b"\n")
    lines = [line + b"\n" for line in lines]
    if (missing := size - sum(map(len, lines))) > 0:
        lines.append(b" " * missing)
    found = [
        line if is_row(line) else _spare(known.get(place, b""), line) for place, line in enumerate(lines)
    ]
    text = b"".join(kept or b" " * len(line) for kept, line in zip(found, lines, strict=True))
    rows = text.rstrip(b" \n")  # the last line end comes after the spaces of what is lost at the end
    return rows + b" " * (len(text) - len(rows) - 1) + b"\n" * bool(text), found.count(b"")


def _spare(known: bytes, line: bytes) -> bytes:
    """The known line in the room of a damaged one, nothing where it does not fit."""
    return known[:-1].ljust(len(line) - 1) + b"\n" if 0 < len(known) <= len(line) else b""


def is_row(line: bytes) -> bool:
    """Whether a line can be read; one of spaces alone is what a repair has left of rows."""
    try:
        read_object(line.strip() or b"{}")
    except STRICT_ERRORS:
        return False
    return True
