"""The forms in which a part may be written.

`elu`, `{name: elu, alpha: 0.5}`, and with a single key `{elu: 0.5}` (the value of its first key),
`{elu: {alpha: 0.5}}` and `{elu: true}`.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from ..errors import Problem
from ..registry import RegistryEntry, address, find, inline
from .tree import Node, Place, Step

Path = tuple[Step, ...]


@dataclass(frozen=True)
class Named:
    """A part as the user wrote it."""

    word: str
    """Its name, or an alias."""
    place: Place
    """The position of the name."""
    keys: dict[str, Node]
    """The keys written with it."""


def named(
    kind: str, node: Node, current: Container[str], problems: list[Problem], path: Path
) -> Named | None:
    """The part that a value names, or None if it edits the part that is there already.

    current: the keys of that part; a single key among them is an edit, even if a part has the same name.
    """
    if isinstance(node.value, str):
        return Named(node.value, node.place, {})
    if not node.mapping:
        return None
    name = node.value.get("name")
    if name is not None:
        return Named(name.value, name.place, _without_name(node)) if isinstance(name.value, str) else None
    if len(node.value) == 1:
        key, value = next(iter(node.value.items()))
        entry = find(kind, key) if key not in current else None
        if entry is not None:
            return Named(key, value.place, keys_of(entry, value, problems, (*path, key)))
    return None


def item(kind: str, node: Node, problems: list[Problem], path: Path) -> Named | None:
    """The part that an item of a list names; a single key that is no part counts as a misspelt part."""
    found = named(kind, node, (), problems, path)
    if found is None and node.mapping and len(node.value) == 1 and "name" not in node.value:
        key, value = next(iter(node.value.items()))
        return Named(key, value.place, {})
    return found


def keys_of(entry: RegistryEntry, node: Node, problems: list[Problem], path: Path) -> dict[str, Node]:
    """The keys that the value after a part's name sets.

    A mapping sets its keys, `true` sets none, any other value sets the first key.
    """
    if node.mapping:
        name = node.value.get("name")
        if name is not None and (
            not isinstance(name.value, str) or find(entry.kind, name.value) is not entry
        ):
            text = f"the name {inline(name.plain())} is inside {entry.name}"
            problems.append(
                _problem(
                    name.place, (*path, "name"), text, f"expected keys of {entry.name}", "leave `name` out"
                )
            )
        return _without_name(node)
    if node.value is True:
        return {}
    if node.value is None or node.value is False:
        received = "nothing is written here" if node.value is None else "received false"
        fix = f"write `{entry.name}: true` for its defaults, `{entry.name}: none` to do without"
        problems.append(_problem(node.place, path, received, f"expected keys of {entry.name}", fix))
        return {}
    if entry.first_key is None:
        text = f"received {inline(node.plain())}"
        problems.append(
            _problem(node.place, path, text, f"{entry.name} has no keys", f"write `{entry.name}: true`")
        )
        return {}
    return {entry.first_key: node}


def _without_name(node: Node) -> dict[str, Node]:
    return {key: child for key, child in node.value.items() if key != "name"}


def _problem(place: Place, path: Path, received: str, expected: str, fix: str) -> Problem:
    return place.locate(Problem(received, expected, fix, address(path), code="form"))
