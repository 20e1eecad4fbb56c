"""A config before the check: a tree of plain values, each with its position in the files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import Problem

Step = str | int


@dataclass(frozen=True)
class Place:
    """The position of a value. A value from the command line or from Python has no file."""

    file: str | None = None
    """The file, as the user named it."""
    line: int | None = None
    """The line, from 1."""
    column: int | None = None
    """The column, from 1."""
    folder: Path | None = None
    """The folder of its relative paths: that of the file, or of the shell."""

    def locate(self, problem: Problem) -> Problem:
        """The problem at this position."""
        return problem.at(self.file, self.line, self.column)


NOWHERE = Place()


@dataclass(frozen=True)
class Node:
    """One value of the tree. Nodes are never changed, only replaced."""

    value: Any
    """A scalar, a dict of nodes or a list of nodes."""
    place: Place = NOWHERE
    """Its position."""
    written: bool = True
    """False for a default."""
    typed: str = ""
    """How a number was written, such as 1E2; "" for everything else."""

    @property
    def mapping(self) -> bool:
        """Whether this is a mapping."""
        return isinstance(self.value, dict)

    @property
    def sequence(self) -> bool:
        """Whether this is a list."""
        return isinstance(self.value, list)

    def plain(self) -> Any:
        """The value without positions."""
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.value.items()}
        return [child.plain() for child in self.value] if isinstance(self.value, list) else self.value

    def child(self, step: Step) -> Node | None:
        """The value under a key, an index, or (in a list of parts) the name of a part that occurs once."""
        if isinstance(self.value, dict):
            return self.value.get(str(step))
        if not isinstance(self.value, list):
            return None
        index = step if isinstance(step, int) else self.index_of(step)
        return self.value[index] if index is not None and 0 <= index < len(self.value) else None

    def index_of(self, name: str) -> int | None:
        """The index of the only part of that name in a list of parts."""
        found = [
            i
            for i, item in enumerate(self.value)
            if item.mapping and "name" in item.value and item.value["name"].value == name
        ]
        return found[0] if len(found) == 1 else None

    def along(self, steps: Sequence[Step]) -> Iterator[Node]:
        """This node and the nodes below it along `steps`, as far as they exist."""
        node: Node | None = self
        yield self
        for step in steps:
            node = node.child(step) if node else None
            if node is None:
                return
            yield node

    def writes(self, steps: Sequence[Step]) -> bool:
        """Whether the user wrote the key at this address, in a file or an override."""
        along = list(self.along(steps))
        return len(along) == len(steps) + 1 and along[-1].written


def located(problem: Problem, location: Sequence[Step], root: Node) -> Problem:
    """The problem with the position of the deepest written key along its location.

    A key from the command line has no position. A problem that has one keeps it.
    """
    written = [node for node in root.along(location) if node.written]
    return written[-1].place.locate(problem) if problem.file is None else problem


def tree(value: Any, place: Place = NOWHERE, *, written: bool = True) -> Node:
    """Plain data as a tree, every node with the same position."""
    if isinstance(value, dict):
        return Node({str(key): tree(v, place, written=written) for key, v in value.items()}, place, written)
    if isinstance(value, list | tuple):
        return Node([tree(v, place, written=written) for v in value], place, written)
    return Node(value, place, written)
