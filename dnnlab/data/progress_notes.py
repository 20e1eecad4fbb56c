"""Progress messages for slow steps before a training, such as downloads."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar


def discard(text: str) -> None:
    """The default listener: no output, as in Python."""


listener: ContextVar[Callable[[str], None]] = ContextVar("listener", default=discard)


def send_note(text: str) -> None:
    """Send a sentence to the listener; the command line prints it on stderr."""
    listener.get()(text)
