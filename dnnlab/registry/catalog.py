"""The parts that are registered: look-up by kind and name."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .entry import RegistryEntry

_entries: dict[str, dict[str, RegistryEntry]] = {}
_aliases: dict[str, dict[str, str]] = {}
_loaders: dict[str, Callable[[], None]] = {}


def add(entry: RegistryEntry) -> None:
    """Add a part. Raises `TypeError` if its name or one of its aliases is taken."""
    kind = entry.kind
    for word in (entry.name, *entry.aliases):
        if (taken := find(kind, word, load=False)) is not None:
            raise TypeError(
                f"{kind} part {word!r} exists already ({taken.origin or 'dnnlab'}); choose another name"
            )
    _entries.setdefault(kind, {})[entry.name] = entry
    _aliases.setdefault(kind, {}).update(dict.fromkeys(entry.aliases, entry.name))


def remove(origin: str) -> None:
    """Remove all parts that came from one plugin file."""
    for kind, table in _entries.items():
        for name in [n for n, e in table.items() if e.origin == origin]:
            _aliases[kind] = {a: n for a, n in _aliases[kind].items() if n != name}
            del table[name]


def on_first_look(kind: str, loader: Callable[[], None]) -> None:
    """Call `loader` once, before the first look-up of the kind: it registers dnnlab's own parts.

    The loader of the kind "" registers those of installed packages; it is called after the first other one.
    """
    _loaders[kind] = loader


def load_parts(*kinds: str) -> None:
    """Register dnnlab's own parts of these kinds (by default of all), once.

    Plugins come after them, so that a name used twice is the plugin's mistake.
    """
    for kind in (*(kinds or tuple(_loaders)), ""):
        _loaders.pop(kind, lambda: None)()


def find(kind: str, name: str, *, load: bool = True) -> RegistryEntry | None:
    """The part of that name or alias, or None."""
    if load:
        load_parts(kind)
    return _entries.get(kind, {}).get(_aliases.get(kind, {}).get(name, name))


def entries(kind: str) -> list[RegistryEntry]:
    """All parts of a kind, by name."""
    load_parts(kind)
    return sorted(_entries.get(kind, {}).values(), key=lambda entry: entry.name)


def nearest(kind: str, name: str) -> list[str]:
    """Names and aliases of the kind that look like `name`, best first."""
    load_parts(kind)
    return difflib.get_close_matches(name, [*_entries.get(kind, {}), *_aliases.get(kind, {})], n=3)
