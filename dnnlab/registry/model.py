"""Strict pydantic models from annotations: of the parameters of a part, or the fields of a section."""

from __future__ import annotations

import inspect
import sys
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, Union, get_args, get_origin, get_type_hints

import pydantic
from pydantic import AllowInfNan, BaseModel, ConfigDict, Strict, create_model

from .annotations import Part, PartMap
from .plain import UNWRITTEN, plain
from .unions import either

REQUIRED = inspect.Parameter.empty
_SCALARS: dict[Any, Any] = {
    int: Annotated[int, Strict()],
    float: Annotated[float, Strict(), AllowInfNan(False)],
    bool: Annotated[bool, Strict()],
    str: Annotated[str, Strict()],
}
_STRICT = ConfigDict(
    extra="forbid", validate_default=True, arbitrary_types_allowed=True, protected_namespaces=()
)


def yaml_name(field: str) -> str:
    """The key of the YAML that a field of a section stands for."""
    return field.removesuffix("_")


@dataclass(frozen=True)
class Field:
    """One key of a part or a section."""

    name: str
    """The key in YAML."""
    annotation: Any
    """The type as it is annotated."""
    default: Any
    """The default; `REQUIRED` if there is none, `UNWRITTEN` if the key may stay without a value."""

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
        """("one" | "list" | "map", kind) if the key holds parts, else None."""
        for alternative in alternatives(self.annotation):
            if (found := reference_in(alternative)) is not None:
                return found
        return None

    @property
    def section(self) -> Mapping[str, Field] | None:
        """The fields of the nested section (a mapping with fixed keys) that the key holds, else None."""
        return None if self.section_class is None else self.section_class.yaml_keys

    @property
    def section_class(self) -> type[Section] | None:
        """The nested section itself, else None."""
        sections = (section_in(alternative) for alternative in alternatives(self.annotation))
        return next((section for section in sections if section is not None), None)


class Section(BaseModel):
    """A mapping of the YAML with fixed keys, each a field with a line of documentation under it.

    Values are checked as strictly as the keys of parts, and cannot be changed afterwards. A key that Python
    keeps for itself has a field with an underscore behind it: `from_` is the key `from`.
    """

    model_config = ConfigDict(**_STRICT, frozen=True, defer_build=True, alias_generator=yaml_name)
    yaml_keys: ClassVar[Mapping[str, Field]] = {}
    """The keys as they are annotated."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Note the keys, and make their annotations strict before pydantic reads them."""
        super().__init_subclass__(**kwargs)
        annotations = inspect.get_annotations(cls)
        hints = _evaluated(annotations, vars(sys.modules[cls.__module__]))
        keys = {n: Field(yaml_name(n), hints[n], vars(cls).get(n, REQUIRED)) for n in annotations}
        cls.yaml_keys = {key.name: key for key in keys.values()}
        cls.__annotations__ = {field: strict(key.annotation) for field, key in keys.items()}
        for field, key in keys.items():
            if not key.required:
                setattr(cls, field, _default(key))

    def values(self) -> dict[str, Any]:
        """Key of the YAML -> value, without the keys that may stay unwritten and are."""
        fields = {yaml_name(field): field for field in type(self).model_fields}
        return {
            name: getattr(self, fields[name])
            for name, key in self.yaml_keys.items()
            if key.default is not UNWRITTEN or fields[name] in self.model_fields_set
        }

    def plain(self) -> dict[str, Any]:
        """The section as YAML data, without the keys that may stay unwritten and are."""
        return {name: plain(value) for name, value in self.values().items()}


def yaml_default(raw: Any) -> Any:
    """A default in the form that YAML writes; the check makes the field's value of it."""
    return raw


def section_in(annotation: Any) -> type[Section] | None:
    """The section that an annotation names, if it is one."""
    found = isinstance(annotation, type) and issubclass(annotation, Section)
    return annotation if found else None


def fields_of(function: Callable[..., Any]) -> dict[str, Field]:
    """The keys that a signature declares. Raises `TypeError` for an untyped key or `**kwargs`."""
    keys = {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
            raise TypeError(
                f"{function.__name__}: *{parameter.name} hides which keys there are; "
                "write each as a keyword-only parameter"
            )
        if parameter.kind is parameter.KEYWORD_ONLY:
            if parameter.annotation is parameter.empty:
                raise TypeError(f"{function.__name__}: the key {parameter.name} has no type; annotate it")
            keys[parameter.name] = parameter
    # Only the keys are evaluated: positional parameters may name types that are imported for type checking
    # alone.
    hints = _evaluated({name: p.annotation for name, p in keys.items()}, function.__globals__)
    return {name: Field(name, hints[name], p.default) for name, p in keys.items()}


def _evaluated(annotations: Mapping[str, Any], names: dict[str, Any]) -> dict[str, Any]:
    """The types that annotations (texts, until now) name."""
    holder = types.SimpleNamespace(__annotations__=annotations)
    return get_type_hints(holder, globalns=names, include_extras=True)


def model_of(title: str, fields: Mapping[str, Field]) -> type[BaseModel]:
    """The strict model of these keys: no unknown keys, no conversions of types, checked defaults."""
    definitions: dict[str, Any] = {
        name: (strict(field.annotation), _default(field)) for name, field in fields.items()
    }
    return create_model(title, __config__=_STRICT, **definitions)


def _default(field: Field) -> Any:
    if field.default is UNWRITTEN:
        return pydantic.Field(default=None, validate_default=False)
    return ... if field.required else field.default


def strict(annotation: Any) -> Any:
    """The annotation with strict scalars everywhere inside; its unions give one error (see `unions.py`)."""
    if annotation in _SCALARS:
        return _SCALARS[annotation]
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return Annotated[(strict(arguments[0]), *annotation.__metadata__)]
    if origin in (Union, types.UnionType):
        return either(arguments, strict)
    if origin is Literal or not arguments:
        return annotation
    return origin[tuple(a if a is Ellipsis else strict(a) for a in arguments)]


def alternatives(annotation: Any) -> tuple[Any, ...]:
    """The members of a union, or the annotation alone."""
    return get_args(annotation) if get_origin(annotation) in (Union, types.UnionType) else (annotation,)


def reference_in(annotation: Any) -> tuple[str, str] | None:
    """("one" | "list" | "map", kind) if the annotation (no union) is one of parts, else None."""
    if get_origin(annotation) is Annotated:
        for mark in annotation.__metadata__:
            if isinstance(mark, Part):
                return "one", mark.kind
            if isinstance(mark, PartMap):
                return "map", mark.kind
        return reference_in(get_args(annotation)[0])
    if get_origin(annotation) is list:
        inner = reference_in(get_args(annotation)[0])
        return ("list", inner[1]) if inner else None
    return None
