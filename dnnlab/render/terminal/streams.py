"""stdout and stderr, with what each of them can show."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Literal, TextIO

from ...errors import Problem, StorageError
from .text import WIDTH

Colour = Literal["plain", "good", "bad", "warning", "quiet", "bar", "strong"]
_COLOURS: dict[Colour, str] = {
    "plain": "",
    "good": "32",
    "bad": "31",
    "warning": "33",
    "quiet": "2",
    "bar": "36",
    "strong": "1",
}
_READER_GONE = (errno.EPIPE, errno.EIO)  # a closed pipe, a terminal that is gone


class Stream:
    """One output stream.

    terminal: it is one. live: the cursor can return to the start of the line. colour: colours are shown.
    """

    def __init__(self, file: TextIO | None, result: bool = False) -> None:
        self.file, self.result = file, result
        self.terminal = file is not None and file.isatty()
        self.live = self.terminal and os.environ.get("TERM", "") not in ("", "dumb", "unknown")
        self.colour = self.live and not os.environ.get("NO_COLOR")
        if file is not None and hasattr(file, "reconfigure"):
            file.reconfigure(
                errors="backslashreplace"
            )  # a name that the encoding lacks must not end a training

    @property
    def width(self) -> int:
        """Columns to fill: those of the terminal, at most those that the screens are made for."""
        return max(20, min(self.columns, WIDTH))

    @property
    def columns(self) -> int:
        """Columns of the terminal: COLUMNS if it is set, 80 without a terminal."""
        word = os.environ.get("COLUMNS", "")
        if word.isdigit() and int(word):
            return int(word)
        if self.file is None or not self.terminal:
            return WIDTH
        try:
            return os.get_terminal_size(self.file.fileno()).columns or WIDTH
        except (OSError, ValueError):
            return WIDTH

    @property
    def encoding(self) -> str:
        """The stream's encoding; UTF-8 for a stream of text without one."""
        return (self.file.encoding if self.file is not None else "") or "utf-8"

    def can_show(self, text: str) -> bool:
        """Whether the stream's encoding holds these characters."""
        try:
            text.encode(self.encoding)
        except (UnicodeEncodeError, LookupError):
            return False
        return True

    def paint(self, text: str, colour: Colour) -> str:
        """The text in a colour, if the stream shows colours; `plain` leaves it as it is."""
        code = _COLOURS[colour]
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour and code and text else text

    def write(self, text: str) -> None:
        """Write and flush.

        If the reader is gone, the rest is dropped. Raises `StorageError` if a result is lost to a full disk.
        """
        if self.file is None:
            return
        try:
            self.file.write(text)
            self.file.flush()
        except OSError as error:
            self._drop()
            if self.result and error.errno not in _READER_GONE:
                problem = Problem(
                    f"the result could not be written: {error.strerror}",
                    fix="free space on that disk",
                    code="output",
                )
                raise StorageError(problem) from None

    def lines(self, lines: Iterable[str]) -> None:
        """Write whole lines."""
        self.write("".join(f"{line}\n" for line in lines))

    def _drop(self) -> None:
        if (file := self.file) is None:
            return
        # What the file still holds would be written, and fail again, when Python ends.
        with suppress(OSError, ValueError):
            nothing = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nothing, file.fileno())
            os.close(nothing)
        self.file, self.terminal, self.live = None, False, False


class Streams:
    """Results go to `out`, everything else to `err`."""

    def __init__(self, out: Any = None, err: Any = None) -> None:
        self.out = Stream(out or sys.stdout, result=True)
        self.err = Stream(err or sys.stderr)
