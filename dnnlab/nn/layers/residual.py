"""Residual blocks."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn


class Residual(nn.Module):
    """body(x) + shortcut(x), the identity where there is no shortcut; then `activation`, where there is one.

    `branch` (stochastic depth, say) is applied to the body's output. Source: He et al. 2016,
    arXiv:1512.03385.
    """

    activation: nn.Module | None

    def __init__(
        self, body: nn.Module, shortcut: nn.Module | None = None, branch: nn.Module | None = None
    ) -> None:
        super().__init__()
        self.body, self.shortcut, self.branch, self.activation = body, shortcut, branch, None

    def forward(self, inputs: Tensor) -> Tensor:
        """Same shape in and out, unless the shortcut changes it too."""
        outputs = self.body(inputs)
        if self.branch is not None:
            outputs = self.branch(outputs)
        summed: Tensor = outputs + (inputs if self.shortcut is None else self.shortcut(inputs))
        return summed if self.activation is None else self.activation(summed)


class PaddedShortcut(nn.Module):
    """A shortcut without parameters: every stride-th place of each channel, then channels of zeros.

    Shapes: (n, c, h, w) to (n, channels, ceil(h / stride), ceil(w / stride)). Source: He et al. 2016, section
    4.2 (option A).
    """

    def __init__(self, channels: int, stride: int) -> None:
        super().__init__()
        self.channels, self.stride = channels, stride

    def forward(self, inputs: Tensor) -> Tensor:
        """Nothing is learned here."""
        return F.pad(
            inputs[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.channels - inputs.shape[1])
        )
