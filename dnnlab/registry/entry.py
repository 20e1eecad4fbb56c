"""One registered part: the function, what it says of itself, and what is derived from its signature."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pydantic import BaseModel

from .kinds import EFFECTS, KINDS, Kind
from .model import Field, fields_of, model_of

LIBRARIES = ("torch", "keras")
"""The libraries whose users find their names again (`conversions`)."""


@dataclass(frozen=True)
class RegistryEntry:
    """A part of a kind. `origin` is the plugin file that it came from, None for dnnlab's own.

    `conversions`: a sentence each for "torch" and "keras": its name there, and where keys or their meaning
    differ.
    """

    kind: str
    name: str
    function: Callable[..., Any]
    source: str
    aliases: tuple[str, ...]
    example: Mapping[str, Any]
    hints: Mapping[str, str]
    flags: Mapping[str, Any]
    origin: str | None = None
    conversions: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def own_fields(self) -> dict[str, Field]:
        """The keys in the part's own signature, in order; a bare value in YAML sets the first."""
        return fields_of(self.function)

    @cached_property
    def fields(self) -> dict[str, Field]:
        """Own keys, then the keys that all parts of the kind share."""
        common = KINDS[self.kind].common_for(self.flags)
        return {**self.own_fields, **(common.yaml_keys if common else {})}

    @cached_property
    def model(self) -> type[BaseModel]:
        """The pydantic model of the keys; made at the first look-up, since most parts are never asked for."""
        return model_of(f"{self.kind}.{self.name}", self.fields)

    @property
    def first_key(self) -> str | None:
        """The key that a bare value sets."""
        return next(iter(self.own_fields), None)

    @property
    def doc(self) -> str:
        """The whole docstring."""
        return inspect.getdoc(self.function) or ""

    @property
    def summary(self) -> str:
        """The docstring's first line."""
        return self.doc.split("\n", 1)[0]


def check(entry: RegistryEntry) -> None:
    """Refuse a part that breaks the registry's rules, with a `TypeError` that says which rule and how to keep it."""
    kind, who = KINDS[entry.kind], f"{entry.kind} part {entry.name!r}"
    if not entry.doc.strip():
        raise TypeError(f"{who} has no docstring; write what it computes, its keys and its shapes")
    if not entry.source.strip():
        raise TypeError(f"{who} names no source; pass source='...' (a paper, a text)")
    _check_flags(entry, kind, who)
    odd = [
        library
        for library, text in entry.conversions.items()
        if library not in LIBRARIES or not str(text).strip()
    ]
    if odd:
        raise TypeError(f"{who} has conversions for {odd}; expected a sentence for {' or '.join(LIBRARIES)}")
    expected = kind.runtime_for(entry.flags)
    parameters = inspect.signature(entry.function).parameters.values()
    positional = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    # Before a `/` they may have other names, since a key may need one of these.
    free = len(positional) == len(expected) and all(
        p.kind in (p.POSITIONAL_ONLY, p.KEYWORD_ONLY) for p in parameters
    )
    if tuple(positional) != expected and not free:
        raise TypeError(
            f"{who} takes the positional parameters {positional}; this kind is called with {list(expected)}"
        )
    common = kind.common_for(entry.flags)
    shared = set(entry.own_fields) & {"name", *(common.yaml_keys if common else ())}
    if shared:
        raise TypeError(
            f"{who} declares {sorted(shared)}, which every {entry.kind} has already; choose other names"
        )


def _check_flags(entry: RegistryEntry, kind: Kind, who: str) -> None:
    unknown = set(entry.flags) - set(kind.flags)
    if unknown:
        raise TypeError(f"{who} has the flags {sorted(unknown)}; this kind knows {sorted(kind.flags)}")
    if "effect" in kind.flags and entry.flags["effect"] not in EFFECTS:
        raise TypeError(f"{who} has effect={entry.flags['effect']!r}; expected one of {sorted(EFFECTS)}")
