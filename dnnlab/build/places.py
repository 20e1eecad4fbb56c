"""Whether regularizers that act within a net find a place there; no torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..errors import ConfigError, Problem
from ..registry import Bound
from .windows import Shape, times


def check_acted(inside: Mapping[str, Bound], acted: set[str], architecture: str) -> None:
    """Raise `ConfigError` for regularizers that found no place in the net. A rate of 0 is how a search switches one off."""
    idle = [name for name, bound in inside.items() if name not in acted and bound.keys.get("rate") != 0]
    problems = [
        Problem(
            f"{name} finds no place to act in this net ({architecture})",
            f"expected {inside[name].flag('place') or 'a net with such a place'}",
            f"remove regularizers.{name}",
            f"regularizers.{name}",
            code="no_place",
        )
        for name in idle
    ]
    if problems:
        raise ConfigError(*problems)


def check_drawn(inside: Mapping[str, Bound], pooled: Sequence[Shape]) -> None:
    """Raise `ConfigError` for drawn pooling regions that halve every side exactly: there is one way to do that, plain 2x2 pooling.

    pooled: the shape in front of each pooling, never empty where such a regularizer acts.
    """
    for name, bound in inside.items():
        behind = bound.flag("pools")
        if behind is None or any(2 * behind(side, **bound.keys) != side for shape in pooled for side in shape[1:]):
            continue
        key, value = next(iter(bound.keys.items()))
        text = f"{key} {value:g} halves the sides at every pooling ({', '.join(times(shape[1:]) for shape in pooled)}), so nothing is drawn"
        where = f"regularizers.{name}.{key}"
        raise ConfigError(Problem(text, "expected other sizes than those of plain 2x2 pooling", f"{key}: 1.414", where, code="no_effect"))
