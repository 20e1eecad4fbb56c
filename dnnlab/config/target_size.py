"""Whether numbers to learn are of a size that a net reaches, which starts near 0.

The bounds come from benchmarks/thresholds/target_sizes.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SMALL = 0.1
"""A smaller deviation drowns in the outputs of an untrained net, whose deviation is about 1."""
FAR = 10.0
"""Deviations between 0 and the mean: the net spends its training on the mean."""
LARGE = 1000.0
"""A size that hardly any training reaches."""
NEAR = 10.0
"""A size that every training reaches which is long enough for targets of size 1."""
REACH = 50.0
"""How far outputs of a small net go if each weight goes 1."""


@dataclass(frozen=True)
class TargetSize:
    """Mean and deviation of each real target, over the training rows, as the net gets them."""

    names: tuple[str, ...]
    """The targets."""
    mean: tuple[float, ...]
    """The mean of each."""
    deviation: tuple[float, ...]
    """The standard deviation of each."""

    def misfit(self, way: float | None) -> str:
        """The first target that is far from what a net starts with, in words; "" if all are near.

        way: how far a weight can go, the largest rate times the steps; None if that is not known.
        """
        bound = LARGE if way is None else min(LARGE, max(NEAR, REACH * way))
        for name, mean, deviation in zip(self.names, self.mean, self.deviation, strict=True):
            far = deviation < SMALL or abs(mean) > FAR * deviation or max(abs(mean), deviation) > bound
            if deviation > 0 and far:
                return f'the target "{name}" has mean {mean:,g} and deviation {deviation:,g}'
        return ""


def target_size(names: Sequence[str], described: Mapping[str, Any] | None) -> TargetSize | None:
    """What data.json says of the targets' size under `target_spread`; None if it says nothing of use."""
    found = [(described or {}).get(key) for key in ("mean", "deviation")]
    if not all(isinstance(v, list) and len(v) == len(names) and all(map(_is_number, v)) for v in found):
        return None
    mean, deviation = (tuple(map(float, values or ())) for values in found)
    return TargetSize(tuple(names), mean, deviation) if names else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
