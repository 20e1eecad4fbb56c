"""Spectral normalization."""

from __future__ import annotations

from typing import Annotated

from annotated_types import Ge, Le

from ...lazy_torch import nn
from ...registry import part

Rounds = Annotated[int, Ge(1), Le(100)]


@part(
    "normalization",
    form="weight",
    holds={"non_negative": "weight"},  # a positive factor moves no sign
    source="Miyato, Kataoka, Koyama & Yoshida 2018, arXiv:1802.05957",
    example={"iterations": 3},
    hints={"power_iterations": "iterations: {value}", "n_power_iterations": "iterations: {value}"},
    conversions={
        "torch": (
            "torch.nn.utils.parametrizations.spectral_norm(n_power_iterations=1): iterations is the same; "
            "the weight is renamed there"
        ),
        "keras": (
            "SpectralNormalization(layer, power_iterations=1): iterations is the same; the divided weight "
            "is written back there"
        ),
    },
)
def spectral(layer: nn.Module, *, iterations: Rounds = 1) -> nn.Module:
    """The weight in use is the weight over its largest singular value.

    So a dense layer stretches no difference of inputs. iterations: rounds of power iteration in each training
    step, 1 to 100; one is enough because weights move slowly. The parameter keeps the name `weight` and its
    shape (units, ...); a convolution's is taken as units by channels and kernel. A vector `spectral_u`
    (units,) is kept beside it and stands in checkpoints; it starts near that of the initial weight, and rests
    in a frozen layer. A layer without a weight of its own (tied) is returned as it is: what it borrows is
    normalized already.
    """
    from ...nn.layers.spectral_norm import normalize_spectrally

    return normalize_spectrally(layer, iterations)
