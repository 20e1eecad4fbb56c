"""The last word of a command: what a terminal shows, what a script reads."""

from __future__ import annotations

import io

from helpers.memory_terminal import Terminal

from dnnlab.render.terminal.result_writer import ResultWriter
from dnnlab.render.terminal.streams import Streams

HOSTILE = "runs/\x1b[31mred\x07"


def test_a_quiet_path_is_harmless_on_a_terminal_and_exact_for_a_script() -> None:
    terminal, pipe = Terminal(), io.StringIO()
    for file in (terminal, pipe):
        ResultWriter(Streams(out=file), quiet=True).result({}, [], [HOSTILE])
    assert "\x1b" not in terminal.getvalue() and "red" in terminal.getvalue()
    assert pipe.getvalue() == HOSTILE + "\n"
