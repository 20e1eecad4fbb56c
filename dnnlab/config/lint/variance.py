"""The variance of the weights of an initializer."""

from __future__ import annotations

from typing import Any

from ...registry import Bound
from .layers import is_part

_VARIANCES = {"he_normal": 2.0, "he_uniform": 2.0, "lecun_normal": 1.0, "lecun_uniform": 1.0}


def fan_in_variance(initializer: Any) -> float | None:
    """Variance times fan_in; None if it is adapted (auto, lsuv) or has a rule; 0 if it ignores fan_in."""
    if not isinstance(initializer, Bound) or is_part(initializer, "lsuv", "zeros", "constant", "orthogonal"):
        return None  # weights that start equal have a rule of their own
    if is_part(initializer, "variance_scaling"):
        return float(initializer.keys["scale"]) if initializer.keys["mode"] == "fan_in" else 0.0
    return _VARIANCES.get(initializer.name, 0.0)
