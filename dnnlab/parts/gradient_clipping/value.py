"""Clipping number by number."""

from __future__ import annotations

from functools import partial
from typing import Any

from ...registry import Positive, part


@part(
    "gradient_clipping",
    source="Mikolov 2012, PhD thesis, 'Statistical language models based on neural networks'",
    example={"threshold": 0.5},
    conversions={
        "torch": "torch.nn.utils.clip_grad_value_(parameters, clip_value)",
        "keras": "clipvalue of the optimizer",
    },
    takes_measure=True,
)
def value(*, threshold: Positive = 1.0) -> Any:
    """Each number of a gradient is cut to [-threshold, threshold].

    The direction may change: [0.9, 100] at 1 becomes [0.9, 1].
    threshold: the largest absolute value, > 0.
    Built: fn(params, measure=True) -> global norm before clipping, 0-dim (None without measure); changes
    `.grad` in place.
    """
    from ...optim.clipping.functions import clip_value

    return partial(clip_value, threshold=threshold)
