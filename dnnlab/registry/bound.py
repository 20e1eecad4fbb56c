"""`Bound`: a part with its keys, which only needs the runtime objects of its kind to be built."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic_core import PydanticCustomError

from .catalog import find
from .plain import UNWRITTEN, plain

if TYPE_CHECKING:
    from .entry import RegistryEntry


@dataclass(frozen=True)
class Bound:
    """A part whose keys are checked. Calling it with the runtime objects of its kind builds the object."""

    entry: RegistryEntry
    """The registered part."""
    keys: Mapping[str, Any]
    """The part's own keys with their validated values (durations, bound parts ...)."""
    common: Mapping[str, Any] = field(default_factory=dict)
    """The keys that all parts of the kind share; those that may stay unwritten only if they are written."""

    @property
    def name(self) -> str:
        """The part's name."""
        return self.entry.name

    def flag(self, name: str) -> Any:
        """The value of one of the kind's flags."""
        return self.entry.flags[name]

    def flag_of_keys(self, name: str) -> Any:
        """The value of a flag that may be a function of the part's keys."""
        flag = self.flag(name)
        return flag(**self.keys) if callable(flag) else flag

    def __call__(self, *runtime: Any) -> Any:
        """Build the object."""
        return self.entry.function(*runtime, **self.keys)

    def plain(self) -> dict[str, Any]:
        """`{name, keys ...}` as plain YAML data with all defaults written out."""
        return {"name": self.name, **{k: plain(v) for k, v in (*self.keys.items(), *self.common.items())}}

    def __str__(self) -> str:
        keys = ", ".join(f"{k}={v}" for k, v in self.plain().items() if k != "name")
        return f"{self.name}({keys})" if keys else self.name


def nested(bound: Bound, kind: str) -> Iterator[tuple[str, Bound]]:
    """(address inside `bound`, part) of every part of a kind that it holds.

    A part comes before the parts that it holds itself.
    """
    for key, value in {**bound.keys, **bound.common}.items():
        items = (
            [(f"{key}.{i}", item) for i, item in enumerate(value)]
            if isinstance(value, list | tuple)
            else [(key, value)]
        )
        for address, item in items:
            if isinstance(item, Bound):
                yield from [(address, item)] if item.entry.kind == kind else []
                yield from ((f"{address}.{inner}", part) for inner, part in nested(item, kind))


def bind_raw(kind: str, raw: Any) -> Bound:
    """Check `"relu"` or `{"name": "elu", "alpha": 0.5}` and bind it.

    Raises pydantic's errors, so it nests inside models.
    """
    if isinstance(raw, Bound):
        return raw
    if isinstance(raw, str):
        raw = {"name": raw}
    if not isinstance(raw, dict) or not isinstance(raw.get("name"), str):
        raise PydanticCustomError("part_form", "{kind}", {"kind": kind})
    entry = find(kind, raw["name"])
    if entry is None:
        raise PydanticCustomError("unknown_part", "{name}", {"kind": kind, "name": raw["name"]})
    checked = entry.model.model_validate({k: v for k, v in raw.items() if k != "name"})
    own = entry.own_fields
    keys = {k: v for k, v in checked.__dict__.items() if k in own}
    unwritten = {
        k for k, field in entry.fields.items() if field.default is UNWRITTEN
    } - checked.model_fields_set
    return Bound(entry, keys, {k: v for k, v in checked.__dict__.items() if k not in {*own, *unwritten}})


def named(kind: str, raw: Any) -> Any:
    """A mapping of parts whose keys are copied into the values as `name`, so that each can be bound."""
    if not isinstance(raw, dict):
        raise PydanticCustomError("map_form", "{kind}", {"kind": kind})
    return {name: _with_name(name, value) for name, value in raw.items()}


def _with_name(name: Any, value: Any) -> Any:
    if value is None or value is True:
        return {"name": name}
    return {**value, "name": name} if isinstance(value, dict) else value
