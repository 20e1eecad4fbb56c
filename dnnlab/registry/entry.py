"""One registered part: its function, its description, and what follows from its signature."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pydantic import BaseModel

from .kinds import EFFECTS, KINDS, TRAITS, Kind
from .model import Field, fields_of, model_of

LIBRARIES = ("torch", "keras")
"""The libraries for which a part gives its name there (`conversions`)."""


@dataclass(frozen=True)
class RegistryEntry:
    """A part of a kind, as `@part` registers it."""

    kind: str
    """The kind, which is also the key in YAML."""
    name: str
    """The name in YAML."""
    function: Callable[..., Any]
    """Builds the object from the runtime objects of the kind and the keys."""
    source: str
    """The paper or text that defines the part."""
    aliases: tuple[str, ...]
    """Other names in YAML."""
    example: Mapping[str, Any]
    """Keys with which tests and `dnnlab show` build the part."""
    hints: Mapping[str, str]
    """Key of another tool -> the line to write instead."""
    flags: Mapping[str, Any]
    """All flags of the kind with their values for this part."""
    origin: str | None = None
    """The plugin that the part came from; None for dnnlab's own."""
    conversions: Mapping[str, str] = field(default_factory=dict)
    """"torch", "keras" -> the name there, and how keys or their meaning differ."""

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
        """The pydantic model of the keys, made when it is first used: most parts never are."""
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
    """Raise `TypeError` for a part that breaks a rule of the registry; the text says how to follow it."""
    kind, owner = KINDS[entry.kind], f"{entry.kind} part {entry.name!r}"
    if not entry.doc.strip():
        raise TypeError(f"{owner} has no docstring; write what it computes, its keys and its shapes")
    if not entry.source.strip():
        raise TypeError(f"{owner} names no source; pass source='...' (a paper, a text)")
    _check_flags(entry, kind, owner)
    odd = [
        library
        for library, text in entry.conversions.items()
        if library not in LIBRARIES or not str(text).strip()
    ]
    if odd:
        raise TypeError(
            f"{owner} has conversions for {odd}; expected a sentence for {' or '.join(LIBRARIES)}"
        )
    expected = kind.runtime_for(entry.flags)
    parameters = inspect.signature(entry.function).parameters.values()
    positional = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    # Before a `/` they may have other names, since a key may need one of these.
    free = len(positional) == len(expected) and all(
        p.kind in (p.POSITIONAL_ONLY, p.KEYWORD_ONLY) for p in parameters
    )
    if tuple(positional) != expected and not free:
        raise TypeError(
            f"{owner} takes the positional parameters {positional}; this kind is called with {list(expected)}"
        )
    common = kind.common_for(entry.flags)
    shared = set(entry.own_fields) & {"name", *(common.yaml_keys if common else ())}
    if shared:
        raise TypeError(
            f"{owner} declares {sorted(shared)}, which every {entry.kind} has already; choose other names"
        )


def _check_flags(entry: RegistryEntry, kind: Kind, owner: str) -> None:
    unknown = set(entry.flags) - set(kind.flags)
    if unknown:
        raise TypeError(f"{owner} has the flags {sorted(unknown)}; this kind knows {sorted(kind.flags)}")
    odd = set(entry.flags.get("traits", ())) - set(TRAITS.get(entry.kind, ()))
    if odd:
        raise TypeError(f"{owner} has the traits {sorted(odd)}; this kind knows {sorted(TRAITS[entry.kind])}")
    if "effect" in kind.flags and entry.flags["effect"] not in EFFECTS:
        raise TypeError(f"{owner} has effect={entry.flags['effect']!r}; expected one of {sorted(EFFECTS)}")
