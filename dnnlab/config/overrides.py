"""Applying overrides to a tree: one value at an address, in the same forms as in files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..errors import ConfigError, Problem
from ..registry import Field, address, find, inline
from .address import Override
from .merge import Merger
from .part_syntax import Path
from .schema_paths import LEAF, Slot, default_of, entry_at, fields_at, part_name, slot_of
from .tree import Node, Step


@dataclass
class Assigner:
    """Applies overrides to a tree."""

    merger: Merger
    """Merges the values, and keeps problems and notes."""

    def apply(self, slot: Slot, root: Node, change: Override) -> Node:
        """The tree with one override applied. Raises `ConfigError` for an address that does not exist."""
        return self._at(slot, root, change.address, change, ())

    def _at(
        self, slot: Slot, old: Node | None, steps: tuple[Step, ...], change: Override, path: Path
    ) -> Node:
        if not steps:
            return (
                self._append(slot, old, change.value, path)
                if change.operation == "append"
                else self._set(slot, old, change, path)
            )
        step, rest = steps[0], steps[1:]
        if slot.form == "one":
            return self._in_part(slot, old, step, rest, change, path)
        if slot.form == "many" or (old is not None and old.sequence):
            return self._in_list(slot, old, step, rest, change, path)
        if slot.form == "by_name":
            return self._in_named(slot, old, str(step), rest, change, path)
        if slot.form == "patterns" and rest:
            return self._in_mapping(
                {}, old, str(step), rest, change, path, Slot("section", fields=slot.fields)
            )
        if slot.form == "patterns":
            return self.merger.combine(slot, old, Node({str(step): change.value}, change.value.place), path)
        return self._in_mapping(slot.fields, old, str(step), rest, change, path, None)

    def _set(self, slot: Slot, old: Node | None, change: Override, path: Path) -> Node:
        return self.merger.combine(slot, old, change.value, path)

    def _in_mapping(
        self,
        fields: Mapping[str, Field],
        old: Node | None,
        key: str,
        rest: Path,
        change: Override,
        path: Path,
        slot: Slot | None,
    ) -> Node:
        merged = dict(old.value) if old is not None and old.mapping else {}
        known = fields.get(key)
        before = merged.get(key) or default_of(known)
        merged[key] = self._at(slot or slot_of(known), before, rest, change, (*path, key))
        return Node(merged, old.place if old is not None and old.mapping else change.value.place)

    def _in_part(
        self, slot: Slot, old: Node | None, step: Step, rest: Path, change: Override, path: Path
    ) -> Node:
        fields, key, current = fields_at(slot, old), str(step), entry_at(slot, old)
        if key == "name" and not rest:
            return self.merger.combine(slot, old, change.value, path)
        entry = find(slot.kind, key) if key not in fields else None
        if entry is not None and not rest:
            return self.merger.combine(slot, old, Node({key: change.value}, change.value.place), path)
        if entry is not None and entry is not current:
            old = self.merger.combine(slot, old, Node(entry.name, change.value.place), path)
            return self._in_part(slot, old, rest[0], rest[1:], change, path)
        if entry is not None:
            return self._in_part(slot, old, rest[0], rest[1:], change, path)
        if part_name(old) is None:
            now = inline(old.plain()) if old is not None else "none"
            fix = f"name one first: {address(path)}=NAME"
            raise self._lost(
                (*path, step),
                f"{address(path)} is {now}, which has no key {key}",
                f"expected a {slot.kind} with keys",
                fix,
            )
        return self._in_mapping(fields, old, key, rest, change, path, None)

    def _in_list(
        self, slot: Slot, old: Node | None, step: Step, rest: Path, change: Override, path: Path
    ) -> Node:
        items = list(old.value) if old is not None and old.sequence else []
        word = self._real_name(slot, step)
        index = (
            word
            if isinstance(word, int)
            else old.index_of(word)
            if old is not None and old.sequence
            else None
        )
        if index is None or index >= len(items):
            there = (
                ", ".join(f"{i}: {part_name(item) or inline(item.plain())}" for i, item in enumerate(items))
                or "nothing"
            )
            raise self._lost(
                (*path, step),
                f"no item {step} in the list (or more than one)",
                f"there is {there}",
                "use the item's number",
            )
        if not rest and change.operation == "set" and change.value.value == "none":
            del items[index]
        elif slot.form == "many":
            items[index] = self._at(Slot("one", slot.kind), items[index], rest, change, (*path, index))
        else:
            items[index] = self._at(LEAF, items[index], rest, change, (*path, index))
        return Node(items, change.value.place)

    def _in_named(
        self, slot: Slot, old: Node | None, name: str, rest: Path, change: Override, path: Path
    ) -> Node:
        entry = find(slot.kind, name)
        if not rest or entry is None:
            return self.merger.combine(slot, old, Node({name: change.value}, change.value.place), path)
        return self._in_mapping({}, old, entry.name, rest, change, path, Slot("section", fields=entry.fields))

    def _append(self, slot: Slot, old: Node | None, value: Node, path: Path) -> Node:
        if slot.form == "by_name":
            added = self.merger.combine(slot, None, Node([value], value.place), path)
            return self.merger.combine(slot, old, added, path)
        if old is None and slot.form in ("leaf", "many", "sections") and not slot.words:
            old = Node([], value.place)
        if old is None or not old.sequence:
            now = inline(old.plain()) if old is not None else "auto" if "auto" in slot.words else "no list"
            raise self._lost(
                path,
                f"`+=` appends to a list, and {address(path)} is {now}",
                "expected a list",
                f"{address(path)}=[...]",
            )
        new = self.merger.item(slot, value, (*path, len(old.value))) if slot.form == "many" else value
        return Node([*old.value, new], value.place)

    def _real_name(self, slot: Slot, step: Step) -> Step:
        entry = find(slot.kind, step) if slot.form == "many" and isinstance(step, str) else None
        return entry.name if entry is not None else step

    def _lost(self, path: Path, received: str, expected: str, fix: str) -> ConfigError:
        return ConfigError(Problem(received, expected, fix, address(path), code="address"))
