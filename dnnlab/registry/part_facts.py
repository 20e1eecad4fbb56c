"""The flags of the parts of a run, which its run folder keeps for plugins that are not loaded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .bound import Bound
from .catalog import find
from .kinds import KINDS

Kept = dict[str, dict[str, dict[str, Any]]]


@dataclass(frozen=True)
class PartFacts:
    """Flags and defaults by kind and name: as the run folder keeps them, else as the registry knows them."""

    kept: Mapping[str, Any] = field(default_factory=dict)
    """What `kept_facts` made of the parts of plugins. It may come from a damaged file."""

    def flag(self, kind: str, name: Any, flag: str) -> Any:
        """The value of a flag; the kind's default if the part is not known."""
        found = _mapping(self._of(kind, name).get("flags"))
        return found.get(flag, KINDS[kind].flags[flag])

    def has(self, kind: str, name: Any, trait: str) -> bool:
        """Whether a word is among the part's traits."""
        traits = self.flag(kind, name, "traits")
        return isinstance(traits, list | tuple | frozenset) and trait in traits

    def default(self, kind: str, name: Any, key: str) -> Any:
        """The default of a key; None if the part or the key is not known."""
        return _mapping(self._of(kind, name).get("defaults")).get(key)

    def known(self, kind: str, name: Any) -> bool:
        """Whether anything is known of the part."""
        return bool(self._of(kind, name))

    def stoppers(self, flat: Mapping[str, Any]) -> list[str]:
        """The regularizers of a flat config that end the training when the monitor no longer improves."""
        names = dict.fromkeys(key.split(".")[1] for key in flat if key.startswith("regularizers."))
        return [name for name in names if self.flag("regularizers", name, "effect") == "stop"]

    def _of(self, kind: str, name: Any) -> Mapping[str, Any]:
        kept = _mapping(_mapping(self.kept.get(kind)).get(str(name)))
        if kept:
            return kept
        entry = find(kind, str(name))
        if entry is None:
            return {}
        return {"flags": entry.flags, "defaults": {key: f.default for key, f in entry.fields.items()}}


def kept_facts(parts: Iterable[Bound]) -> Kept:
    """Kind -> name -> {flags, defaults} of those parts that come from plugins, as plain JSON values."""
    kept: Kept = {}
    for bound in parts:
        entry = bound.entry
        if entry.origin is not None:
            defaults = {key: field.default for key, field in entry.fields.items()}
            facts = {"flags": _simple(entry.flags), "defaults": _simple(defaults)}
            kept.setdefault(entry.kind, {})[entry.name] = facts
    return kept


def _simple(values: Mapping[str, Any]) -> dict[str, Any]:
    """Those values that JSON can hold; sets become sorted lists."""
    listed = {k: sorted(v) if isinstance(v, set | frozenset) else v for k, v in values.items()}
    return {k: v for k, v in listed.items() if _is_simple(v)}


def _is_simple(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_simple, value))
    return value is None or isinstance(value, str | bool | int | float)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
