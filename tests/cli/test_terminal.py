"""What a person sees: the command line in a pseudo-terminal of 80 columns."""

from __future__ import annotations

import os
import re
import struct
import subprocess
import sys
from pathlib import Path

import pyte
import pytest
from helpers.memory_terminal import screen_after

pty = pytest.importorskip("pty")
ROOT = Path(__file__).parents[2]


def see(words: list[object], columns: int = 80, **environment: str) -> tuple[int, str]:
    """Exit code and everything that the terminal received."""
    import fcntl
    import termios

    screen, keyboard = pty.openpty()
    fcntl.ioctl(keyboard, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    surroundings = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS")}
    surroundings |= {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "TERM": "xterm", **environment}
    command = [sys.executable, "-m", "dnnlab", *map(str, words)]
    child = subprocess.Popen(
        command, env=surroundings, stdin=keyboard, stdout=keyboard, stderr=keyboard, close_fds=True
    )
    os.close(keyboard)
    received = b""
    while True:
        try:
            piece = os.read(screen, 65536)
        except OSError:  # Linux says so when the other end is closed
            break
        if not piece:
            break
        received += piece
    os.close(screen)
    return child.wait(timeout=60), received.decode().replace("\r\n", "\n")


def test_header_table_bar_and_result(config: Path, runs: Path) -> None:
    code, text = see(["train", config, "training.epochs=30", "data.limit=none"], NO_COLOR="1")
    assert code == 0
    assert "\x1b" not in text
    assert re.search(r"\r +\d+/30 [━╸─]{8,} +\d+/34 +[\d,]+/s  \d+ s left   all: \d+ s left", text)
    lines = screen_after(text)
    assert lines[0] == " data      digits 1x8x8: 1,079 train, 359 validation, 359 test"
    assert " epoch   loss  val_loss  accuracy  val_acc.       lr  update  s/epoch" in lines
    assert [line.split()[0] for line in lines if line[:6].strip().isdigit()] == [str(n) for n in range(1, 31)]
    assert not [line for line in lines if "━" in line or "─" in line], "the bar is gone"
    assert max(len(line) for line in re.split(r"[\r\n]", text) if str(runs) not in line) <= 80
    assert any(line.startswith(" done after 30 epochs; val_accuracy was best at epoch") for line in lines)


@pytest.mark.slow
def test_a_dumb_terminal_sees_no_bar_and_no_colours(config: Path, runs: Path) -> None:
    code, text = see(["train", config], TERM="dumb")
    assert code == 0
    assert not set(text) & set("\x1b\r━─")
    assert " epoch   loss  val_loss  accuracy  val_acc.       lr  update  s/epoch" in text.splitlines()


@pytest.mark.slow
def test_colours_and_a_narrow_terminal(config: Path, runs: Path) -> None:
    code, text = see(["train", config], columns=50)
    assert code == 0
    assert "\x1b[32mbest\x1b[0m" in text
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    assert "\x1b" not in plain
    rows = [line for line in re.split(r"[\r\n]", plain) if line[:6].strip().isdigit() or "/3 " in line[:8]]
    assert len(rows) > 3
    assert max(map(len, rows)) <= 50


def test_problems_are_wrapped(config: Path, runs: Path) -> None:
    code, text = see(
        ["train", config, "optimizer={name: sgd, learning_rate: 0.1, nesterow: true}", "activation=relo"],
        columns=60,
        NO_COLOR="1",
    )
    assert code == 2
    lines = text.splitlines()
    assert lines[-1] == " 3 problems, nothing was created" + "exit 2".rjust(60 - 32)
    assert [line for line in lines[:-1] if line.startswith("   ")], "further lines are indented"


@pytest.mark.parametrize(
    "columns", [pytest.param(60, marks=pytest.mark.slow), 80, pytest.param(120, marks=pytest.mark.slow)]
)
def test_a_sweep_in_colours(config: Path, runs: Path, columns: int) -> None:
    words = [
        "sweep",
        config,
        "--vary",
        "optimizer.lr=0.01,1e-6,1e-7",
        "--workers",
        1,
        "training.epochs=80",
        "data.limit=none",
    ]
    code, text = see(words, columns=columns, TERM="xterm-256color")
    assert code == 0, text
    screen = pyte.Screen(columns, 80)
    pyte.Stream(screen).feed(text.replace("\n", "\r\n"))
    rows = [
        (y, line.split())
        for y, line in enumerate(screen.display)
        if re.match(r" {5}\d ", line) and "lr" in line
    ]
    assert len(rows) > 1, "rows come at most every half second: a trial takes longer"
    colours = {words[0]: screen.buffer[y][5].fg for y, words in rows}
    assert colours == {"0": "green", **{number: "default" for number in colours if number != "0"}}, (
        "the best so far alone is painted"
    )
    code, text = see(["resume", "last"], columns=columns, TERM="xterm-256color")
    assert "Traceback" not in text
