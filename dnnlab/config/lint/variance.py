"""How large the weights of an initializer are."""

from __future__ import annotations

from typing import Any

from .layers import is_part

_VARIANCES = {"he_normal": 2.0, "he_uniform": 2.0, "lecun_normal": 1.0, "lecun_uniform": 1.0}


def fan_in_variance(initializer: Any) -> float | None:
    """Variance times fan_in; None where it is chosen to suit (auto, lsuv) or unlike in every layer; 0 for what ignores the fan-in."""
    if not hasattr(initializer, "name") or is_part(initializer, "lsuv", "zeros", "constant", "orthogonal"):
        return None  # what starts all weights equal has its own rule
    if is_part(initializer, "variance_scaling"):
        return float(initializer.keys["scale"]) if initializer.keys["mode"] == "fan_in" else 0.0
    return _VARIANCES.get(initializer.name, 0.0)
