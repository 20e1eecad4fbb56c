"""Clipping all gradients together."""

from __future__ import annotations

from functools import partial
from typing import Any

from ...registry import Positive, part


@part(
    "gradient_clipping",
    source="Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063",
    example={"threshold": 0.5},
    conversions={
        "torch": "torch.nn.utils.clip_grad_norm_(parameters, max_norm), which divides by the norm + 1e-6",
        "keras": "global_clipnorm of the optimizer",
    },
    takes_measure=True,
    traits=frozenset({"one_norm"}),
)
def global_norm(*, threshold: Positive = 1.0) -> Any:
    """All gradients together are shortened to length threshold, by one factor, if they are longer.

    The direction stays. threshold: the largest L2 norm of all gradients together, > 0. Built: fn(params,
    measure=True) -> global norm before clipping, 0-dim (None without measure); changes `.grad` in place.
    """
    from ...optim.clipping.functions import clip_global_norm

    return partial(clip_global_norm, threshold=threshold)
