"""Addresses of a config: keys joined by dots, such as `per_layer."hidden.*".dropout`.

A key that holds dots or brackets is quoted. An item of a list has its index, or the name of its part.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ..errors import ConfigError, Problem
from ..registry import inline, show
from .python_values import from_python
from .tree import Node, Place, Step, tree
from .yaml_reader import read_yaml

_STEP = re.compile(r'"((?:[^"]|"")*)"|([^.\[\]"=+\s]+)')


@dataclass(frozen=True)
class Override:
    """One change on top of the files."""

    address: tuple[Step, ...]
    """Where the change is made."""
    operation: Literal["set", "append"]
    """set: put the value, or remove what is there if the value is `none`. append: add an item to a list."""
    value: Node
    """The value."""
    text: str
    """The override as it was written."""


def parse_address(text: str) -> tuple[Step, ...]:
    """`per_layer."hidden.*".dropout` as its steps; a bare number is an index. Raises `ConfigError`."""
    steps, rest = _split(text)
    if rest or not steps:
        raise ConfigError(_unreadable(text, f"received {show(text)}"))
    return steps


def parse_override(text: str, folder: Path | None = None) -> Override:
    """Read `KEY=VALUE` or `KEY+=VALUE`; the value is YAML, `none` removes. Raises `ConfigError`.

    folder: the folder of relative paths in the value, by default that of the shell.
    """
    steps, rest = _split(text)
    operation: Literal["set", "append"] = "append" if rest.startswith("+=") else "set"
    sign = "+=" if operation == "append" else "="
    if not steps or not rest.startswith(sign):
        raise ConfigError(_unreadable(text, f"received {show(text)}", "expected KEY=VALUE or KEY+=VALUE"))
    key, written = text[: len(text) - len(rest)], rest[len(sign) :]
    node, problems = read_yaml(written, None, folder or Path.cwd())
    if problems or node is None:
        raise ConfigError(
            *(Problem(f"{show(text)}: {p.received}", p.expected, p.fix, key, code=p.code) for p in problems)
        )
    if node.value is None and not node.sequence:
        fix = f"write {key}=none to remove it"
        raise ConfigError(
            Problem(f"{show(text)} has no value", "expected KEY=VALUE", fix, key, code="override")
        )
    return Override(steps, operation, node, text)


def override_of(key: str, value: Any) -> Override:
    """The override of a key from Python (`{"optimizer.lr": 0.1}`; a key that ends in `+` appends).

    Raises `ConfigError`.
    """
    steps, rest = _split(key)
    if not steps or rest not in ("", "+"):
        raise ConfigError(_unreadable(key, f"received {show(key)}"))
    plain = from_python(value, steps)
    node = tree("none" if plain is None else plain, Place(folder=Path.cwd()))
    return Override(steps, "append" if rest else "set", node, f"{key}={inline(plain)}")


def _split(text: str) -> tuple[tuple[Step, ...], str]:
    """The steps at the start of a text, and the rest of the text."""
    steps: list[Step] = []
    position = 0
    while match := _STEP.match(text, position):
        quoted, bare = match[1], match[2]
        steps.append(
            int(bare) if bare and re.fullmatch("[0-9]{1,9}", bare) else bare or quoted.replace('""', '"')
        )
        position = match.end()
        if text[position : position + 1] != ".":
            break
        position += 1
        if position == len(text):
            return (), text
    return tuple(steps), text[position:]


def _unreadable(
    text: str, received: str, expected: str = "expected an address, such as optimizer.lr"
) -> Problem:
    fix = (
        "keys are joined by dots (items of lists by their number); "
        "a key with dots or brackets needs double quotes"
    )
    if "[" in text.split("=", 1)[0]:
        fix = (
            "write layers.0 for an item of a list, and quote a key with brackets: "
            'per_layer."hidden[12]".dropout'
        )
    return Problem(received, expected, fix, code="address")
