"""Pydantic's errors in dnnlab's words: what was received, what was expected, how to fix it, nearest name included."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from ..errors import Problem
from . import book
from .kinds import KINDS

Location = tuple[str | int, ...]
_BOUNDS = {"greater_than": ("gt", ">"), "greater_than_equal": ("ge", ">="), "less_than": ("lt", "<"), "less_than_equal": ("le", "<=")}
_TYPES = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "string_type": "a text",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "none_required": "none",
    "finite_number": "a finite number",
}


def problems_of(error: ValidationError) -> list[tuple[Location, Problem]]:
    """Each problem with the location pydantic gave it (addresses as path). Alternatives of one union are gathered into one problem."""
    gathered: dict[Location, list[Mapping[str, Any]]] = {}
    for item in error.errors(include_url=False):
        gathered.setdefault(_address(item["loc"]), []).append(item)  # type: ignore[arg-type]
    return [(location, _problem(location, items)) for location, items in gathered.items()]


def address(location: Sequence[str | int]) -> str:
    """Keys joined by dots, quoted where they hold dots or brackets."""
    return ".".join(f'"{k}"' if isinstance(k, str) and any(c in k for c in '.[]"') else str(k) for k in location)


def show(value: Any) -> str:
    """A received value as YAML would write it, shortened."""
    words = {True: "true", False: "false", None: "none"}
    text = words[value] if isinstance(value, bool) or value is None else f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def unknown_part(kind: str, name: str) -> tuple[str, str, str]:
    """received, expected and fix for a part that does not exist."""
    close = book.nearest(kind, name)
    known = ", ".join(e.name for e in book.entries(kind))
    fix = f"did you mean {close[0]}?" if close else f"`dnnlab list {kind}` shows them"
    return f'no {kind.replace("_", " ")} is called "{name}"', f"known: {known}", fix


def _address(location: tuple[Any, ...]) -> Location:
    # Pydantic adds tags of union members ("function-plain[...]", "constrained-int", "literal['full']") that are no keys of the file.
    def is_tag(item: Any) -> bool:
        return isinstance(item, str) and (item in _TAGS or "[" in item)

    return tuple(item for item in location if not is_tag(item))


_TAGS = frozenset({"int", "float", "bool", "str", "constrained-int", "constrained-float", "none", "nullable", "list", "dict", "any", "is-instance"})


def _problem(location: Location, items: list[Mapping[str, Any]]) -> Problem:
    first = items[0]
    kind, received = first["type"], first.get("input")
    path = address(location)
    if kind == "extra_forbidden":
        return Problem("no such key", path=path, code="unknown_key")
    if kind == "missing":
        return Problem("a key is missing", expected=f"write {path}: ...", path=path, code="missing_key")
    if kind == "unknown_part":
        text, expected, fix = unknown_part(first["ctx"]["kind"], first["ctx"]["name"])
        return Problem(text, expected, fix, path=path, code="unknown_part")
    expected = " or ".join(dict.fromkeys(_expected(item) for item in items))
    code = "out_of_range" if kind in _BOUNDS else "wrong_type"
    return Problem(f"received {show(received)}", f"expected {expected}", path=path, code=code)


def _expected(item: Mapping[str, Any]) -> str:
    kind, context = item["type"], item.get("ctx", {})
    if kind in _BOUNDS:
        key, sign = _BOUNDS[kind]
        return f"a number {sign} {context[key]:g}"
    if kind in ("value", "literal_error"):
        return str(context["expected"])
    if kind == "part_form":
        names = [e.name for e in book.entries(context["kind"])]
        return f"a {context['kind'].replace('_', ' ')} by name ({', '.join(names[:8])}{', ...' if len(names) > 8 else ''})"
    if kind == "map_form":
        return f"a mapping of {context['kind']}, such as {{{book.entries(context['kind'])[0].name}: ...}}"
    return _TYPES.get(kind, item["msg"])


def close_key(key: str, known: Sequence[str]) -> str | None:
    """The known key that looks most like `key`."""
    found = difflib.get_close_matches(key, known, n=1)
    return found[0] if found else None


def kind_exists(kind: str) -> bool:
    """Whether parts of this kind exist at all."""
    return kind in KINDS
