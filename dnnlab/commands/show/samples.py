"""YAML to copy: a part at its place in a config, in its shortest form and with every key."""

from __future__ import annotations

from typing import Any

from ...registry import RegistryEntry, plain
from ...registry.plain import UNWRITTEN
from .keys import default_of

INTERVAL = "50 steps"


def short_sample(entry: RegistryEntry) -> dict[str, Any]:
    """A config's section with the part in its shortest form, as plain data."""
    needed = {name: _value(entry, name) for name, key in entry.fields.items() if key.required}
    if entry.kind == "regularizers":
        first = entry.first_key
        whole: Any = needed or (True if first is None else _value(entry, first))
        return {"regularizers": {entry.name: whole}}
    return _placed(entry, {"name": entry.name, **needed} if needed else entry.name)


def long_sample(entry: RegistryEntry) -> dict[str, Any]:
    """The same with all keys at their defaults; keys that have none take those of the part's example."""
    keys = {name: _value(entry, name) for name, key in entry.fields.items() if key.default is not UNWRITTEN}
    if entry.kind == "regularizers":
        return {"regularizers": {entry.name: keys or True}}
    return _placed(entry, {"name": entry.name, **keys} if keys else entry.name)


def _value(entry: RegistryEntry, name: str) -> Any:
    return default_of(entry.fields[name], plain(entry.example.get(name, "VALUE")))


def _placed(entry: RegistryEntry, part: Any) -> dict[str, Any]:
    """The part at its place in a config."""
    if entry.kind == "metrics":
        return {"metrics": [part]}
    if entry.kind == "augment":
        # Digits of 28x28 pixels, where every default acts; photographs where colours are needed, or a digit
        # would become another.
        photographs = entry.flags["rgb"] or entry.flags["may_change_label"] is True
        images = {"name": "image_folder", "path": "photos"} if photographs else {"name": "mnist"}
        return {"data": {**images, "augment": [part]}}
    if entry.kind == "layer":
        before = (
            ["flatten"] if entry.flags["prefix"] == "hidden" else []
        )  # most data that one begins with are images
        return {"architecture": {"name": "sequential", "layers": [*before, part]}}
    if entry.kind == "probe":
        return {"logging": {"probes": {entry.name: INTERVAL}}}
    return {entry.kind: part}
