"""Pydantic's errors as problems: received, expected, and a fix that names the nearest known word."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from ..errors import Problem
from . import catalog
from .inline_yaml import inline

Location = tuple[str | int, ...]
_PLAIN_KEY = re.compile(r'(?![0-9]+\Z)[^.\[\]"=+\s]+')
_BOUNDS = {
    "greater_than": ("gt", ">"),
    "greater_than_equal": ("ge", ">="),
    "less_than": ("lt", "<"),
    "less_than_equal": ("le", "<="),
}
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
    "invalid_key": "a text as key",
}
MOST_EXPLAINED = 100
"""Problems of one config that are explained with the nearest known name; nobody reads more."""
MOST_NAMES = 8  # in one error, unless none of them looks like what was written
_SINGULAR = {"metrics": "metric", "regularizers": "regularizer", "data": "data set"}


def problems_of(
    error: ValidationError, place: Callable[[Location], Any] | None = None
) -> list[tuple[Location, Problem]]:
    """(location, problem) of each error; several errors at one location become one problem.

    place: what to sort by. Only the first `MOST_EXPLAINED` are looked up among the known names, which takes
    time.
    """
    gathered: dict[Location, list[Mapping[str, Any]]] = {}
    for item in error.errors(include_url=False):
        # "[key]" is pydantic's mark for "the key itself", no key of the file.
        location = tuple(step for step in item["loc"] if step != "[key]")
        gathered.setdefault(location, []).append(item)
    found = sorted(gathered.items(), key=lambda pair: place(pair[0])) if place else list(gathered.items())
    return [
        (location, _problem(location, items, near=i < MOST_EXPLAINED))
        for i, (location, items) in enumerate(found)
    ]


def address(location: Sequence[str | int]) -> str:
    """Keys joined by dots; a key with signs of the grammar, such as dots, is put in double quotes."""
    return ".".join(_step(step) for step in location)


def _step(step: str | int) -> str:
    if isinstance(step, int) or _PLAIN_KEY.fullmatch(step):
        return str(step)
    return '"' + step.replace('"', '""') + '"'


def show(value: Any) -> str:
    """A received value as YAML, texts in quotes, shortened to 60 characters."""
    text = f'"{value}"' if isinstance(value, str) else inline(value)
    return text if len(text) <= 60 else text[:57] + "..."


def kind_word(kind: str) -> str:
    """The word for one part of a kind, with its article: "an optimizer", "a metric"."""
    word = _SINGULAR.get(kind, kind).replace("_", " ")
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"


def unknown_part(kind: str, name: str, words: Sequence[str] = ()) -> tuple[str, str, str]:
    """(received, expected, fix) for an unknown part; `words` (auto, none) are allowed besides parts."""
    near = catalog.nearest(kind, name)
    nothing = name.lower() in ("none", "null") and "none" not in words
    neutral = [e.name for e in catalog.entries(kind) if nothing and e.flags.get("neutral")]
    close = [*neutral, *difflib.get_close_matches(name, words, n=1), *near]
    fix = f"did you mean {close[0]}?" if close else f"`dnnlab list {kind}` shows them"
    return (
        f'no {kind_word(kind).split(" ", 1)[1]} is called "{name}"',
        known_parts(kind, [*neutral, *near], words),
        fix,
    )


def known_parts(kind: str, near: Sequence[str] = (), words: Sequence[str] = ()) -> str:
    """`known: adam, adamw and 13 others, auto`.

    Of many parts only those near the written name are listed, if there are any.
    """
    names = [e.name for e in catalog.entries(kind)]
    meant = [entry.name for name in near if (entry := catalog.find(kind, name)) is not None]
    if meant and len(names) > MOST_NAMES:
        names = list(dict.fromkeys(meant))
        names[-1] += f" and {len(catalog.entries(kind)) - len(names)} others"
    return f"known: {', '.join([*names, *words])}"


def is_range(item: Mapping[str, Any]) -> bool:
    """Whether a pydantic error is about a number outside its range."""
    return item["type"] in _BOUNDS


def expectation(item: Mapping[str, Any]) -> str:
    """The expected value, according to one pydantic error."""
    kind, context = item["type"], item.get("ctx", {})
    if kind in _BOUNDS:
        key, sign = _BOUNDS[kind]
        return f"a number {sign} {context[key]:g}"
    if kind == "value":
        return str(context["expected"])
    if kind == "literal_error":
        return str(context["expected"]).replace("'", "")
    if kind == "too_long":
        return f"at most {context['max_length']} items"
    if kind == "part_form":
        names = [*(e.name for e in catalog.entries(context["kind"]))]
        shown = [
            *names[:MOST_NAMES],
            *(["..."] if len(names) > MOST_NAMES else []),
            *context.get("words", ()),
        ]
        return f"{kind_word(context['kind'])} by name ({', '.join(shown)})"
    if kind == "map_form":
        example = ", ".join(f"{e.name}: ..." for e in catalog.entries(context["kind"])[:1])
        return f"a mapping of {context['kind']}, such as {{{example}}}"
    return _TYPES.get(kind, str(item["msg"]))


def close_key(key: str, known: Sequence[str]) -> str | None:
    """The known key that looks most like `key`."""
    found = difflib.get_close_matches(key, known, n=1)
    return found[0] if found else None


def _problem(location: Location, items: list[Mapping[str, Any]], *, near: bool) -> Problem:
    first = items[0]
    kind, received, context = first["type"], first.get("input"), first.get("ctx", {})
    path = address(location)
    if kind == "extra_forbidden":
        return Problem("no such key", path=path, code="unknown_key")
    if kind == "missing" and isinstance(location[-1], int):
        return Problem(
            f"the list ends after {location[-1]} items",
            "expected more items",
            path=address(location[:-1]),
            code="wrong_type",
        )
    if kind == "missing":
        return Problem("a key is missing", expected=f"write {path}: ...", path=path, code="missing_key")
    if kind == "unknown_part" and not near:
        return Problem(f'no part is called "{context["name"]}"', path=path, code="unknown_part")
    if kind == "unknown_part":
        text, expected, fix = unknown_part(context["kind"], context["name"], context.get("words", ()))
        return Problem(text, expected, fix, path=path, code="unknown_part")
    expected = " or ".join(dict.fromkeys(expectation(item) for item in items))
    code = context.get("code", "out_of_range" if is_range(first) else "wrong_type")
    return Problem(
        f"received {show(received)}",
        f"expected {expected}",
        _close_word(received, first) if near else "",
        path=path,
        code=code,
    )


def _close_word(received: Any, item: Mapping[str, Any]) -> str:
    """A question such as `did you mean bf16?` for a word that is close to an allowed one, else ""."""
    words = item.get("ctx", {}).get("words", ()) or re.findall(
        r"'([^']*)'", str(item.get("ctx", {}).get("expected", ""))
    )
    close = (
        difflib.get_close_matches(received, [w for w in words if isinstance(w, str)], n=1)
        if isinstance(received, str)
        else []
    )
    return f"did you mean {close[0]}?" if close else ""
