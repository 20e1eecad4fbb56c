"""A way to bound gradients of your own.

In a config beside this file:

plugins: [my_clipping.py]
gradient_clipping: {name: my_clipping, threshold: 0.5}
"""

from __future__ import annotations

from typing import Any

from dnnlab.registry import Positive, part


@part(
    "gradient_clipping", source="where the definition comes from: a paper, a text", example={"threshold": 0.5}
)
def my_clipping(*, threshold: Positive = 1.0) -> Any:
    """Each gradient is squashed: threshold * tanh(g / threshold), number by number.

    threshold: the largest absolute value, > 0. Built: fn(params) -> the norm of all gradients before, 0-dim;
    it changes `.grad` in place and never waits for the device (no float(), no item()).
    """
    import torch

    def clip(params: Any) -> Any:
        gradients = [p.grad for p in params if p.grad is not None]
        before = torch.nn.utils.get_total_norm(gradients)
        for gradient in gradients:
            gradient.div_(threshold).tanh_().mul_(threshold)
        return before

    return clip
