"""Clipping tensor by tensor."""

from __future__ import annotations

from functools import partial
from typing import Any

from ...registry import Positive, part


@part(
    "gradient_clipping",
    source="Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063 (for each tensor on its own)",
    example={"threshold": 0.5},
    conversions={
        "torch": "clip_grad_norm_ on one parameter after the other",
        "keras": "clipnorm of the optimizer",
    },
    takes_measure=True,
)
def norm(*, threshold: Positive = 1.0) -> Any:
    """Each tensor's gradient is shortened to length threshold, where it is longer.

    [0.9, 100] at 1 becomes [0.00899964, 0.9999595].
    threshold: the largest L2 norm of one tensor's gradient, > 0.
    Built: fn(params, measure=True) -> global norm before clipping, 0-dim (None without measure); changes
    `.grad` in place.
    """
    from ...optim.clipping.functions import clip_norm

    return partial(clip_norm, threshold=threshold)
