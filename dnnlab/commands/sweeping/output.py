"""What a worker's trials print goes into their own folders, not onto the screen, and never more than a disk can bear."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

MOST = 1_000_000  # bytes kept of what one trial prints
FILE = "output.txt"


class Output:
    """Sends everything that this process writes to stdout and stderr, also from C, into files. general: for what no trial prints."""

    def __init__(self, general: Path) -> None:
        self.general, self.dropped = general, 0
        self._turn(general)

    def trim(self) -> None:
        """Forget what is printed beyond the first million bytes; called every now and then, for a trial that never stops printing."""
        with suppress(OSError):
            size = os.fstat(1).st_size
            if size > 2 * MOST:
                os.ftruncate(1, MOST)
                self.dropped += size - MOST

    @contextmanager
    def into(self, run: Path) -> Iterator[None]:
        """Within this, what is printed is the run's: in its output.txt, of which only the beginning is kept where it is long."""
        waiting = run.parent / f".{run.name}.{FILE}"  # the folder itself is made by the run
        self.dropped = 0
        self._turn(waiting)
        try:
            yield
        finally:
            self._turn(self.general)
            self._settle(waiting, run / FILE)

    def _turn(self, path: Path) -> None:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError, AttributeError):
                stream.flush()
        with suppress(OSError):  # a full disk: the run will say so
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
            os.dup2(handle, 1)
            os.dup2(handle, 2)
            os.close(handle)

    def _settle(self, waiting: Path, final: Path) -> None:
        """Give the run its file, or none where nothing was printed."""
        with suppress(OSError):
            size = waiting.stat().st_size
            if size == 0 or not final.parent.exists():
                waiting.unlink()
                return
            with final.open("ab") as file:
                text = waiting.open("rb").read(MOST)
                file.write(text)
                if more := max(0, size - MOST) + self.dropped:
                    file.write(f"\n... {more:,} more bytes were printed and are not kept\n".encode())
            waiting.unlink()
