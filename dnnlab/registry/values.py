"""The types that keys of parts are annotated with: ranges, and the small values that YAML writes in words.

A range lives in the annotation; error texts, `show` and the JSON Schema are read from it.
"""

from __future__ import annotations

import math
import re
import warnings
from dataclasses import dataclass
from typing import Annotated, Any

from annotated_types import Ge, Gt, Le, Lt
from pydantic_core import PydanticCustomError, core_schema

Positive = Annotated[float, Gt(0)]
NonNegative = Annotated[float, Ge(0)]
Fraction = Annotated[float, Ge(0), Lt(1)]  # 0 is allowed, 1 is not: a rate of 1 would leave nothing
UnitInterval = Annotated[float, Ge(0), Le(1)]
PositiveInt = Annotated[int, Ge(1)]
NonNegativeInt = Annotated[int, Ge(0)]


class Value:
    """A value with a YAML form of its own: `parse` reads the form, `plain` gives it back."""

    @classmethod
    def parse(cls, raw: Any) -> Any:
        """Read the YAML form. Raises `ValueError` whose text says what is expected."""
        raise ValueError

    def plain(self) -> Any:
        """The YAML form, as plain data."""
        raise ValueError

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """The YAML form as a JSON Schema."""
        return {}

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> core_schema.CoreSchema:
        def validate(raw: Any) -> Any:
            if isinstance(raw, cls):
                return raw
            try:
                return cls.parse(raw)
            except ValueError as error:
                raise PydanticCustomError("value", "{expected}", {"expected": str(error)}) from None

        return core_schema.no_info_plain_validator_function(
            validate,
            serialization=core_schema.plain_serializer_function_ser_schema(lambda value: value.plain()),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        return cls.json_schema()


_DEEPEST = 10_000  # a depth beyond this is a slip of the finger that would fill the memory
_DURATION = re.compile(r"\s*(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)\s*(epochs?|steps?|%)\s*")


@dataclass(frozen=True)
class Duration(Value):
    """A length of training with its unit: `5 epochs`, `500 steps`, `10 %` (of the whole training)."""

    amount: float
    """The number of units."""
    unit: str
    """epochs, steps or %."""

    @classmethod
    def parse(cls, raw: Any) -> Duration:
        """Read a text such as `5 epochs`."""
        match = _DURATION.fullmatch(raw) if isinstance(raw, str) else None
        if match is None:
            number = isinstance(raw, int | float) and not isinstance(raw, bool)
            asked = f"; did you mean `{raw} epochs` or `{raw} steps`?" if number else ""
            raise ValueError(f"a duration with its unit, such as `5 epochs`, `500 steps` or `10 %`{asked}")
        unit = match[2] if match[2] == "%" else match[2].rstrip("s") + "s"
        amount = float(match[1])
        if not math.isfinite(amount):
            raise ValueError("a duration that is not endless")
        return cls(amount, unit)

    def plain(self) -> str:
        """The duration as text, such as `5 epochs`."""
        number = int(self.amount) if float(self.amount).is_integer() else self.amount
        return f"{number} {self.unit}"

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """A text of a number and a unit."""
        return {"type": "string", "pattern": r"^\s*\d+(\.\d*)?([eE][+-]?\d+)?\s*(epochs?|steps?|%)\s*$"}

    def __str__(self) -> str:
        return self.plain()

    def steps(self, steps_per_epoch: int, total_steps: int) -> float:
        """The length in optimizer steps (not rounded)."""
        factor = {"epochs": float(steps_per_epoch), "steps": 1.0, "%": total_steps / 100}[self.unit]
        return self.amount * factor


@dataclass(frozen=True)
class Ramp(Value):
    """A number that changes linearly and then stays, such as `{from: 0.5, to: 0.99, over: 10 epochs}`."""

    start: float
    """The number in the first step."""
    end: float
    """The number after the change."""
    over: Duration
    """The duration of the change."""

    @classmethod
    def parse(cls, raw: Any) -> Ramp:
        """Read `{from: ..., to: ..., over: ...}` with numbers in [0, 1)."""
        expected = (
            "a mapping {from: 0.5, to: 0.99, over: 10 epochs} with numbers from 0 up to (not including) 1"
        )
        if not isinstance(raw, dict) or set(raw) != {"from", "to", "over"}:
            raise ValueError(expected)
        ends = (raw["from"], raw["to"])
        if not all(isinstance(x, int | float) and not isinstance(x, bool) and 0 <= x < 1 for x in ends):
            raise ValueError(expected)
        return cls(float(ends[0]), float(ends[1]), Duration.parse(raw["over"]))

    def plain(self) -> dict[str, Any]:
        """The mapping of from, to and over."""
        return {"from": self.start, "to": self.end, "over": self.over.plain()}

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """The mapping of from, to and over."""
        number = {"type": "number", "minimum": 0, "exclusiveMaximum": 1}
        return {
            "type": "object",
            "properties": {"from": number, "to": number, "over": Duration.json_schema()},
            "required": ["from", "to", "over"],
            "additionalProperties": False,
        }

    def at(self, step: float, steps: float) -> float:
        """The number at `step` of a ramp that lasts `steps` steps."""
        share = min(step / steps, 1.0) if steps > 0 else 1.0
        return self.start + (self.end - self.start) * share


Momentum = Fraction | Ramp


def start_of(momentum: float | Ramp) -> float:
    """The momentum of the first step."""
    return momentum.start if isinstance(momentum, Ramp) else momentum


def is_still(momentum: float | Ramp) -> bool:
    """Whether there is no momentum in any step."""
    return max(momentum.start, momentum.end) == 0 if isinstance(momentum, Ramp) else momentum == 0


@dataclass(frozen=True)
class Widths(Value):
    """Units of the hidden layers, first to last: `[300, 100]`, `{depth: 20, width: 100}` or one number."""

    units: tuple[int, ...]
    """The number of units of each layer."""

    @classmethod
    def parse(cls, raw: Any) -> Widths:
        """Read a list, `{depth: ..., width: ...}` or one number."""
        if isinstance(raw, dict) and set(raw) == {"depth", "width"} and all(_whole(v) for v in raw.values()):
            if raw["depth"] > _DEEPEST:
                raise ValueError(f"a depth of at most {_DEEPEST} layers")
            return cls((raw["width"],) * raw["depth"])
        if _whole(raw):
            return cls((raw,))
        if isinstance(raw, list | tuple) and all(_whole(v) for v in raw):
            return cls(tuple(raw))
        raise ValueError(
            "units of the hidden layers as whole numbers from 1: `[300, 100]` or `{depth: 20, width: 100}`"
        )

    def plain(self) -> list[int]:
        """The list of units."""
        return list(self.units)

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """A list, a mapping of depth and width, or a number."""
        whole = {"type": "integer", "minimum": 1}
        keys = {"depth": whole, "width": whole}
        pair = {
            "type": "object",
            "properties": keys,
            "required": ["depth", "width"],
            "additionalProperties": False,
        }
        return {"anyOf": [{"type": "array", "items": whole}, whole, pair]}


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


@dataclass(frozen=True)
class Pattern(Value):
    """Layers by name: a regular expression for the whole name (`hidden[12]`), or `hidden11..hidden20`."""

    text: str
    """The pattern as it was written."""

    @classmethod
    def parse(cls, raw: Any) -> Pattern:
        """Read a pattern; its regular expression must be valid."""
        if not isinstance(raw, str) or not raw:
            raise ValueError(
                "a pattern of layer names, such as `hidden1`, `hidden.*` or `hidden11..hidden20`"
            )
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # "possible nested set": the pattern is the user's, and valid
                re.compile(raw)
        except (re.error, OverflowError, RecursionError) as error:
            raise ValueError(f"a regular expression over layer names ({error})") from None
        return cls(raw)

    def plain(self) -> str:
        """The pattern as it was written."""
        return self.text

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """A text."""
        return {"type": "string"}

    def matches(self, name: str) -> bool:
        """Whether the whole of `name` fits."""
        span = _RANGE.fullmatch(self.text)
        if span is None or span[1] != span[3]:
            return re.fullmatch(self.text, name) is not None
        numbered = re.fullmatch(re.escape(span[1]) + r"(\d+)", name)
        return numbered is not None and int(span[2]) <= int(numbered[1]) <= int(span[4])


_RANGE = re.compile(r"([A-Za-z_.]+)(\d+)\.\.([A-Za-z_.]+)(\d+)")
