"""Values that only the sections of a config know."""

from __future__ import annotations

import re
from typing import Any

from ..registry import Duration, Value


class Device(str, Value):
    """Where a run computes: auto, cpu, cuda, cuda:1 or mps. It is a text."""

    @classmethod
    def parse(cls, raw: Any) -> Device:
        if isinstance(raw, str) and re.fullmatch(r"auto|cpu|cuda(:[0-9]{1,3})?|mps", raw):
            return cls(raw)
        raise ValueError("auto, cpu, cuda, cuda:1 or mps")

    def plain(self) -> str:
        return str(self)

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        return {"type": "string", "pattern": r"^(auto|cpu|cuda(:[0-9]{1,3})?|mps)$"}


class Interval(Value):
    """How often something happens: a duration above zero (`50 steps`, `1 epoch`).

    The value is a `Duration`.
    """

    @classmethod
    def parse(cls, raw: Any) -> Duration:
        duration = raw if isinstance(raw, Duration) else Duration.parse(raw)
        if duration.amount <= 0:
            raise ValueError("a duration above zero, such as `50 steps` or `1 epoch`")
        return duration

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        return Duration.json_schema()


class Epochs(Value):
    """How many epochs lie between two events: `5 epochs`, or the bare number, since no other unit is possible. A `Duration`."""

    @classmethod
    def parse(cls, raw: Any) -> Duration:
        whole = isinstance(raw, int) and not isinstance(raw, bool)
        try:
            duration = (
                raw
                if isinstance(raw, Duration)
                else Duration(float(raw), "epochs")
                if whole
                else Duration.parse(raw)
            )
        except ValueError:
            duration = Duration(0.0, "epochs")
        if duration.unit != "epochs" or duration.amount < 1 or not duration.amount.is_integer():
            raise ValueError("a whole number of epochs from 1, such as `5 epochs`")
        return duration

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        return {
            "anyOf": [
                {"type": "integer", "minimum": 1},
                {"type": "string", "pattern": r"^\s*\d+\s*epochs?\s*$"},
            ]
        }
