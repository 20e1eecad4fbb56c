"""`dnnlab show NAME`: all that there is to know of a part."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...registry import inline
from ..terminal.text import clean, columns, labelled, next_lines, wrap
from ..terminal.yaml import yaml_lines

Face = Mapping[str, Any]
INDENT = 10
_SCALARS = {
    "number": "number",
    "integer": "whole number",
    "boolean": "true or false",
    "string": "text",
    "any": "anything",
}
_UNWRITTEN = "-: what the net has, if it is not written; refused if there is nothing that it could change"
_SIGN = re.compile("([<>]=?) ")
_BOUNDS = (("exclusiveMinimum", ">"), ("minimum", ">="), ("exclusiveMaximum", "<"), ("maximum", "<="))


def part_lines(face: Face, following: Sequence[str], width: int) -> list[str]:
    """The screen of a part. following: the commands after `next`."""
    aliases = f"also called {', '.join(face['aliases'])}" if face["aliases"] else ""
    lines = labelled("", f"{face['kind']}.{face['name']}", indent=1, width=width, right=clean(aliases))
    lines += ["", *definition_lines(face["definition"], width), ""]
    common = set(face["common"])
    keys: dict[str, Face] = face["keys"]
    lines += key_lines("keys", {k: v for k, v in keys.items() if k not in common}, width)
    lines += key_lines("common", {k: v for k, v in keys.items() if k in common}, width)
    if any("default" not in keys[name] and not keys[name].get("required") for name in common):
        lines += labelled("", _UNWRITTEN, indent=INDENT, width=width)
    lines += [
        line for text in legend(keys.values()) for line in labelled("", text, indent=INDENT, width=width)
    ]
    for library in ("torch", "keras"):
        if library in face["conversions"]:
            lines += labelled(library, face["conversions"][library], indent=INDENT, width=width)
    foreign = [foreign_words(key, line) for key, line in face["hints"].items()]
    lines += [
        row
        for i, text in enumerate(foreign)
        for row in labelled("" if i else "foreign", text, indent=INDENT, width=width)
    ]
    lines += labelled("source", face["source"], indent=INDENT, width=width)
    if face["plugin"]:
        lines += labelled("plugin", face["plugin"], indent=INDENT, width=width, whole=True)
    lines += [" yaml", "", *yaml_lines(face["yaml"]["short"], width)]
    if face["yaml"]["long"] != face["yaml"]["short"]:
        lines += ["", "# with every key", *yaml_block(face["yaml"]["long"], width)]
    return [*lines, "", *next_lines(list(following), width)]


def section_lines(face: Face, following: Sequence[str], width: int) -> list[str]:
    """The screen of a section of a config. following: the commands after `next`."""
    lines = [f" {face['section']}", "", *definition_lines(face["definition"], width), ""]
    lines += key_lines("keys", face["keys"], width)
    lines.append("")
    indent = max(map(len, face["keys"])) + 3
    for name, form in face["keys"].items():
        lines += labelled(name, form["description"], indent=indent, width=width)
    return [*lines, "", *next_lines(list(following), width)]


def foreign_words(key: str, line: str) -> str:
    """What is to be written instead of a key of another tool.

    >>> foreign_words("momentum", "betas: [{value}, 0.999]")
    'momentum: x is betas: [x, 0.999]'
    """
    if "{value}" in line:
        return f"{key}: x is {line.replace('{value}', 'x')}"
    return f"{key}: {'' if line.startswith('leave') else 'write '}{line}"


def definition_lines(text: str, width: int) -> list[str]:
    """A docstring in the screen's width: paragraphs are wrapped again, indented blocks (tables) are kept."""
    lines: list[str] = []
    paragraph: list[str] = []

    def fill() -> None:
        if paragraph:
            lines.extend(f" {line}" for line in wrap(clean(" ".join(paragraph)), width - 1))
            paragraph.clear()

    for line in text.split("\n"):
        if not line.strip() or line.startswith(" "):
            fill()
            lines.append(f" {clean(line)}".rstrip())
        else:
            paragraph.append(line.strip())
    fill()
    return lines


def _default_words(key: Face) -> str:
    if key.get("required"):
        return "required"
    return inline(key["default"]) if "default" in key else "-"


def key_lines(label: str, keys: Mapping[str, Face], width: int) -> list[str]:
    """A row a key: name, default (or that it must be written), what it takes."""
    if not keys:
        return [f" {label:<{INDENT - 1}}none"] if label == "keys" else []
    rows = [(clean(k), _default_words(f), type_words(f)) for k, f in keys.items()]
    first, second = (max(columns(row[i]) for row in rows) + 2 for i in (0, 1))
    second = min(second, 26)
    lines = []
    for i, (name, default, words) in enumerate(rows):
        head = f"{'' if i else f' {label}':<{INDENT}}{name:<{first}}{clean(default):<{second}}"
        # A sign stays with its number.
        pieces = [
            p.replace("\0", " ")
            for p in wrap(_SIGN.sub("\\1\0", clean(words)), max(width - INDENT - first - second, 20))
        ]
        if columns(head) > INDENT + first + second:  # a long default: what the key takes goes below
            lines.append(head)
            head = " " * (INDENT + first + second)
        lines += [(head if j == 0 else " " * columns(head)) + piece for j, piece in enumerate(pieces)]
    return lines


def type_words(form: Face) -> str:
    """`number >= 0 and < 1`, `linear, cosine`, `whole number >= 1 or none`."""
    words = _words(form)
    return f"{words} or none" if form.get("optional") else words


def _words(form: Face) -> str:
    if "anyOf" in form:
        return " or ".join(_words(one) for one in form["anyOf"])
    if "enum" in form:
        return ", ".join(inline(word) for word in form["enum"])
    kind = str(form["type"])
    if kind in ("part", "parts"):
        return f"{'a part' if kind == 'part' else 'parts'} of the kind {form['kind']}"
    if kind == "list":
        items = form["items"]
        if isinstance(items, list):
            each = list(dict.fromkeys(_words(item) for item in items))
            return (
                f"[{', '.join(_words(i) for i in items)}]"
                if len(each) > 1
                else f"list of {len(items)}, each {each[0]}"
            )
        return f"list, each {_words(items)}"
    if "keys" in form:
        return f"{{{', '.join(form['keys'])}}}"
    if kind == "mapping":
        return f"mapping to {_words(form['values'])}"
    limits = [f"{sign} {inline(form[bound])}" for bound, sign in _BOUNDS if bound in form]
    return " ".join([_SCALARS.get(kind, kind), " and ".join(limits)]).strip()


def legend(forms: Any) -> list[str]:
    """What the words mean that are types of dnnlab's own: `duration: A length of training ...`."""
    found = {
        one["type"]: f"{one['type']}: {one['form']}"
        for form in forms
        for one in _inner(form)
        if one.get("form")
    }
    return list(found.values())


def _inner(form: Face) -> Iterator[Face]:
    """The form of a key and those within it."""
    items = form.get("items", [])
    yield form
    for one in (*form.get("anyOf", []), *(items if isinstance(items, list) else [items])):
        yield from _inner(one)


def yaml_block(data: Mapping[str, Any], width: int) -> list[str]:
    """The part with one line a key, wherever it stands in the config."""
    (key, value), *_ = data.items()
    inner = value[0] if isinstance(value, list) and len(value) == 1 else value
    if isinstance(value, list) or not isinstance(inner, Mapping) or len(inner) < 2:
        return yaml_lines(data, width)
    return [f"{key}:", *yaml_lines(inner, width, 2)]
