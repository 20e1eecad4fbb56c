"""Normalizations that torch has in another form."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class GroupNormalization(nn.GroupNorm):
    """GroupNorm of torch that refuses groups of one number, which minus their own mean would be 0.

    One group for each channel is instance normalization, one group alone layer normalization of an image.
    Raises `RuntimeError`.
    """

    def forward(self, inputs: Tensor) -> Tensor:
        """(n, channels, ...) to the same."""
        if inputs.numel() == inputs.shape[0] * self.num_groups:
            raise RuntimeError(
                "a group of one number, which minus its own mean is always 0; "
                "fewer groups, or normalization: none there"
            )
        if torch.is_grad_enabled() and not inputs.requires_grad:
            # torch's backward (2.13, CPU, channels last) writes a gradient for inputs without one:
            # the process crashes.
            inputs = inputs.contiguous()
        return super().forward(inputs)


class RmsNorm(nn.Module):
    """Each row over the root of its mean square, over channels and places; then a learned scale a channel.

    torch's RMSNorm has a scale for every place of an image; on rows it is the same. Source: Zhang & Sennrich
    2019, arXiv:1910.07467.
    """

    def __init__(self, channels: int, eps: float) -> None:
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(channels))

    def forward(self, inputs: Tensor) -> Tensor:
        """(n, channels, ...) to the same."""
        if inputs.ndim == 2:
            return F.rms_norm(
                inputs, inputs.shape[1:], self.weight.to(inputs.dtype), self.eps
            )  # bf16 under autocast
        return F.rms_norm(inputs, inputs.shape[1:], None, self.eps) * self.weight.view(
            -1, *(1,) * (inputs.ndim - 2)
        )

    def extra_repr(self) -> str:
        """What `print` shows in the brackets."""
        return f"{self.weight.numel()}, eps={self.eps}"
