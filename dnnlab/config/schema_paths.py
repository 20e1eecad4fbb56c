"""The form of the value at an address, from the annotations of sections and parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args, get_origin

from ..registry import Field, RegistryEntry, find
from ..registry.model import section_in
from .tree import Node, Step, tree

Form = Literal["leaf", "section", "sections", "one", "many", "by_name", "patterns"]
_FORMS: dict[str, Form] = {"one": "one", "list": "many", "map": "by_name"}
_OF_SECTIONS: dict[Any, Form] = {dict: "patterns", list: "sections"}


@dataclass(frozen=True)
class Slot:
    """One place of the tree."""

    form: Form
    """leaf: anything; section: fixed keys; one, many, by_name: a part, a list and a mapping of parts;
    patterns, sections: a mapping and a list whose values are sections."""
    kind: str = ""
    """The kind of the parts."""
    fields: Mapping[str, Field] = field(default_factory=dict)
    """The keys of a section."""
    words: tuple[str, ...] = ()
    """The words that are allowed besides parts (auto, none)."""


LEAF = Slot("leaf")


def slot_of(key: Field | None) -> Slot:
    """The slot of a key; an unknown key may hold anything, and is refused by the check."""
    if key is None:
        return LEAF
    if key.reference is not None:
        form, kind = key.reference
        return Slot(_FORMS[form], kind, words=_words(key))
    if key.section is not None:
        return Slot("section", fields=key.section)
    of_many = _OF_SECTIONS.get(get_origin(key.annotation))
    section = section_in(get_args(key.annotation)[-1]) if of_many is not None else None
    return LEAF if of_many is None or section is None else Slot(of_many, fields=section.yaml_keys)


def default_of(key: Field | None) -> Node | None:
    """The default of a key as a tree, if its keys or items can be edited."""
    if key is None or key.required:
        return None
    default = key.default.plain() if hasattr(key.default, "plain") else key.default
    form = slot_of(key).form
    if form == "one" and isinstance(default, str) and default not in _words(key):
        default = {"name": default}
    if form == "many" and isinstance(default, list):
        default = [{"name": item} if isinstance(item, str) else item for item in default]
    return tree(default, written=False) if isinstance(default, dict | list | tuple) else None


def part_name(node: Node | None) -> str | None:
    """The name of the part that a node in its full form holds."""
    name = node.value.get("name") if node is not None and node.mapping else None
    return name.value if name is not None and isinstance(name.value, str) else None


def entry_at(slot: Slot, node: Node | None) -> RegistryEntry | None:
    """The registered part in a slot."""
    name = part_name(node)
    return find(slot.kind, name) if slot.form == "one" and name is not None else None


def fields_at(slot: Slot, node: Node | None) -> Mapping[str, Field]:
    """The keys that are allowed inside a node."""
    entry = entry_at(slot, node)
    return entry.fields if entry is not None else slot.fields


def descend(slot: Slot, node: Node | None, step: Step) -> Slot:
    """The slot one step further down."""
    if slot.form == "many":
        return Slot("one", slot.kind)
    if slot.form == "by_name":
        entry = find(slot.kind, str(step))
        return Slot("section", fields=entry.fields) if entry is not None else LEAF
    if slot.form in ("patterns", "sections"):
        return Slot("section", fields=slot.fields)
    return slot_of(fields_at(slot, node).get(str(step)))


def _words(key: Field) -> tuple[str, ...]:
    members: tuple[Any, ...] = get_args(key.annotation)
    literal = tuple(
        word for m in members if get_origin(m) is Literal for word in get_args(m) if isinstance(word, str)
    )
    return (*literal, "none") if key.optional else literal
