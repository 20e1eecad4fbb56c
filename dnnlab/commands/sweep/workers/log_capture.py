"""Capture of what trials print: into their own folders, not onto the screen, and of limited size."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

MOST = 1_000_000  # bytes kept of what one trial prints
FILE = "output.txt"


class Output:
    """Sends the stdout and stderr of this process, also those of C code, into files.

    general: the file for output outside of trials.
    """

    def __init__(self, general: Path) -> None:
        self.general, self.dropped = general, 0
        self._turn(general)

    def trim(self) -> None:
        """Cut the output beyond the first million bytes, also of a trial that never stops printing."""
        with suppress(OSError):
            size = os.fstat(1).st_size
            if size > 2 * MOST:
                os.ftruncate(1, MOST)
                self.dropped += size - MOST

    @contextmanager
    def into(self, run: Path) -> Iterator[None]:
        """A context whose output goes into the output.txt of a run.

        Only the beginning of a long output is kept.
        """
        self.dropped = 0
        self._turn(waiting_for(run))
        try:
            yield
        finally:
            self._turn(self.general)
            settle(run, self.dropped)

    def _turn(self, path: Path) -> None:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError, AttributeError):
                stream.flush()
        with suppress(OSError):  # a full disk: the run will say so
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
            os.dup2(handle, 1)
            os.dup2(handle, 2)
            os.close(handle)


def waiting_for(run: Path) -> Path:
    """Where the output of a run lies until it is over: beside its folder, which the run itself makes."""
    return run.parent / f".{run.name}.{FILE}"


def settle(run: Path, dropped: int = 0) -> None:
    """Finish the output file of a run, also after its process has died; an empty file is removed.

    dropped: bytes lost before.
    """
    waiting = waiting_for(run)
    with suppress(OSError):
        size = waiting.stat().st_size
        if size == 0 or not run.exists():
            waiting.unlink()
            return
        with (run / FILE).open("ab") as file, waiting.open("rb") as printed:
            file.write(printed.read(MOST))
            if more := max(0, size - MOST) + dropped:
                file.write(f"\n... {more:,} more bytes were printed and are not kept\n".encode())
        waiting.unlink()
