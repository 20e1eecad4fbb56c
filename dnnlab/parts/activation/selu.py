"""Self-normalizing units."""

from __future__ import annotations

from ...lazy_torch import nn
from ...registry import part


@part(
    "activation",
    initializer="lecun_normal",
    source="Klambauer, Unterthiner, Mayr & Hochreiter 2017, arXiv:1706.02515",
    conversions={
        "torch": "torch.nn.SELU(); lecun_normal weights are set here by initializer: auto",
        "keras": '"selu" with kernel_initializer="lecun_normal", which is set here by initializer: auto',
    },
    traits=frozenset({"self_normalizing"}),
)
def selu(width: int) -> nn.Module:
    """Scaled ELU: activations drift to mean 0 and variance 1, under lecun_normal weights.

    1.0507 z for z > 0, 1.0507 * 1.6733 (e^z - 1) below. Shapes: any to the same.
    """
    return nn.SELU()
