"""`Part["schedule"]`: the annotation of a key that holds another part, which arrives as a bound builder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic_core import core_schema

from .bound import Bound, bind_raw, named


@dataclass(frozen=True)
class Part:
    """`Part["activation"]` annotates a key that holds a part, `list[Part["layer"]]` a list of parts.

    Type checkers want it in full: `Annotated[Bound, Part("activation")]`. The kind is looked up when a value
    is validated, so parts may be registered later.
    """

    kind: str
    """The kind of the part."""

    def __class_getitem__(cls, kind: str) -> Any:
        return Annotated[Bound, cls(kind)]

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(lambda raw: bind_raw(self.kind, raw))


@dataclass(frozen=True)
class PartMap:
    """`PartMap["regularizers"]` annotates a mapping from the name of a part to its keys."""

    kind: str
    """The kind of all parts in the mapping."""

    def __class_getitem__(cls, kind: str) -> Any:
        return Annotated[dict[str, Bound], cls(kind)]

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        # A dict schema keeps each part's name in the address of its errors.
        part = core_schema.no_info_plain_validator_function(lambda raw: bind_raw(self.kind, raw))
        by_name = core_schema.dict_schema(core_schema.str_schema(), part)
        checked = core_schema.no_info_before_validator_function(lambda raw: named(self.kind, raw), by_name)
        return core_schema.no_info_after_validator_function(
            lambda parts: {p.name: p for p in parts.values()}, checked
        )
