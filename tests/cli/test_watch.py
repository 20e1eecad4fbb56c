"""`dnnlab watch`: one snapshot where nobody looks, a screen of its own where somebody does, and nothing left
of it afterwards.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from helpers.fake_runs import change_meta, contents, make_run

from dnnlab.rundir import RunFolder, reopen

pty = pytest.importorskip("pty")
ROOT = Path(__file__).parents[2]
Call = Callable[..., tuple[int, str, str]]
LEAVE, ENTER, SHOW_CURSOR = "\x1b[?1049l", "\x1b[?1049h", "\x1b[?25h"


@pytest.fixture
def run(runs: Path) -> Path:
    return make_run(runs, number=1)


class Window:
    """A terminal in which `dnnlab watch` runs; `text` is what it has received."""

    def __init__(self, *words: object) -> None:
        self.screen, self.keyboard = pty.openpty()
        self.text = ""
        self.size(24, 80)
        surroundings = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES")}
        surroundings |= {"PYTHONPATH": str(ROOT), "TERM": "xterm", "NO_COLOR": "1"}
        start = (
            "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from "
            "dnnlab.cli.main import run; run()"
        )
        command = [sys.executable, "-c", start, "watch", *map(str, words)]
        self.child = subprocess.Popen(
            command, env=surroundings, stdin=self.keyboard, stdout=self.keyboard, stderr=self.keyboard
        )
        os.set_blocking(self.screen, False)

    def size(self, lines: int, columns: int) -> None:
        fcntl.ioctl(self.keyboard, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def read_until(self, words: str, seconds: float = 30) -> str:
        """Everything received since the last call, as soon as these words are in it; "" for what is there
        now.
        """
        deadline = time.monotonic() + seconds
        start = len(self.text)
        while words not in self.text[start:] or not words:
            assert time.monotonic() < deadline, f"{words!r} did not come: {self.text[start:]!r}"
            try:
                self.text += os.read(self.screen, 65536).decode(errors="replace").replace("\r\n", "\n")
            except OSError:  # nothing yet
                if not words:
                    break
                time.sleep(0.01)
        return self.text[start:]

    def end(self) -> int:
        return self.child.wait(timeout=30)


@pytest.fixture
def window() -> Iterator[Callable[..., Window]]:
    opened: list[Window] = []

    def start(*words: object) -> Window:
        opened.append(Window(*words))
        return opened[-1]

    yield start
    for one in opened:
        if one.child.poll() is None:
            one.child.kill()
            one.child.wait()
        os.close(one.screen)
        os.close(one.keyboard)


@pytest.fixture
def training(run: Path) -> Iterator[RunFolder]:
    """The run, as a process leaves it that is training; this one holds the lock."""
    change_meta(run, status="running")
    held = reopen(run)
    yield held
    held.close()


def test_without_a_run_the_newest_is_shown(dnnlab: Call, run: Path, runs: Path) -> None:
    newest = make_run(runs, number=2)
    before = contents(runs)
    code, out, err = dnnlab("watch")
    assert (code, err) == (0, "")
    assert out.startswith(f" {newest.name} · done after 3 epochs\n")
    assert out == dnnlab("watch", "last")[1] == dnnlab("watch", newest.name[-6:], "--once")[1]
    assert "\x1b" not in out
    assert max(map(len, out.splitlines())) <= 80
    assert contents(runs) == before


def test_a_running_run_is_one_snapshot_where_nobody_looks(dnnlab: Call, training: RunFolder) -> None:
    code, out, _ = dnnlab("watch")
    assert code == 0
    assert f" {training.path.name} · running · last row " in out
    assert f" next     dnnlab watch {training.path.name[-6:]}" in out


def test_json_is_one_snapshot(dnnlab: Call, training: RunFolder) -> None:
    code, out, _ = dnnlab("watch", "--json")
    told = json.loads(out)
    assert (code, told["run"], told["status"]) == (0, str(training.path), "running")
    assert {
        "progress",
        "monitor",
        "epoch",
        "epochs",
        "best",
        "last",
        "curves",
        "update_ratios",
        "verdicts",
    } - told.keys() == {"progress"}


def test_a_killed_run_can_be_resumed(dnnlab: Call, run: Path) -> None:
    change_meta(run, status="running")
    assert " · killed after 3 epochs" in dnnlab("watch")[1]
    assert f" next     dnnlab resume {run.name[-6:]}" in dnnlab("watch")[1]


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("nothing", "no run in "),
        ("last~3", "holds only 1 run"),
        ("sweep", "is a sweep"),
        ("damaged", "does not say how it went"),
    ],
)
def test_what_cannot_be_watched(dnnlab: Call, run: Path, runs: Path, word: str, text: str) -> None:
    if word == "sweep":
        (make_run(runs, number=5, name="sweep") / "ledger.jsonl").touch()
    if word == "damaged":
        (make_run(runs, number=5, name="damaged") / "meta.json").write_text("{")
    code, out, err = dnnlab("watch", word)
    assert (code, out) == (2, "")
    assert text in err
    assert "nothing was changed" in err


def test_watching_needs_no_torch(
    dnnlab: Call, run: Path, process: Callable[..., subprocess.Popen[str]]
) -> None:
    child = process("watch", after="print('torch' in sys.modules, file=sys.stderr)")
    _, err = child.communicate(timeout=60)
    assert (child.returncode, err) == (0, "False\n")


def test_a_screen_that_follows_and_ends_with_the_run(
    window: Callable[..., Window], training: RunFolder
) -> None:
    seen = window()
    assert ENTER in seen.read_until("Ctrl-C leaves")
    seen.size(30, 100)
    larger = seen.read_until("Ctrl-C leaves", 10)
    assert larger.count("\n") == 29
    training.append(
        "metrics.jsonl", {"epoch": 4, "step": 40, "seconds": 8.0, "val_accuracy": 0.25, "val_loss": 1.5}
    )
    seen.read_until("0.2500", 10)
    training.update_meta(status="diverged", reason="step 40: the loss is not finite")
    last = seen.read_until("next     dnnlab doctor", 10)
    assert seen.end() == 0
    after = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", last.rpartition(LEAVE)[2])
    assert f"{training.path.name} · diverged after 4 epochs\n step 40: the loss is not finite\n" in after


@pytest.mark.parametrize(
    ("number", "code", "words"),
    [(signal.SIGINT, 0, ""), (signal.SIGTERM, 143, "interrupted; nothing was changed")],
)
def test_a_signal_leaves_the_terminal_as_it_was(
    window: Callable[..., Window], training: RunFolder, number: int, code: int, words: str
) -> None:
    seen = window()
    assert seen.read_until("Ctrl-C leaves").partition(ENTER)[0].strip() == ""
    seen.child.send_signal(number)
    assert seen.end() == code
    last = seen.read_until("")
    assert SHOW_CURSOR in last
    after = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", last.rpartition(LEAVE)[2])
    assert " ".join(after.split()) == f"{words} {'exit 143' if code else ''}".strip()
