"""An optimizer of your own.

In a config beside this file:

plugins: [my_optimizer.py]
optimizer: {name: my_optimizer, lr: 0.001, alpha: 0.9}
"""

from __future__ import annotations

from typing import Any

from dnnlab.registry import Fraction, Positive, part


@part(
    "optimizer",
    source="Tieleman & Hinton 2012 (RMSProp), Neural Networks for Machine Learning, lecture 6e",
    example={"alpha": 0.95},
)
def my_optimizer(groups: Any, *, lr: Positive = 1e-3, alpha: Fraction = 0.9, eps: Positive = 1e-8) -> Any:
    """Steps of lr g / (sqrt(v) + eps), v the running mean of g^2.

    lr: learning rate, > 0 (every optimizer has this key: the schedule moves it). alpha: share of the old v,
    in [0, 1). eps: > 0. A group holds params, their names and role, and the lr_factor of `per_layer`; any
    torch.optim.Optimizer may be returned.
    """
    import torch

    own = [{**group, "lr": lr * group["lr_factor"]} for group in groups]
    return torch.optim.RMSprop(own, lr=lr, alpha=alpha, eps=eps)
