"""Orthogonal weights."""

from __future__ import annotations

from ...lazy_torch import torch
from ...nn.parameter_table import Fans
from ...registry import Positive, part


@part(
    "initializer",
    source="Saxe, McClelland & Ganguli 2014, arXiv:1312.6120",
    example={"gain": 1.5},
    variance=None,
    conversions={
        "torch": "torch.nn.init.orthogonal_(gain): the same",
        "keras": "Orthogonal(gain): the same; for convolutions, too, over channels and kernel together",
    },
)
def orthogonal(weight: torch.Tensor, fans: Fans, generator: torch.Generator, *, gain: Positive = 1.0) -> None:
    """Weights that keep lengths: a random orthogonal matrix (units by inputs) times gain.

    A square layer turns its inputs, and nothing more. gain: the singular values of the matrix, all of them, >
    0; sqrt(2) makes up for what ReLU cuts off. Shapes: (units, ...), in place; a convolution's channels and
    kernel count as its inputs. Rows are orthonormal, or columns where there are more units than inputs.
    """
    from ...nn.init.random_tensors import fill_orthogonal

    fill_orthogonal(weight, gain, generator)
