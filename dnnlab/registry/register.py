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
    """Register the function below as a part of `kind`.

    source: where the definition comes from. name: the word in YAML (default: the function's name). example:
    keys with which the contract test builds it. hints: foreign key -> the line to write instead. conversions:
    what the part and its keys are called in "torch" and "keras", and where the meaning differs. flags: those
    of the kind (see `kinds.py`). Raises `TypeError` when a rule is broken: a name used twice, no docstring,
    no source, an untyped key, unknown flags or conversions.
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
    """While inside, parts are written down as coming from this plugin file."""
    _origins.append(origin)
    try:
        yield
    finally:
        _origins.pop()


def forget(origin: str) -> None:
    """Remove the parts of one plugin file, so that its text (changed or not) can be read again."""
    plugin_texts.pop(origin, None)
    catalog.remove(origin)
