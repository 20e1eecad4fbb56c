"""A terminal made of memory."""

from __future__ import annotations

import io

from dnnlab.render.terminal.streams import Stream


class Terminal(io.StringIO):
    """Text that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def shown(stream: Stream) -> str:
    """Everything that was written."""
    assert isinstance(stream.file, io.StringIO)
    return stream.file.getvalue()


def screen_after(text: str) -> list[str]:
    """The lines that a terminal shows after these characters; it knows new lines and carriage
    returns alone.
    """
    lines: list[list[str]] = [[]]
    column = 0
    for sign in text:
        if sign == "\n":
            lines.append([])
            column = 0
        elif sign == "\r":
            column = 0
        else:
            lines[-1][column : column + 1] = [sign]
            column += 1
    return ["".join(line).rstrip() for line in lines]
