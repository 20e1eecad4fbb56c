"""Plain data as YAML that fits a screen: in one line if there is room, else in a block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...registry import inline
from .text import columns


def yaml_lines(data: Mapping[Any, Any], width: int, indent: int = 0) -> list[str]:
    """The mapping as lines of YAML that dnnlab reads back as the same data.

    >>> yaml_lines({"data": "digits", "optimizer": {"name": "adam", "lr": 0.01}}, 30)
    ['data: digits', 'optimizer:', '  name: adam', '  lr: 0.01']
    """
    return [line for key, value in data.items() for line in _entry(f"{inline(key)}:", value, width, indent)]


def _entry(head: str, value: Any, width: int, indent: int) -> list[str]:
    before = " " * indent + head
    line = f"{before} {inline(value)}"
    if columns(line) <= width or not value or not isinstance(value, Mapping | list | tuple):
        return [line]
    if isinstance(value, Mapping):
        return [before, *yaml_lines(value, width, indent + 2)]
    return [before, *_items(value, width, indent + 2)]


def _items(items: Sequence[Any], width: int, indent: int) -> list[str]:
    lines: list[str] = []
    for item in items:
        line = f"{' ' * indent}- {inline(item)}"
        if columns(line) <= width or not isinstance(item, Mapping) or not item:
            lines.append(line)
            continue
        block = yaml_lines(item, width, indent + 2)
        lines += [f"{' ' * indent}- {block[0].lstrip()}", *block[1:]]
    return lines
