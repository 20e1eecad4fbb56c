"""Activations that torch does not have."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Maxout(nn.Module):
    """The largest of `pieces` channels for each unit: (n, pieces * width, ...) to (n, width, ...).

    Piece j of unit u is channel j * width + u. Where pieces are equal they share the gradient.
    Raises `RuntimeError` for another number of channels. Source: Goodfellow et al. 2013, arXiv:1302.4389.
    """

    def __init__(self, width: int, pieces: int) -> None:
        super().__init__()
        self.width, self.pieces = width, pieces

    def forward(self, inputs: Tensor) -> Tensor:
        """The maximum over the pieces."""
        return torch.unflatten(inputs, 1, (self.pieces, self.width)).amax(1)

    def extra_repr(self) -> str:
        """What `print` shows in the brackets."""
        return f"width={self.width}, pieces={self.pieces}"
