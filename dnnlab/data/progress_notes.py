"""What a user who waits should know before a training can say anything itself, such as that files are downloaded."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar


def nobody(text: str) -> None:
    """The listener where nobody set one, as in Python: silence."""


listener: ContextVar[Callable[[str], None]] = ContextVar("listener", default=nobody)


def tell(text: str) -> None:
    """Hand a sentence to whoever listens; the command line prints it on stderr."""
    listener.get()(text)
