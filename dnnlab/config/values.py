"""Values that only the sections of a config have."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from ..registry import Duration, Value

_UNITS: dict[str, tuple[Literal["epochs", "steps", "seconds"], int]] = {
    **dict.fromkeys(("epochs", "epoch"), ("epochs", 1)),
    **dict.fromkeys(("steps", "step"), ("steps", 1)),
    **dict.fromkeys(("seconds", "second", "s"), ("seconds", 1)),
    **dict.fromkeys(("minutes", "minute", "min"), ("seconds", 60)),
    **dict.fromkeys(("hours", "hour", "h"), ("seconds", 3600)),
}
_BETWEEN_CHECKPOINTS = re.compile(rf"\s*(\d+(?:\.\d*)?)\s*({'|'.join(_UNITS)})\s*")


class Device(str, Value):
    """Where a run computes: auto, cpu, cuda, cuda:1 or mps. It is a text."""

    @classmethod
    def parse(cls, raw: Any) -> Device:
        """Read the name of a device."""
        if isinstance(raw, str) and re.fullmatch(r"auto|cpu|cuda(:[0-9]{1,3})?|mps", raw):
            return cls(raw)
        raise ValueError("auto, cpu, cuda, cuda:1 or mps")

    def plain(self) -> str:
        """The name as a plain text."""
        return str(self)

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """A text of one of these forms."""
        return {"type": "string", "pattern": r"^(auto|cpu|cuda(:[0-9]{1,3})?|mps)$"}


class Interval(Duration):
    """How often something happens: a duration above zero (`50 steps`, `1 epoch`)."""

    @classmethod
    def parse(cls, raw: Any) -> Duration:
        """Read a duration above zero."""
        duration = raw if isinstance(raw, Duration) else Duration.parse(raw)
        if duration.amount <= 0:
            raise ValueError("a duration above zero, such as `50 steps` or `1 epoch`")
        return duration


@dataclass(frozen=True)
class CheckpointInterval(Value):
    """The time between two checkpoints: `5 epochs` (or the bare number), `500 steps` or `10 minutes`."""

    amount: float
    """The number of units."""
    unit: Literal["epochs", "steps", "seconds"]
    """The unit of `amount`."""
    written: str
    """The interval as the user wrote it."""

    EXPECTED: ClassVar[str] = (
        "a number of epochs, or a length such as `5 epochs`, `500 steps` or `10 minutes`"
    )

    @classmethod
    def parse(cls, raw: Any) -> CheckpointInterval:
        """Read a number of epochs, or a length with its unit."""
        if isinstance(raw, CheckpointInterval):
            return raw
        text = f"{raw} epochs" if isinstance(raw, int) and not isinstance(raw, bool) else raw
        match = _BETWEEN_CHECKPOINTS.fullmatch(text) if isinstance(text, str) else None
        if match is None:
            raise ValueError(cls.EXPECTED)
        unit, length = _UNITS[match[2]]
        amount = float(match[1]) * length
        if not 0 < amount < math.inf or (unit != "seconds" and not amount.is_integer()):
            raise ValueError(cls.EXPECTED)
        return cls(amount, unit, f"{float(match[1]):g} {match[2]}")

    def plain(self) -> str:
        """The interval as the user wrote it."""
        return self.written

    def __str__(self) -> str:
        return self.written

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """A number of epochs, or a text of a number and a unit."""
        units = "|".join(_UNITS)
        text = {"type": "string", "pattern": rf"^\s*\d+(\.\d*)?\s*({units})\s*$"}
        return {"anyOf": [{"type": "integer", "minimum": 1}, text]}
