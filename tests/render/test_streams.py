"""Where lines go, and what happens when nobody takes them."""

from __future__ import annotations

import ast
import errno
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from helpers.memory_terminal import Terminal

from dnnlab.errors import StorageError
from dnnlab.render.terminal.streams import Colour, Stream

RENDERED = [
    p for room in ("render", "cli") for p in (Path(__file__).parents[2] / "dnnlab" / room).rglob("*.py")
]


def test_every_colour_that_the_screens_name_is_known() -> None:
    found = [(path.name, word) for path in sorted(RENDERED) for word in painted_words(path.read_text())]
    assert len(found) > 20, "the walk no longer finds the calls of paint"
    assert {word for _, word in found} <= set(get_args(Colour)), found


def painted_words(text: str) -> Iterator[str]:
    """Each literal word in the second argument of a call of `paint`."""
    for call in ast.walk(ast.parse(text)):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "paint":
            yield from _values(call.args[1])


def _values(node: ast.expr) -> Iterator[str]:
    # Conditions compare words that are no colours.
    if isinstance(node, ast.IfExp):
        yield from (*_values(node.body), *_values(node.orelse))
    elif isinstance(node, ast.Constant):
        yield node.value


def test_the_walk_finds_a_word_that_is_no_colour() -> None:
    assert [*painted_words("s.paint(x, 'good' if best == 'yes' else 'quiet' if y else '')")] == [
        "good",
        "quiet",
        "",
    ]


@pytest.mark.parametrize("colour", get_args(Colour))
def test_each_colour_is_closed_and_plain_has_none(monkeypatch: pytest.MonkeyPatch, colour: Colour) -> None:
    monkeypatch.delenv("NO_COLOR")
    painted = Stream(Terminal()).paint("text", colour)
    assert (
        painted == "text"
        if colour == "plain"
        else painted.startswith("\x1b[") and painted.endswith("mtext\x1b[0m")
    )


class Refusing(io.StringIO):
    """A file that cannot be written."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def write(self, text: str) -> int:
        raise OSError(self.number, os.strerror(self.number))


@pytest.mark.parametrize(
    ("term", "no_color", "live", "colour"),
    [
        ("xterm", "", True, True),
        ("xterm", "1", True, False),
        ("dumb", "", False, False),
        ("", "", False, False),
        ("unknown", "", False, False),
    ],
)
def test_what_a_terminal_can_show(
    monkeypatch: pytest.MonkeyPatch, term: str, no_color: str, live: bool, colour: bool
) -> None:
    monkeypatch.setenv("TERM", term)
    monkeypatch.setenv("NO_COLOR", no_color)
    stream = Stream(Terminal())
    assert (stream.terminal, stream.live, stream.colour) == (True, live, colour)
    assert stream.paint("x", "good") == ("\x1b[32mx\x1b[0m" if colour else "x")


def test_a_pipe_is_neither_live_nor_coloured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "")
    stream = Stream(io.StringIO())
    assert (stream.terminal, stream.live, stream.colour) == (False, False, False)


@pytest.mark.parametrize(
    ("word", "width"),
    [("80", 80), ("200", 80), ("50", 50), ("5", 20), ("0", 80), ("many", 80), ("-3", 80), ("", 80)],
)
def test_the_width_is_that_of_the_terminal_at_most_80(
    monkeypatch: pytest.MonkeyPatch, word: str, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", word)
    assert Stream(Terminal()).width == width


@pytest.mark.parametrize("number", [errno.EPIPE, errno.EIO])
def test_a_closed_pipe_is_forgotten(number: int) -> None:
    stream = Stream(Refusing(number), result=True)
    stream.lines(["a"])
    stream.lines(["b"])
    assert stream.file is None


def test_progress_that_cannot_be_written_does_not_end_a_training() -> None:
    stream = Stream(Refusing(errno.ENOSPC))
    stream.lines(["a"])
    assert stream.file is None


def test_a_result_that_is_lost_is_an_error() -> None:
    with pytest.raises(
        StorageError,
        match="the result could not be written: No space left on device; free space on that disk",
    ):
        Stream(Refusing(errno.ENOSPC), result=True).lines(["a"])


def test_no_stream_at_all() -> None:
    Stream(None, result=True).lines(["a"])


def test_a_sign_that_the_encoding_lacks_is_written_as_an_escape() -> None:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding="ascii")
    Stream(file).lines(["0.5 ± 0.1"])
    assert raw.getvalue() == b"0.5 \\xb1 0.1\n"
