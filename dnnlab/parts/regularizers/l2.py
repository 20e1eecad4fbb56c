"""Weight decay."""

from __future__ import annotations

from typing import Any

from ...registry import NonNegative, part


@part(
    "regularizers",
    source="Krogh & Hertz 1992; Hoerl & Kennard 1970 (ridge)",
    example={"strength": 0.1},
    effect="penalty",
    conversions={
        "torch": (
            "weight_decay=d of SGD: strength: d (there on biases too); the decay of AdamW is another thing"
        ),
        "keras": "kernel_regularizer=L2(x) adds x * sum w^2: strength: 2 x",
    },
    on_weights=frozenset({"l2"}),
    traits=frozenset({"shrinks"}),
)
def l2(table: Any, *, strength: NonNegative = 1e-4) -> Any:
    """`strength / 2 * sum w^2` over all weights, added to the loss.

    With SGD it is the same as weight decay; Keras' l2(x) is twice that. strength: >= 0, also per layer
    (`per_layer: {hidden1: {l2: 1e-3}}`). Not on biases, normalization or activations.
    """
    from ...nn.regularizers.penalty import Penalty, nowhere, of_layer

    return Penalty(table, l1=nowhere, l2=of_layer(table, "l2", strength))
