"""A screen of its own that is drawn again and again, and is gone without a trace afterwards."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from types import TracebackType
from typing import IO, Any, cast

from .streams import Stream

HEIGHT = 24
SECONDS_BETWEEN_GLANCES = 0.25  # at the size of the terminal


class LiveScreen:
    """The terminal's alternate screen as a context manager; the previous content comes back at the end."""

    def __init__(self, stream: Stream) -> None:
        from rich.console import Console
        from rich.live import Live

        self.stream = stream
        self.console = Console(
            file=cast("IO[str]", _Through(stream)),
            force_terminal=True,
            color_system="standard" if stream.colour else None,
        )
        self.live = Live(
            console=self.console,
            screen=True,
            auto_refresh=False,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self.size = (0, 0)

    def __enter__(self) -> LiveScreen:
        self._measure()
        self.live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.live.stop()

    @property
    def height(self) -> int:
        """Lines of the terminal."""
        return self.size[1]

    def show(self, lines: Sequence[str]) -> None:
        """Draw these lines, which may be painted, in the place of the last ones."""
        from rich.text import Text

        self.live.update(Text.from_ansi("\n".join(lines), no_wrap=True, overflow="crop"), refresh=True)

    def wait(self, seconds: float) -> bool:
        """Sleep for so many seconds; True as soon as the terminal has another size, or is gone."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, SECONDS_BETWEEN_GLANCES))
            if self._measure():
                return True
        return False

    def _measure(self) -> bool:
        before, self.size = self.size, (self.stream.columns, height_of(self.stream))
        self.console.size = cast("Any", self.size)
        return self.size != before


class _Through:
    """A file for rich that writes as `Stream` does: to a terminal that is gone, nothing."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.encoding = stream.encoding

    def write(self, text: str) -> int:
        self.stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Writing flushes."""

    def isatty(self) -> bool:
        return self.stream.terminal


def height_of(stream: Stream) -> int:
    """Lines of the terminal: LINES if it is set, 24 if the height is unknown."""
    word = os.environ.get("LINES", "")
    if word.isdigit() and int(word):
        return int(word)
    try:
        return (
            os.get_terminal_size(stream.file.fileno()).lines or HEIGHT if stream.file is not None else HEIGHT
        )
    except (OSError, ValueError):
        return HEIGHT
