"""Copies of parts under other names, as a plugin would bring them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dnnlab.registry import find, part, register

ORIGIN = "a plugin of copies"


@contextmanager
def copied_parts(kind: str, *names: str) -> Iterator[dict[str, str]]:
    """Within this, each part has a copy with the same function and flags. Yields name -> name of the copy."""
    try:
        with register.registering(ORIGIN):
            for name in names:
                entry = find(kind, name)
                assert entry is not None
                copy = part(kind, source="a copy", name=f"my_{name}", example=entry.example, **entry.flags)
                copy(entry.function)
        yield {name: f"my_{name}" for name in names}
    finally:
        register.forget(ORIGIN)
