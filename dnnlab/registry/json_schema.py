"""Annotations of keys as JSON Schemas of draft 7, the draft that editors read.

Draft 7 has no `prefixItems`, and ignores the keys next to a `$ref`, so neither is written here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt

from .key_docs import field_texts
from .model import REQUIRED, Field, alternatives, reference_in, section_in
from .plain import UNWRITTEN, plain
from .values import Value

Schema = dict[str, Any]
Refer = Callable[[str, str, Any], Schema]
"""("one" | "list" | "map", kind, default of the key) -> the schema of a key that holds parts."""

_SCALARS: dict[Any, Schema] = {
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    str: {"type": "string"},
    Any: {},
}
_BOUNDS = {
    Gt: ("exclusiveMinimum", "gt"),
    Ge: ("minimum", "ge"),
    Lt: ("exclusiveMaximum", "lt"),
    Le: ("maximum", "le"),
}
NONE: Schema = {"enum": ["none", None]}  # an empty value means the same


def closed(fields: Mapping[str, Field], texts: Mapping[str, str], refer: Refer) -> Schema:
    """The mapping with these keys and no others. texts: what the keys mean."""
    properties = {
        name: _described(of_field(field, refer), texts.get(name), field) for name, field in fields.items()
    }
    required = [name for name, field in fields.items() if field.required]
    return {
        "type": "object",
        "properties": properties,
        **({"required": required} if required else {}),
        "additionalProperties": False,
    }


def of_field(field: Field, refer: Refer) -> Schema:
    """The schema of the values that a key takes."""
    return of_annotation(field.annotation, refer, field.default)


def of_annotation(annotation: Any, refer: Refer, default: Any = REQUIRED) -> Schema:
    """The schema of an annotation. default: that of its key, whose part the YAML may edit."""
    found = reference_in(annotation)
    if found is not None:
        return refer(*found, default)
    if annotation in _SCALARS:
        return dict(_SCALARS[annotation])
    if isinstance(annotation, type) and issubclass(annotation, Value):
        return annotation.json_schema()
    if (section := section_in(annotation)) is not None:
        return closed(section.yaml_keys, field_texts(section), refer)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return {**of_annotation(arguments[0], refer, default), **range_of(annotation.__metadata__)}
    if origin is Literal:
        return {"enum": list(arguments)}
    if len(members := alternatives(annotation)) > 1 or origin is Union:
        return _either(members, refer, default)
    return _container(origin, arguments, refer)


def any_of(schemas: Sequence[Schema]) -> Schema:
    """The schema of values that fit one of the schemas; nested alternatives are flattened."""
    flat: list[Schema] = []
    for schema in schemas:
        for one in schema["anyOf"] if set(schema) == {"anyOf"} else [schema]:
            if one not in flat:
                flat.append(one)
    return flat[0] if len(flat) == 1 else {"anyOf": flat}


def range_of(marks: Sequence[Any]) -> Schema:
    """The range that the marks of an annotation set, in the words of JSON Schema."""
    bounds = ((_BOUNDS[type(mark)], mark) for mark in marks if type(mark) in _BOUNDS)
    return {word: getattr(mark, attribute) for (word, attribute), mark in bounds}


def _either(members: Sequence[Any], refer: Refer, default: Any) -> Schema:
    words = [word for m in members if get_origin(m) is Literal for word in get_args(m)]
    words += NONE["enum"] if type(None) in members else []
    others = [m for m in members if get_origin(m) is not Literal and m is not type(None)]
    return any_of(
        [*(of_annotation(m, refer, default) for m in others), *([{"enum": words}] if words else [])]
    )


def _container(origin: Any, arguments: Sequence[Any], refer: Refer) -> Schema:
    if origin is list:
        return {"type": "array", "items": of_annotation(arguments[0], refer)}
    if origin is tuple and Ellipsis not in arguments:
        items, count = [of_annotation(a, refer) for a in arguments], len(arguments)
        return {
            "type": "array",
            "items": items,
            "minItems": count,
            "maxItems": count,
            "additionalItems": False,
        }
    if origin is dict:
        # In a mapping whose values are sections, `none` takes one away.
        inner = of_annotation(arguments[1], refer)
        section = section_in(arguments[1]) is not None
        return {
            "type": "object",
            "additionalProperties": any_of([inner, {"const": "none"}]) if section else inner,
        }
    raise TypeError(
        f"the annotation {origin}{list(arguments)} has no JSON Schema yet; add it to registry/json_schema.py"
    )


def _described(schema: Schema, text: str | None, field: Field) -> Schema:
    """The schema with the text and the default that an editor shows."""
    extra: Schema = {"description": text} if text else {}
    if field.default is not REQUIRED and field.default is not UNWRITTEN:
        extra["default"] = plain(field.default)
    # Draft 7 ignores the keys next to a reference.
    return {"allOf": [schema], **extra} if "$ref" in schema and extra else {**schema, **extra}
