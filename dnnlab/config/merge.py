"""Merging trees: a value that names a part replaces the part below it, a mapping without a name edits it.

A list replaces a list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..errors import Problem
from ..registry import Field, RegistryEntry, address, find, inline
from .part_syntax import Named, Path, item, keys_of, named
from .schema_paths import Slot, default_of, fields_at, part_name, slot_of
from .tree import Node


@dataclass
class Merger:
    """Merges trees."""

    problems: list[Problem] = field(default_factory=list)
    """Problems of form, found on the way."""
    notes: list[str] = field(default_factory=list)
    """The keys that were dropped when a part was replaced."""

    def combine(self, slot: Slot, old: Node | None, new: Node, path: Path) -> Node:
        """`new` on top of `old`, in the full form of the slot (a part: `{name, keys}`)."""
        if slot.form == "one":
            return self._part(slot, old, new, path)
        if slot.form == "many":
            return self._list(slot, new, path)
        if slot.form == "by_name":
            return self._by_name(slot, old, new, path)
        if slot.form == "patterns":
            return self._patterns(slot, old, new, path)
        if new.mapping and (slot.form == "section" or (old is not None and old.mapping)):
            return self.keys(slot.fields, old, new, path)
        return new

    def keys(self, fields: Mapping[str, Field], old: Node | None, new: Node, path: Path) -> Node:
        """The keys of one mapping on top of those of another."""
        merged = dict(old.value) if old is not None and old.mapping else {}
        for key, child in new.value.items():
            known = fields.get(key)
            before = merged.get(key) or default_of(known)
            merged[key] = self.combine(slot_of(known), before, child, (*path, key))
        return Node(merged, new.place)

    def _part(self, slot: Slot, old: Node | None, new: Node, path: Path) -> Node:
        if isinstance(new.value, str) and new.value in slot.words:
            return new
        found = named(slot.kind, new, fields_at(slot, old), self.problems, path)
        if found is not None:
            return self._replace(slot.kind, old, found, new, path)
        if new.mapping and part_name(old) is not None:
            return self.keys(fields_at(slot, old), old, new, path)
        return new  # neither names nor edits a part: the check refuses it

    def _replace(self, kind: str, old: Node | None, found: Named, new: Node, path: Path) -> Node:
        entry = find(kind, found.word)
        name = Node(entry.name if entry else found.word, found.place)
        keys = self.keys(entry.fields if entry else {}, None, Node(found.keys, new.place), path)
        whole = Node({"name": name, **keys.value}, new.place)
        if part_name(old) is not None:
            self._note(path, name.value, part_name(old) or "", old, whole)
        return whole

    def _list(self, slot: Slot, new: Node, path: Path) -> Node:
        if not new.sequence:
            return new
        return Node([self.item(slot, child, (*path, i)) for i, child in enumerate(new.value)], new.place)

    def item(self, slot: Slot, node: Node, path: Path) -> Node:
        """An item of a list of parts in its full form."""
        found = item(slot.kind, node, self.problems, path)
        return node if found is None else self._replace(slot.kind, None, found, node, path)

    def _by_name(self, slot: Slot, old: Node | None, new: Node, path: Path) -> Node:
        before = dict(old.value) if old is not None and old.mapping else {}
        if new.value == "none":
            return Node({}, new.place)
        if new.sequence:
            merged = self._from_list(slot, new, path)
            for name in [n for n in before if n not in merged and before[n].written]:
                self.notes.append(f"{address(path)}: a list replaces the mapping; {name} falls away")
            return Node(merged, new.place)
        if not new.mapping:
            return new
        seen: set[str] = set()
        for key, child in new.value.items():
            entry = find(slot.kind, key)
            name = entry.name if entry else key
            if name in seen:
                self._twice(child, (*path, key), name)
            seen.add(name)
            if entry is None:
                before[key] = Node({}, child.place)  # the check refuses it
            elif child.value == "none":
                before.pop(name, None)
            else:
                before[name] = self.named_item(entry, before.get(name), child, (*path, key))
        return Node(before, new.place)

    def named_item(self, entry: RegistryEntry, old: Node | None, new: Node, path: Path) -> Node:
        """The keys of a part in a mapping: replaced if the value names the part or is `true`, else edited."""
        keys = Node(keys_of(entry, new, self.problems, path), new.place)
        if new.value is not True and not (new.mapping and "name" in new.value):
            return self.keys(entry.fields, old, keys, path)
        whole = self.keys(entry.fields, None, keys, path)
        self._note(path, entry.name, entry.name, old, whole)
        return whole

    def _from_list(self, slot: Slot, new: Node, path: Path) -> dict[str, Node]:
        merged: dict[str, Node] = {}
        for i, child in enumerate(new.value):
            whole = self.item(slot, child, (*path, i))
            name = part_name(whole)
            if name is None:
                self._no_part(whole, (*path, i), slot.kind)
            elif name in merged:
                self._twice(child, (*path, i), name)
            else:
                merged[name] = Node({k: v for k, v in whole.value.items() if k != "name"}, whole.place)
        return merged

    def _patterns(self, slot: Slot, old: Node | None, new: Node, path: Path) -> Node:
        if not new.mapping:
            return new
        merged = dict(old.value) if old is not None and old.mapping else {}
        for pattern, child in new.value.items():
            if child.value == "none":
                merged.pop(pattern, None)
            else:
                section = Slot("section", fields=slot.fields)
                merged[pattern] = self.combine(section, merged.get(pattern), child, (*path, pattern))
        return Node(merged, new.place)

    def _note(self, path: Path, now: str, before: str, old: Node | None, new: Node) -> None:
        lost = {
            k: v.plain()
            for k, v in (old.value if old else {}).items()
            if v.written and k != "name" and k not in new.value
        }
        if lost:
            falls = "falls" if len(lost) == 1 else "fall"
            text = ", ".join(f"{k}: {inline(v)}" for k, v in lost.items())
            self.notes.append(f"{address(path)}: {now} replaces {before}; {text} {falls} away")

    def _twice(self, node: Node, path: Path, name: str) -> None:
        self._form(node, f"{name} is written twice", "expected each part once", "remove one", path)

    def _no_part(self, node: Node, path: Path, kind: str) -> None:
        expected, fix = f"expected one of the {kind} by name", "write its name, or `{name: ...}`"
        self._form(node, f"received {inline(node.plain())}", expected, fix, path)

    def _form(self, node: Node, received: str, expected: str, fix: str, path: Path) -> None:
        problem = Problem(received, expected, fix, address(path), code="form")
        self.problems.append(node.place.locate(problem))
