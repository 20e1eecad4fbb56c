"""A key that nobody knows: which line the user may have meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import replace
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
    """The problem of an unknown key with the nearest thing that would have been right."""
    owner, key = location[:-1], str(location[-1])
    slot, node = _walk(root, owner)
    value = node.child(key) if node is not None else None
    plain = value.plain() if value is not None else None
    fields, entry = _fields(slot, node, owner)
    advice = _advice(root, owner, key, plain, fields, entry)
    keys = ", ".join(fields)
    expected = "" if advice else f"expected one of: {keys}" if keys else "expected no keys"
    return replace(
        problem,
        expected=expected,
        fix=advice or f"`dnnlab show {entry.kind}.{entry.name}` explains them" if entry else advice,
    )


def _advice(
    root: Node,
    owner: Location,
    key: str,
    value: Any,
    fields: Mapping[str, Field],
    entry: RegistryEntry | None,
) -> str:
    if entry is not None:
        if (text := special(entry.kind, key, value)) is not None:
            return text
        if "{value}" in entry.hints.get(key, ""):
            return f"write `{entry.hints[key].replace('{value}', inline(value))}`"
    if (
        key == "base"
    ):  # the loader takes it out of every file; left over, it came from an override or stands further in
        return (
            "write `base:` at the top of a file"
            if owner
            else "write `base:` into a file; bases are read before overrides"
        )
    hint = HINTS.get(key)
    if hint is not None and hint.address and address(owner) == hint.address:
        # `architecture: {model: mlp}`: the key is another tool's name of the very part that it stands in.
        return f"write `name: {inline(value)}`" if isinstance(value, str) else ""
    if hint is not None:
        return hint.text or f"write `{line(owner, parse_address(hint.address), hint.value(value))}`"
    if entry is not None and key in entry.hints:
        advice = entry.hints[key]
        return (
            f"write {advice}" if re.match(r"[\w.]+: ", advice) and not advice.startswith("leave") else advice
        )
    if (place := _elsewhere(root, owner, key)) is not None:
        return f"write `{line(owner, place, inline(value))}`"
    if (close := close_key(key, [*fields, *([] if owner else ["base"])])) is not None:
        return f"did you mean {close}?"
    if entry is not None and (others := [e.name for e in entries(entry.kind) if key in e.own_fields]):
        return f"{key} is a key of {', '.join(others[:4])}; {entry.name} has: {', '.join(entry.fields) or 'none'}"
    if near := difflib.get_close_matches(key, list(HINTS), n=1, cutoff=0.8):
        return _advice(root, owner, near[0], value, fields, None)
    return ""


def line(owner: Location, target: Location, value: str) -> str:
    """The line to write: `lr: 0.01` inside the owner of the target, else nested from the top: `optimizer: {lr: 0.01}`."""
    inside = target[: len(owner)] == owner and len(target) > len(owner)
    *outer, last = target[len(owner) :] if inside else target
    text = f"{inline(str(last))}: {value}"
    for step in reversed(outer):
        text = f"{inline(str(step))}: {{{text}}}"
    return text


def _elsewhere(root: Node, owner: Location, key: str) -> Location | None:
    """The address of a key of that very name somewhere else: at the top, in a section, in a part that is chosen, as a regularizer."""
    if owner and key in ROOT.fields:
        return (key,)
    for name, known in ROOT.fields.items():
        slot, node = slot_of(known), root.child(name) or default_of(known)
        if (name,) == owner[:1] or slot.form not in ("section", "one", "by_name"):
            continue
        if key in fields_at(slot, node) and key != "name":
            return (name, key)
        if slot.form == "by_name" and (part := find(slot.kind, key)) is not None:
            return (name, part.name)
    return None


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
