"""Append-only files with one JSON object a line, and reading them up to the first damage."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from dnnlab.rundir.atomic import sync_handle
from dnnlab.rundir.json_values import STRICT_ERRORS, plain, read_object
from dnnlab.rundir.rows import Row, Rows

PIECE = 1 << 20
"""Bytes that are read at once."""

CUT = "the last line is cut"
"""What is said of a last line without its end, as a kill leaves it."""


def line_of(row: dict[str, Any]) -> bytes:
    r"""One row as a line.

    Non-finite numbers are null, and `"nonfinite"` names their keys (dotted if nested).

    >>> line_of({"step": 3, "loss": float("inf")})
    b'{"step": 3, "loss": null, "nonfinite": ["loss"]}\n'
    """
    try:
        text = json.dumps(row, allow_nan=False, ensure_ascii=False)  # nearly every row: no walk needed
    except (ValueError, TypeError):
        nonfinite: list[str] = []
        value = plain(row, nonfinite)
        if nonfinite:
            value["nonfinite"] = list(dict.fromkeys([*value.get("nonfinite", []), *nonfinite]))
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace") + b"\n"


class AppendFile:
    """A file that only grows, one write call a line, so that a reader or a kill finds whole lines.

    Opening it cuts off an incomplete last line (after a power cut): the next line would be appended to it and
    both would be lost.
    """

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o666)
        try:
            cut_torn_line(self._handle)
        except BaseException:
            os.close(self._handle)
            raise

    def write(self, line: bytes) -> None:
        """Append one line.

        On an `OSError` (disk full) the written part of the line is removed before raising.
        """
        before = os.fstat(self._handle).st_size
        try:
            written = os.write(self._handle, line)
            while written < len(line):  # only a full disk or a signal does that
                written += os.write(self._handle, line[written:])
        except OSError:
            os.ftruncate(self._handle, before)
            raise

    def sync(self) -> None:
        """Make all lines durable."""
        sync_handle(self._handle)

    def close(self) -> None:
        """Close the file."""
        os.close(self._handle)


def cut_torn_line(handle: int) -> None:
    """Cut a file back to its last line end."""
    end = size = os.fstat(handle).st_size
    while end > 0:
        start = max(0, end - 65536)
        os.lseek(handle, start, os.SEEK_SET)
        found = os.read(handle, end - start).rfind(b"\n")
        if found >= 0:
            end = start + found + 1
            break
        end = start
    if end < size:
        os.ftruncate(handle, end)


def read_rows(path: Path, size: int | None = None) -> tuple[Sequence[Row], str | None]:
    """The rows of a file up to the first damage, and a description of the damage (None if there is none).

    size: read so many bytes only. A missing file has no rows. A last line without its line end counts as
    cut. Raises `OSError` if the file cannot be read.
    """
    rows, tail, read, left = Rows(), b"", 0, None
    try:
        with path.open("rb") as file:
            for text in _pieces(file, size):
                *lines, tail = (tail + text).split(b"\n")
                if left is not None:
                    left += len(lines)
                    continue
                found, count = rows_of(lines)
                rows.extend(found)
                read += count
                left = len(lines) - count - 1 if count < len(lines) else None
    except FileNotFoundError:
        return [], None
    used = f"{len(rows)} rows before it are used"
    if left is not None:
        return rows.compact(), f"line {read + 1} is damaged; {used}, {left} after it are not"
    return rows.compact(), f"{CUT}; {len(rows)} whole rows are used" if tail else None


def rows_of(lines: list[bytes]) -> tuple[list[Row], int]:
    """The rows of whole lines up to the first damage, and the number of these lines."""
    if (together := _parsed(lines)) is not None:
        return together, len(lines)
    rows: list[Row] = []
    for number, line in enumerate(lines):
        if line and not line.strip(b" "):
            continue  # what a repair leaves where no row is left
        try:
            rows.append(read_object(line))
        except STRICT_ERRORS:
            return rows, number
    return rows, len(lines)


def _parsed(lines: list[bytes]) -> list[Row] | None:
    """All lines in one go, which takes half the time; None if a line may be damaged."""
    text = b"\n".join(lines)
    if not text.startswith(b"{") or not text.endswith(b"}") or text.count(b"}\n{") != len(lines) - 1:
        return None
    try:
        found = read_object(b'{"rows": [' + text.replace(b"\n", b",") + b"]}")["rows"]
    except STRICT_ERRORS:
        return None
    return found if len(found) == len(lines) and set(map(type, found)) == {dict} else None


def _pieces(file: BinaryIO, size: int | None) -> Iterator[bytes]:
    """The first `size` bytes of a file, or all, a piece after the other."""
    left = math.inf if size is None else size
    while text := file.read(int(min(PIECE, left))):
        left -= len(text)
        yield text
