"""Unknown keys: the line that the user may have meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..errors import Problem
from ..registry import Field, RegistryEntry, address, close_key, entries, find, inline
from .address import parse_address
from .hints import HINTS, special
from .schema_paths import Slot, default_of, descend, entry_at, fields_at, slot_of
from .sections import ROOT
from .tree import Node, Step

Location = tuple[Step, ...]


def explain_unknown(problem: Problem, location: Location, root: Node) -> Problem:
    """The problem of an unknown key, with the nearest valid line as its fix."""
    owner, key = location[:-1], str(location[-1])
    slot, node = _walk(root, owner)
    value = node.child(key) if node is not None else None
    fields, entry = _fields(slot, node, owner)
    unknown = _Unknown(root, owner, key, value.plain() if value is not None else None, fields, entry)
    advice = unknown.advice()
    keys = ", ".join(fields)
    expected = "" if advice else f"expected one of: {keys}" if keys else "expected no keys"
    return replace(
        problem,
        expected=expected,
        fix=advice or f"`dnnlab show {entry.kind}.{entry.name}` explains them" if entry else advice,
    )


@dataclass(frozen=True)
class _Unknown:
    """An unknown key. Each method stands for one mistake, and gives None if it was not made."""

    root: Node
    owner: Location
    """The address of the mapping that holds the key."""
    key: str
    value: Any
    fields: Mapping[str, Field]
    """The keys that the mapping may hold."""
    entry: RegistryEntry | None
    """The part whose keys the mapping holds."""

    def advice(self) -> str:
        """The line to write, or a question; "" without an idea."""
        reasons = (
            self.other_meaning,
            self.base,
            self.other_tool,
            self.hint_of_part,
            self.elsewhere,
            self.misspelt,
            self.other_part,
            self.misspelt_other_tool,
        )
        return next((text for reason in reasons if (text := reason()) is not None), "")

    def other_meaning(self) -> str | None:
        """A key whose value has another meaning, or another form, in this part."""
        if self.entry is None:
            return None
        if (text := special(self.entry.kind, self.key, self.value)) is not None:
            return text
        hint = self.entry.hints.get(self.key, "")
        return f"write `{hint.replace('{value}', inline(self.value))}`" if "{value}" in hint else None

    def base(self) -> str | None:
        """A `base` in an override, or further inside: the loader takes it only from the top of files."""
        if self.key != "base":
            return None
        if self.owner:
            return "write `base:` at the top of a file"
        return "write `base:` into a file; bases are read before overrides"

    def other_tool(self) -> str | None:
        """A key of another tool."""
        hint = HINTS.get(self.key)
        if hint is None:
            return None
        if hint.address and address(self.owner) == hint.address:
            # `architecture: {model: mlp}`: the key is another tool's name of the part that holds it.
            return f"write `name: {inline(self.value)}`" if isinstance(self.value, str) else ""
        if hint.text:
            return hint.text
        return f"write `{line(self.owner, parse_address(hint.address), hint.value(self.value))}`"

    def hint_of_part(self) -> str | None:
        """A key for which the part itself has a hint."""
        hint = self.entry.hints.get(self.key) if self.entry is not None else None
        if hint is None:
            return None
        is_line = re.match(r"[\w.]+: ", hint) and not hint.startswith("leave")
        return f"write {hint}" if is_line else hint

    def elsewhere(self) -> str | None:
        """A key that exists elsewhere: at the top, in a section, in a chosen part, as a regularizer."""
        if self.owner and self.key in ROOT.fields:
            return self._line((self.key,))
        for name, known in ROOT.fields.items():
            slot, node = slot_of(known), self.root.child(name) or default_of(known)
            if (name,) == self.owner[:1] or slot.form not in ("section", "one", "by_name"):
                continue
            if self.key in fields_at(slot, node) and self.key != "name":
                return self._line((name, self.key))
            if slot.form == "by_name" and (part := find(slot.kind, self.key)) is not None:
                return self._line((name, part.name))
        return None

    def misspelt(self) -> str | None:
        """A key that looks like one that the mapping may hold."""
        close = close_key(self.key, [*self.fields, *([] if self.owner else ["base"])])
        return None if close is None else f"did you mean {close}?"

    def other_part(self) -> str | None:
        """A key of other parts of the kind."""
        if self.entry is None:
            return None
        others = [entry.name for entry in entries(self.entry.kind) if self.key in entry.own_fields]
        known = ", ".join(self.entry.fields) or "none"
        text = f"{self.key} is a key of {', '.join(others[:4])}; {self.entry.name} has: {known}"
        return text if others else None

    def misspelt_other_tool(self) -> str | None:
        """A key that looks like one of another tool."""
        near = difflib.get_close_matches(self.key, list(HINTS), n=1, cutoff=0.8)
        return replace(self, key=near[0], entry=None).advice() if near else None

    def _line(self, target: Location) -> str:
        return f"write `{line(self.owner, target, inline(self.value))}`"


def line(owner: Location, target: Location, value: str) -> str:
    """The line to write: `lr: 0.01` inside the owner of the target, else `optimizer: {lr: 0.01}`."""
    inside = target[: len(owner)] == owner and len(target) > len(owner)
    *outer, last = target[len(owner) :] if inside else target
    text = f"{inline(str(last))}: {value}"
    for step in reversed(outer):
        text = f"{inline(str(step))}: {{{text}}}"
    return text


def _walk(root: Node, location: Location) -> tuple[Slot, Node | None]:
    slot, node = ROOT, root
    found: Node | None = node
    for step in location:
        slot = descend(slot, found, step)
        found = found.child(step) if found is not None else None
    return slot, found


def _fields(
    slot: Slot, node: Node | None, owner: Location
) -> tuple[Mapping[str, Field], RegistryEntry | None]:
    if len(owner) == 2 and slot_of(ROOT.fields.get(str(owner[0]))).form == "by_name":
        entry = find(slot_of(ROOT.fields[str(owner[0])]).kind, str(owner[1]))
    else:
        entry = entry_at(slot, node)
    return (entry.fields if entry is not None else fields_at(slot, node)), entry
