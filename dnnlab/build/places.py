"""Whether regularizers that act within a net find a place there; no torch."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import ConfigError, Problem
from ..registry import Bound


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
