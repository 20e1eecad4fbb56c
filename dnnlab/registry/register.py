"""`@part(...)`: register a function as a part."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from . import catalog
from .entry import RegistryEntry, check
from .kinds import KINDS

F = TypeVar("F", bound=Callable[..., Any])

_origins: list[str] = []
plugin_texts: dict[str, str] = {}  # origin -> sha256 of the text whose parts are registered


def part(
    kind: str,
    *,
    source: str,
    name: str | None = None,
    aliases: tuple[str, ...] = (),
    example: Mapping[str, Any] | None = None,
    hints: Mapping[str, str] | None = None,
    conversions: Mapping[str, str] | None = None,
    **flags: Any,
) -> Callable[[F], F]:
    """Register the decorated function as a part of `kind`.

    The arguments are the fields of `RegistryEntry`; the name is by default the function's. `flags` are those
    of the kind (see `kinds.py`). Raises `TypeError` if a rule is broken: a name used twice, no docstring, no
    source, an untyped key, unknown flags or conversions.
    """
    if kind not in KINDS:
        raise TypeError(f"there is no kind {kind!r}; kinds: {', '.join(KINDS)}")

    def register(function: F) -> F:
        all_flags = {**KINDS[kind].flags, **flags}
        origin = _origins[-1] if _origins else None
        entry = RegistryEntry(
            kind=kind,
            name=name or function.__name__,
            function=function,
            source=source,
            aliases=tuple(aliases),
            example=example or {},
            hints=hints or {},
            conversions=conversions or {},
            flags=all_flags,
            origin=origin,
        )
        check(entry)
        catalog.add(entry)
        return function

    return register


@contextmanager
def registering(origin: str) -> Iterator[None]:
    """Parts that are registered inside the block get this plugin as their origin."""
    _origins.append(origin)
    try:
        yield
    finally:
        _origins.pop()


def forget(origin: str) -> None:
    """Remove the parts of one plugin, so that its text, changed or not, can be run again."""
    plugin_texts.pop(origin, None)
    catalog.remove(origin)
