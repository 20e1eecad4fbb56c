"""A regularizer that changes training batches.

In a config beside this file:

plugins: [my_masking.py]
regularizers: {my_masking: 0.1}
"""

from __future__ import annotations

from typing import Any

from dnnlab.registry import Fraction, part


@part(
    "regularizers", source="where the idea comes from: a paper, a text", effect="batch", example={"rate": 0.2}
)
def my_masking(table: Any, *, rate: Fraction = 0.1) -> Any:
    """In training each number of the inputs is 0 with probability `rate`.

    rate: in [0, 1). A batch has inputs, targets, weights and index; draw with plain torch functions: dnnlab
    has seeded their generator. Give the flag makes="soft" to one that turns class numbers into shares of
    classes.
    """
    import torch

    def effect(batch: Any) -> Any:
        kept = torch.rand_like(batch.inputs) >= rate
        return batch._replace(inputs=batch.inputs * kept)

    return effect
