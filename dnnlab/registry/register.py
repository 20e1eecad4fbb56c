"""The registry itself: parts are written in with `@part(...)` and looked up by kind and name."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from .entry import Entry, check
from .kinds import KINDS

F = TypeVar("F", bound=Callable[..., Any])

_entries: dict[str, dict[str, Entry]] = {kind: {} for kind in KINDS}
_aliases: dict[str, dict[str, str]] = {kind: {} for kind in KINDS}
_loaders: list[Callable[[], None]] = []
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
        entry = Entry(
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
        for word in (entry.name, *entry.aliases):
            if (taken := find(kind, word, load=False)) is not None:
                raise TypeError(
                    f"{kind} part {word!r} exists already ({taken.origin or 'dnnlab'}); choose another name"
                )
        _entries[kind][entry.name] = entry
        _aliases[kind].update(dict.fromkeys(entry.aliases, entry.name))
        return function

    return register


def on_first_look(loader: Callable[[], None]) -> None:
    """Call `loader` once, before the first look-up: the package hands in what registers dnnlab's own parts."""
    _loaders.append(loader)


def find(kind: str, name: str, *, load: bool = True) -> Entry | None:
    """The part of that name or alias, or None."""
    if load:
        load_parts()
    return _entries[kind].get(_aliases[kind].get(name, name))


def entries(kind: str) -> list[Entry]:
    """All parts of a kind, by name."""
    load_parts()
    return [_entries[kind][name] for name in sorted(_entries[kind])]


def nearest(kind: str, name: str) -> list[str]:
    """Names and aliases of the kind that look like `name`, best first."""
    load_parts()
    return difflib.get_close_matches(name, [*_entries[kind], *_aliases[kind]], n=3)


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
    for kind, table in _entries.items():
        for name in [n for n, e in table.items() if e.origin == origin]:
            _aliases[kind] = {a: n for a, n in _aliases[kind].items() if n != name}
            del table[name]


def load_parts() -> None:
    """Register dnnlab's own parts, once.

    Plugins come after them, so that a name used twice is the plugin's mistake.
    """
    while _loaders:
        _loaders.pop(0)()
