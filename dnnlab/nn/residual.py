"""Residual blocks."""

from __future__ import annotations

from torch import Tensor, nn


class Residual(nn.Module):
    """body(x) + shortcut(x), the identity where there is no shortcut.

    `branch` (stochastic depth, say) is applied to the body's output. Source: He et al. 2016, arXiv:1512.03385.
    """

    def __init__(self, body: nn.Module, shortcut: nn.Module | None = None, branch: nn.Module | None = None) -> None:
        super().__init__()
        self.body, self.shortcut, self.branch = body, shortcut, branch

    def forward(self, inputs: Tensor) -> Tensor:
        """Same shape in and out, unless the shortcut changes it too."""
        outputs = self.body(inputs)
        if self.branch is not None:
            outputs = self.branch(outputs)
        summed: Tensor = outputs + (inputs if self.shortcut is None else self.shortcut(inputs))
        return summed
