"""From a signature to a pydantic model: the keyword-only parameters of a function are its keys, and nothing else is allowed."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import pydantic
from pydantic import AllowInfNan, BaseModel, ConfigDict, Strict, create_model

from .annotations import PartMapRef, PartRef
from .plain import UNWRITTEN
from .unions import either
from .values import Value

REQUIRED = inspect.Parameter.empty
_SCALARS: dict[Any, Any] = {
    int: Annotated[int, Strict()],
    float: Annotated[float, Strict(), AllowInfNan(False)],
    bool: Annotated[bool, Strict()],
    str: Annotated[str, Strict()],
}


@dataclass(frozen=True)
class Field:
    """One key: its annotation as written, its default (`REQUIRED` where it has none)."""

    name: str
    annotation: Any
    default: Any

    @property
    def required(self) -> bool:
        """Whether the key must be written."""
        return self.default is REQUIRED

    @property
    def optional(self) -> bool:
        """Whether `none` is a value of this key."""
        return type(None) in alternatives(self.annotation)

    @property
    def reference(self) -> tuple[str, str] | None:
        """("one" | "list" | "map", kind) where the key holds parts, else None."""
        for alternative in alternatives(self.annotation):
            if (found := reference_in(alternative)) is not None:
                return found
        return None

    @property
    def section(self) -> Mapping[str, Field] | None:
        """The fields of a nested section (a mapping with fixed keys), else None."""
        return getattr(self.annotation, "dnnlab_fields", None)


def fields_of(function: Callable[..., Any]) -> dict[str, Field]:
    """The keys that a signature declares. Raises `TypeError` for an untyped key or `**kwargs`."""
    keys = {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
            raise TypeError(
                f"{function.__name__}: *{parameter.name} hides which keys there are; write each as a keyword-only parameter"
            )
        if parameter.kind is parameter.KEYWORD_ONLY:
            if parameter.annotation is parameter.empty:
                raise TypeError(f"{function.__name__}: the key {parameter.name} has no type; annotate it")
            keys[parameter.name] = parameter
    # Only the keys are evaluated: positional parameters may name types that are imported for type checking
    # alone.
    holder = types.SimpleNamespace(__annotations__={name: p.annotation for name, p in keys.items()})
    hints = get_type_hints(holder, globalns=function.__globals__, include_extras=True)
    return {name: Field(name, hints[name], p.default) for name, p in keys.items()}


def model_of(title: str, fields: Mapping[str, Field]) -> type[BaseModel]:
    """The strict model of these keys: unknown keys and silent conversions are refused, defaults are checked too."""
    definitions: dict[str, Any] = {
        name: (strict(field.annotation), _default(field)) for name, field in fields.items()
    }
    config = ConfigDict(
        extra="forbid", validate_default=True, arbitrary_types_allowed=True, protected_namespaces=()
    )
    return create_model(title, __config__=config, **definitions)


def _default(field: Field) -> Any:
    if field.default is UNWRITTEN:
        return pydantic.Field(default=None, validate_default=False)
    return ... if field.required else field.default


def section(function: Callable[..., None]) -> type[BaseModel]:
    """The model of a YAML section whose keys are the keyword-only parameters of `function` (its docstring is the section's)."""
    fields = fields_of(function)
    model = model_of(function.__name__, fields)
    model.__doc__ = function.__doc__
    model.dnnlab_fields = fields  # type: ignore[attr-defined]
    return model


def strict(annotation: Any) -> Any:
    """The annotation with strict scalars everywhere inside; alternatives give one error, not one for each (see `alternatives.py`)."""
    if annotation in _SCALARS:
        return _SCALARS[annotation]
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return Annotated[(strict(arguments[0]), *annotation.__metadata__)]
    if origin in (Union, types.UnionType):
        return either(arguments, strict)
    if origin is Literal or not arguments:
        return annotation
    return origin[tuple(a if a is Ellipsis else strict(a) for a in arguments)]  # type: ignore[index]


def alternatives(annotation: Any) -> tuple[Any, ...]:
    """The members of a union, or the annotation alone."""
    return get_args(annotation) if get_origin(annotation) in (Union, types.UnionType) else (annotation,)


def reference_in(annotation: Any) -> tuple[str, str] | None:
    """("one" | "list" | "map", kind) where the annotation (no union) stands for parts."""
    if get_origin(annotation) is Annotated:
        for mark in annotation.__metadata__:
            if isinstance(mark, PartRef):
                return "one", mark.kind
            if isinstance(mark, PartMapRef):
                return "map", mark.kind
        return reference_in(get_args(annotation)[0])
    if get_origin(annotation) is list:
        inner = reference_in(get_args(annotation)[0])
        return ("list", inner[1]) if inner else None
    return None


def is_value(annotation: Any) -> bool:
    """Whether the annotation (or one of its alternatives) is a `Value` of its own YAML form."""
    return any(isinstance(a, type) and issubclass(a, Value) for a in alternatives(annotation))
