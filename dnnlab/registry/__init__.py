"""The registry: parts are functions, their keyword-only parameters are their YAML keys."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import ValidationError

from ..errors import ConfigError, Problem
from .annotations import Part, PartMap
from .bound import Bound, bind_raw, nested
from .catalog import entries, find, nearest, on_first_look
from .entry import RegistryEntry
from .inline_yaml import inline
from .kinds import KINDS, Kind, Share
from .model import REQUIRED, Field, Section, yaml_default
from .part_facts import PartFacts, kept_facts
from .plain import UNWRITTEN, plain
from .plugins import load_entry_points, load_plugin
from .problems import MOST_EXPLAINED, Location, address, close_key, known_parts, problems_of, show
from .register import part
from .values import (
    Duration,
    Fraction,
    Momentum,
    NonNegative,
    NonNegativeInt,
    Pattern,
    Positive,
    PositiveInt,
    Ramp,
    UnitInterval,
    Value,
    Widths,
    is_still,
    start_of,
)

if TYPE_CHECKING:
    from pydantic import TypeAdapter

__all__ = [
    "KINDS",
    "MOST_EXPLAINED",
    "REQUIRED",
    "UNWRITTEN",
    "Bound",
    "Duration",
    "Field",
    "Fraction",
    "Kind",
    "Location",
    "Momentum",
    "NonNegative",
    "NonNegativeInt",
    "Part",
    "PartFacts",
    "PartMap",
    "Pattern",
    "Positive",
    "PositiveInt",
    "Ramp",
    "RegistryEntry",
    "Section",
    "Share",
    "UnitInterval",
    "Value",
    "Widths",
    "address",
    "bind",
    "bind_raw",
    "build",
    "close_key",
    "entries",
    "find",
    "inline",
    "is_still",
    "kept_facts",
    "known_parts",
    "load_entry_points",
    "load_plugin",
    "nearest",
    "nested",
    "on_first_look",
    "part",
    "plain",
    "problems_of",
    "show",
    "start_of",
    "yaml_default",
]


def bind(kind: str, spec: str | Mapping[str, Any]) -> Bound:
    """The part that `spec` names (`"relu"` or `{"name": "elu", "alpha": 0.5}`), its keys checked.

    Raises `ConfigError`.
    """
    if kind not in KINDS:
        close = close_key(kind, list(KINDS))
        fix = f"did you mean {close}?" if close else ""
        raise ConfigError(
            Problem(
                f'there is no kind of parts called "{kind}"',
                f"known: {', '.join(KINDS)}",
                fix,
                code="unknown_kind",
            )
        )
    try:
        return _adapter(kind).validate_python(spec if isinstance(spec, str) else dict(spec))
    except ValidationError as error:
        raise ConfigError(*(problem.under(kind) for _, problem in problems_of(error))) from None


@cache
def _adapter(kind: str) -> TypeAdapter[Bound]:
    from pydantic import TypeAdapter

    return TypeAdapter(Annotated[Bound, Part(kind)])


def build(kind: str, spec: str | Mapping[str, Any], *runtime: Any) -> Any:
    """Build one part: `build("activation", {"name": "elu", "alpha": 0.5}, 100)`.

    `runtime` are the positional objects of the kind (see `KINDS[kind].runtime`). Raises `ConfigError`.
    """
    return bind(kind, spec)(*runtime)
