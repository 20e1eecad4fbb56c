"""The keys of a part as plain data (type, range, default, text), and YAML to copy with them."""

from __future__ import annotations

import inspect
import types
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from ...registry import KINDS, Field, RegistryEntry, Value, plain
from ...registry.json_schema import range_of
from ...registry.key_docs import field_texts, key_texts
from ...registry.model import REQUIRED, alternatives, reference_in, section_in
from ...registry.plain import UNWRITTEN

Form = dict[str, Any]

_SCALARS = {int: "integer", float: "number", bool: "boolean", str: "string", Any: "any"}
_REFERENCES = {"one": "part", "list": "parts", "map": "parts"}


def keys_of(entry: RegistryEntry) -> dict[str, Form]:
    """Key -> {type, minimum ..., optional, default or required, description}, the part's own keys first.

    `none` stands for no value, as in YAML: `optional` says that a key takes it. Ranges are named as in JSON
    Schema.
    """
    common = KINDS[entry.kind].common_for(entry.flags)
    texts = {
        **(field_texts(common) if common else {}),
        **key_texts(entry.doc, entry.own_fields),
    }
    return forms_of(entry.fields, texts)


def forms_of(keys: Mapping[str, Field], texts: Mapping[str, str]) -> dict[str, Form]:
    """The same for any keys. texts: what is said of each."""
    found = {}
    for name, key in keys.items():
        form = form_of(key.annotation)
        if key.default is REQUIRED:
            form["required"] = True
        elif key.default is UNWRITTEN:
            form["required"] = False  # and no default: unwritten is not none
        else:
            form["default"] = plain(key.default)
        found[name] = {**form, **({"description": texts[name]} if name in texts else {})}
    return found


def form_of(annotation: Any) -> Form:
    """Type and range of the values that an annotation allows.

    >>> form_of(int | None)
    {'type': 'integer', 'optional': True}
    """
    if (reference := reference_in(annotation)) is not None:
        return {"type": _REFERENCES[reference[0]], "kind": reference[1]}
    if annotation in _SCALARS:
        return {"type": _SCALARS[annotation]}
    if isinstance(annotation, type) and issubclass(annotation, Value):
        return {
            "type": annotation.__name__.lower(),
            "form": (inspect.getdoc(annotation) or "").split("\n", 1)[0],
        }
    if (section := section_in(annotation)) is not None:
        return {"type": "mapping", "keys": forms_of(section.yaml_keys, field_texts(section))}
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return {**form_of(arguments[0]), **range_of(annotation.__metadata__)}
    if origin is Literal:
        return {"type": _joined(_SCALARS[type(word)] for word in arguments), "enum": list(arguments)}
    if origin in (Union, types.UnionType):
        return _either(alternatives(annotation))
    return _container(origin, arguments)


def default_of(key: Field, example: Any = None) -> Any:
    """The default as YAML writes it; `example` if the key is required."""
    return plain(example) if key.default is REQUIRED else plain(key.default)


def _joined(words: Iterable[str]) -> str:
    return " or ".join(dict.fromkeys(words))


def _either(members: tuple[Any, ...]) -> Form:
    forms = [form_of(member) for member in members if member is not type(None)]
    whole = forms[0] if len(forms) == 1 else {"type": _joined(f["type"] for f in forms), "anyOf": forms}
    return {**whole, **({"optional": True} if type(None) in members else {})}


def _container(origin: Any, arguments: tuple[Any, ...]) -> Form:
    if origin is dict:
        return {"type": "mapping", "values": form_of(arguments[1])}
    if origin is tuple and Ellipsis not in arguments:
        return {"type": "list", "items": [form_of(a) for a in arguments]}
    return {"type": "list", "items": form_of(arguments[0])} if arguments else {"type": "any"}


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
