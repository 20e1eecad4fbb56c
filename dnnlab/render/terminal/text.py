"""Texts made safe for a terminal and laid out in columns."""

from __future__ import annotations

from rich.cells import cell_len

WIDTH = 80
"""Columns that the screens are made for; wider terminals leave the rest empty."""
INDENT = 10
"""Columns of the labels on most screens."""


def clean(text: str) -> str:
    r"""The text with control, format and surrogate characters written as escapes.

    These could move the cursor or hide.

    >>> clean("a\x1b[31mb\nc")
    'a\\x1b[31mb\\nc'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def columns(text: str) -> int:
    """Columns that a text takes: characters of East Asian scripts take two."""
    return len(text) if text.isascii() else cell_len(text)


def cut(text: str, width: int) -> str:
    """The text in at most `width` columns."""
    while columns(text) > width:
        text = text[:-1]
    return text


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` columns, broken at spaces; a word that is longer (a path) stays whole."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if lines[-1] and columns(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def labelled(
    label: str, text: str, *, indent: int, width: int, right: str = "", whole: bool = False
) -> list[str]:
    """` label     text ...   right`: the text wrapped beside its label, `right` at the end of the last line.

    If that line has no room, `right` gets one of its own. whole: the text is never wrapped, so that paths and
    commands can be copied.
    """
    text, room = clean(text), max(width - indent, 20)
    lines = [text] if whole else wrap(text, room)
    if right and columns(lines[-1]) + 2 + len(right) <= room:
        lines[-1] += right.rjust(room - columns(lines[-1]))
    elif right:
        lines.append(right.rjust(room))
    return [(f" {label}".ljust(indent) if i == 0 else " " * indent) + line for i, line in enumerate(lines)]


def next_lines(commands: list[str], width: int) -> list[str]:
    """` next     a        b`: the commands on one line if they fit."""
    commands = [clean(command) for command in commands]
    together = (" " * 8).join(commands)
    if len(commands) > 1 and INDENT + columns(together) > width:
        return [f"{' next' if i == 0 else '':{INDENT}}{command}" for i, command in enumerate(commands)]
    return [f"{' next':{INDENT}}{together}"] if commands else []
