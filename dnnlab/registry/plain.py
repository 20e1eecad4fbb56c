"""Validated values as plain YAML data."""

from __future__ import annotations

from typing import Any

UNWRITTEN: Any = type("Unwritten", (), {"__repr__": lambda self: "UNWRITTEN"})()
"""The default of a key that may stay unwritten: its value is None then, and `none` is no value of it."""


def plain(value: Any) -> Any:
    """A validated value as plain YAML data."""
    if hasattr(value, "plain"):
        return value.plain()
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {plain(k): _without_name(k, plain(v)) for k, v in value.items()}
    return "none" if value is None else value


def _without_name(key: Any, value: Any) -> Any:
    # In a mapping of parts, the key is the name already.
    if isinstance(value, dict) and value.get("name") == key:
        return {k: v for k, v in value.items() if k != "name"}
    return value
