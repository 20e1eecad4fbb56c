"""Adaptive gradient clipping."""

from __future__ import annotations

from typing import Any

from ...errors import ConfigError, Problem
from ...registry import Positive, part


@part(
    "gradient_clipping",
    source="Brock, De, Smith & Simonyan 2021, arXiv:2102.06171 (AGC)",
    aliases=("agc", "adaptive_gradient_clipping"),
    example={"clipping": 0.02, "eps": 0.01},
    hints={
        "threshold": "gradient_clipping: {name: adaptive, clipping: 0.01}",
        "clip_factor": "gradient_clipping: {adaptive: 0.01}",
    },
    needs_table=True,
    conversions={
        "torch": "no such function (timm: adaptive_clip_grad(parameters, clip_factor, eps))",
        "keras": "no such key of the optimizers",
    },
    takes_measure=True,
)
def adaptive(table: Any, *, clipping: Positive = 0.01, eps: Positive = 1e-3) -> Any:
    """Each unit's gradient is limited to a share of its weights: clipping * max(||w||, eps).

    w are the unit's incoming weights. clipping: largest ratio of gradient to weights, > 0 (0.01 for batches
    of thousands, up to 0.16 for small ones). eps: the length that units near zero count as, > 0. A vector of
    biases or gains is one unit; the output layer is left alone, as in the paper. Built: fn(params,
    measure=True) -> global norm before clipping, 0-dim (None without measure); changes `.grad` in place.
    Raises `ConfigError` for a net whose only layer is the output.
    """
    from ...optim.clipping.adaptive import AdaptiveClipping

    built = AdaptiveClipping(table, clipping, eps)
    if not built.units:
        text = "adaptive leaves the output layer alone, and this net has no other"
        fix = "gradient_clipping: {global_norm: 1.0}"
        raise ConfigError(
            Problem(text, "expected a net with hidden layers, or another clipping", fix, code="no_place")
        )
    return built
