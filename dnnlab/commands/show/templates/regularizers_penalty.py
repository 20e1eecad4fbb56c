"""A penalty of your own.

In a config beside this file:

plugins: [my_penalty.py]
regularizers: {my_penalty: 1e-3}

`dnnlab show regularizers.dropout --template` prints one inside the net; other effects: those of mixup,
max_norm, ema, early_stopping.
"""

from __future__ import annotations

from typing import Any

from dnnlab.registry import NonNegative, Positive, part


@part(
    "regularizers",
    source="where the definition comes from: a paper, a text",
    effect="penalty",
    example={"strength": 0.1},
)
def my_penalty(table: Any, *, strength: NonNegative = 1e-4, width: Positive = 1.0) -> Any:
    """Adds strength * sum of ln(1 + (w / width)^2) over all weights to the loss.

    Large weights cost little more than medium ones.

    strength: >= 0, the key that a bare number sets. width: where the penalty bends, > 0. `table` holds every
    parameter with its role: weight, bias, norm, activation.
    """
    weights = [entry.parameter for entry in table.of_role("weight")]

    def penalty() -> Any:
        return strength * sum(((weight / width) ** 2).log1p().sum() for weight in weights)

    return penalty
