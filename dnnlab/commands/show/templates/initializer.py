"""An initializer of your own.

In a config beside this file:

plugins: [my_initializer.py]
initializer: {name: my_initializer, gain: 1.4}
"""

from __future__ import annotations

from typing import Any

from dnnlab.registry import Positive, part


@part("initializer", source="where the definition comes from: a paper, a text", example={"gain": 1.4})
def my_initializer(weight: Any, fans: Any, generator: Any, *, gain: Positive = 1.0) -> None:
    """Normal numbers of mean 0 and deviation gain / sqrt(fan_in).

    gain: > 0. Shapes: any, in place; `fans` holds fan_in and fan_out. Draw from `generator` alone: so runs
    can be repeated.
    """
    import torch

    with torch.no_grad():
        weight.normal_(0.0, gain / fans.fan_in**0.5, generator=generator)
