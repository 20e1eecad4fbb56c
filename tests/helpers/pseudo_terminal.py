"""Command lines in real pseudo-terminals and pipes, each in a process of its own.

`Terminals` starts one process that imports dnnlab and torch once and forks for every command: a command takes
only the time of its work, and its screen is still that of a process with a terminal of its own.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import re
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
HEIGHT = 24
INTERRUPT = "\x03"
"""Ctrl-C; a process without a terminal gets the signal."""
HIDDEN = ("NO_COLOR", "COLUMNS", "TERM", "DNNLAB_RUNS", "DNNLAB_DEBUG")
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")

Keys = Sequence[tuple[str, str]]
"""Pairs (pattern to wait for, keys to press)."""


@dataclass(frozen=True)
class Seen:
    """What a command left. text: all characters that a terminal received, or stdout and stderr of pipes
    together.
    """

    code: int
    text: str
    columns: int
    piped: bool = False

    @property
    def screen(self) -> list[str]:
        """The lines on the screen at the end, as a terminal emulator shows them; the text itself
        from a pipe.
        """
        if self.piped:
            return self.text.split("\n")
        import pyte

        screen = pyte.Screen(self.columns, 1500)
        pyte.Stream(screen).feed(self.text.replace("\r\n", "\n").replace("\n", "\r\n"))
        return [line.rstrip() for line in screen.display]

    @property
    def wide(self) -> list[str]:
        """Lines that are wider than the terminal, but for paths and commands, which are kept whole to be
        copied.
        """
        from dnnlab.render.terminal.text import columns

        lines = re.split(r"[\r\n]+", ESCAPES.sub("", self.text))
        whole = re.compile(r"\S*/\S*|dnnlab .*|-s \S+=\S+")
        return [line for line in lines if columns(line) > self.columns and not whole.search(line)]


class Terminals:
    """Runs command lines in terminals and pipes. A context manager."""

    def __init__(self) -> None:
        surroundings = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        command = [sys.executable, str(Path(__file__))]
        self.server = subprocess.Popen(
            command, env=surroundings, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Terminals:
        return self

    def __exit__(self, *error: object) -> None:
        self.server.communicate(timeout=60)  # the end of its input ends the server

    def see(
        self,
        words: Sequence[object],
        folder: Path,
        columns: int = 80,
        *,
        piped: bool = False,
        keys: Keys = (),
        timeout: float = 120.0,
        **environment: str,
    ) -> Seen:
        """Run `dnnlab WORDS` in `folder`. piped: stdout and stderr are pipes, COLUMNS says the width."""
        surroundings = {k: v for k, v in os.environ.items() if k not in HIDDEN}
        surroundings |= {"TERM": "xterm-256color", "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
        surroundings = {**surroundings, **environment}
        if piped:
            surroundings["COLUMNS"] = str(columns)
        request = {"words": [str(word) for word in words], "folder": str(folder), "columns": columns}
        request |= {"piped": piped, "keys": list(keys), "timeout": timeout, "environment": surroundings}
        assert self.server.stdin is not None and self.server.stdout is not None
        self.server.stdin.write(json.dumps(request) + "\n")
        self.server.stdin.flush()
        answer = json.loads(self.server.stdout.readline())
        return Seen(answer["code"], answer["text"], columns, piped)


def preload() -> None:
    """Import everything that commands import, so that none of them waits for it."""
    import matplotlib.figure  # noqa: F401
    import optuna  # noqa: F401
    import sklearn.datasets  # noqa: F401
    import torch

    import dnnlab
    from dnnlab.registry import KINDS, entries

    torch.set_num_threads(1)
    for module in pkgutil.walk_packages(dnnlab.__path__, "dnnlab."):
        if not re.search(r"\.(templates\.|__main__)", module.name):
            with suppress(ModuleNotFoundError):  # of an extra that is not installed
                importlib.import_module(module.name)
    for kind in KINDS:
        entries(kind)


def serve() -> None:
    """Answer requests, one a line."""
    preload()
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        answers.write(json.dumps(answer(json.loads(line))) + "\n")
        answers.flush()


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Run a command in a forked process and collect what it writes."""
    reader, child = start_piped(request) if request["piped"] else start_in_terminal(request)
    keys, received, deadline = list(request["keys"]), b"", time.monotonic() + request["timeout"]
    os.set_blocking(reader, False)
    looked = 0
    while True:
        try:
            piece = os.read(reader, 65536)
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.kill(child, signal.SIGKILL)
                received += b"\nTHE COMMAND DID NOT END\n"
                break
            time.sleep(0.01)
            continue
        except OSError:  # Linux says so when the other end of a terminal is closed
            break
        if not piece:
            break
        received += piece
        if keys and (found := re.compile(keys[0][0].encode()).search(received, looked)):
            looked = found.end()
            if request["piped"]:
                os.kill(child, signal.SIGINT)
            else:
                os.write(reader, keys[0][1].encode())
            del keys[0]
    _, status = os.waitpid(child, 0)
    os.close(reader)
    return {"code": os.waitstatus_to_exitcode(status), "text": received.decode().replace("\r\n", "\n")}


def start_in_terminal(request: dict[str, Any]) -> tuple[int, int]:
    """The terminal's own end, and the process that works in it."""
    import fcntl
    import pty
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, request["columns"], 0, 0))
    if (child := os.fork()) == 0:
        os.close(ours)
        os.login_tty(theirs)
        work(request)
    os.close(theirs)
    return ours, child


def start_piped(request: dict[str, Any]) -> tuple[int, int]:
    """The end to read from, and the process that writes stdout and stderr into one pipe."""
    ours, theirs = os.pipe()
    if (child := os.fork()) == 0:
        os.close(ours)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(theirs, 1)
        os.dup2(theirs, 2)
        os.close(theirs)
        work(request)
    os.close(theirs)
    return ours, child


def work(request: dict[str, Any]) -> None:
    """Be the command, and end with its exit code."""
    code = 99
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.environ.clear()
        os.environ.update(request["environment"])
        os.chdir(request["folder"])
        sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")  # noqa: SIM115
        from dnnlab.cli.main import run

        run(request["words"])
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)


if __name__ == "__main__":
    serve()
