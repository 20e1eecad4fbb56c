"""Weight normalization."""

from __future__ import annotations

from ...lazy_torch import nn
from ...registry import part


@part(
    "normalization",
    form="weight",
    holds={
        "l2": "gain",
        "max_norm": "gain",
        "unit_norm": "gain",
    },  # it is the length of a unit's weights in use
    source="Salimans & Kingma 2016, arXiv:1602.07868",
    conversions={
        "torch": (
            "torch.nn.utils.parametrizations.weight_norm: its original0 is gain, its original1 the weight"
        ),
        "keras": "no such layer in Keras 3",
    },
)
def weight(layer: nn.Module) -> nn.Module:
    """Each unit's incoming weights are gain * v / ||v||: length and direction are learned apart.

    v keeps the name `weight` and its shape (units, ...); `gain` (units,) is a new parameter of the layer, set
    from the initial weight so that the layer starts as it would without. A layer without a weight of its own
    (tied) is returned as it is: what it borrows is normalized already. l2, max_norm and unit_norm act on the
    gain, which is the length of the weights in use.
    """
    from ...nn.layers.weight_norm import normalize_weight

    return normalize_weight(layer)
