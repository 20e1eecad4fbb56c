"""Layers: a linear map, then normalization, activation and dropout as children, applied in order.

A layer's weight is always called `<layer>.weight`. What changes the weight before use (weight normalization,
DropConnect) is a function in `weight_functions`; it may keep parameters and buffers of its own on the layer.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Protocol, runtime_checkable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

SAME_KERAS = "same_keras"
WeightFunction = Callable[[nn.Module, Tensor], Tensor]


@runtime_checkable
class Described(Protocol):
    """A weight function that has a word of its own in the layer table."""

    def describe(self) -> str:
        """A name and its number: `dropconnect 0.3`."""


def owns_weight(layer: nn.Module) -> bool:
    """Whether the layer has a weight of its own; a tied layer uses another layer's."""
    return "weight" in dict(layer.named_parameters(recurse=False))


class Staged(nn.Module):
    """What all layers share.

    `weight_functions`: (layer, weight) -> weight in use. `after_initialization`: called once weights are set.
    """

    weight: nn.Parameter
    bias: nn.Parameter | None
    weight_functions: list[WeightFunction]
    after_initialization: list[Callable[[nn.Module], None]]

    def weight_in_use(self) -> Tensor:
        """The weight after all weight functions."""
        weight: Tensor = self.weight
        for function in self.weight_functions:
            weight = function(self, weight)
        return weight

    def linear(self, inputs: Tensor) -> Tensor:
        """The linear part alone, before normalization and activation."""
        raise NotImplementedError(f"{type(self).__name__} has no linear part")

    def forward(self, inputs: Tensor) -> Tensor:
        """The linear part, then each stage in the order of the children."""
        outputs = self.linear(inputs)
        for stage in self._modules.values():
            outputs = stage(outputs)  # type: ignore[misc]  # stages are never None
        return outputs


class Dense(Staged, nn.Linear):  # type: ignore[misc]  # weight and bias are torch's own
    """A fully connected layer: (n, in_features) to (n, out_features)."""

    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None:
        nn.Linear.__init__(self, in_features, out_features, bias)
        self.weight_functions, self.after_initialization = [], []

    def reset_parameters(self) -> None:
        """Zeros: the initializer of the config sets the weight, from a seed of its own."""
        _zero(self)

    def linear(self, inputs: Tensor) -> Tensor:
        """The linear map alone."""
        return F.linear(inputs, self.weight_in_use() if self.weight_functions else self.weight, self.bias)


class Conv(Staged, nn.Conv2d):  # type: ignore[misc]  # weight and bias are torch's own
    """A convolution: (n, channels, height, width) to (n, filters, height', width')."""

    def __init__(
        self,
        in_channels: int,
        filters: int,
        kernel: int,
        stride: int = 1,
        padding: int | str = "same",
        groups: int = 1,
        bias: bool = True,
        *,
        dilation: int = 1,
    ) -> None:
        self.ceil = padding == SAME_KERAS
        border = 0 if padding == SAME_KERAS else padding
        nn.Conv2d.__init__(self, in_channels, filters, kernel, stride, border, dilation, groups, bias)
        self.weight_functions, self.after_initialization = [], []

    def reset_parameters(self) -> None:
        """Zeros: the initializer of the config sets the weight, from a seed of its own."""
        _zero(self)

    def linear(self, inputs: Tensor) -> Tensor:
        """The linear map alone."""
        weight = self.weight_in_use() if self.weight_functions else self.weight
        total, step = self.dilation[0] * (self.kernel_size[0] - 1), self.stride[0]
        if self.ceil:
            height, width = (keras_border(size, total + 1, step) for size in inputs.shape[2:])
            inputs = F.pad(inputs, (*width, *height))
        if self.padding == "same" and total % 2:
            # One zero more on the right and below, as torch does it; but torch warns of the copy.
            inputs = F.pad(inputs, (total // 2, total - total // 2) * 2)
            return F.conv2d(inputs, weight, self.bias, dilation=self.dilation, groups=self.groups)
        if inputs.is_cpu and torch.is_autocast_enabled("cpu") and self._goes_wrong_in_bf16(inputs):
            with torch.autocast("cpu", enabled=False):
                return F.conv2d(
                    inputs.float(),
                    weight.float(),
                    self.bias,
                    self.stride,
                    self.padding,
                    self.dilation,
                    self.groups,
                )
        outputs: Tensor = self._conv_forward(inputs, weight, self.bias)
        return outputs

    def _goes_wrong_in_bf16(self, inputs: Tensor) -> bool:
        kernel, stride = self.kernel_size[0], self.stride[0]
        if self.dilation[0] > 1:
            return True  # nobody measured these
        pad = (
            {"same": (kernel - 1) // 2, "valid": 0}[self.padding]
            if isinstance(self.padding, str)
            else self.padding[0]
        )
        return any(goes_wrong_in_bf16(size, kernel, stride, pad) for size in inputs.shape[2:])


class TiedDense(Staged):
    """A fully connected layer that uses another layer's weight, transposed: one Parameter, used twice.

    Only the bias is its own.

    Source: Hinton & Salakhutdinov 2006; Geron, Hands-On Machine Learning, "Tying weights".
    """

    def __init__(self, source: Dense, bias: bool = True) -> None:
        super().__init__()
        self._source = [
            source
        ]  # in a list, so that torch does not count the source among this layer's children
        self.bias = nn.Parameter(torch.zeros(source.in_features)) if bias else None
        self.weight_functions, self.after_initialization = [], []

    @property
    def source(self) -> Dense:
        """The layer that owns the weight."""
        return self._source[0]

    def linear(self, inputs: Tensor) -> Tensor:
        """The linear map alone."""
        return F.linear(inputs, self._source[0].weight_in_use().t(), self.bias)


class Chain(nn.Module):
    """Named modules in a row; the names are the layers' names."""

    def __init__(self, modules: dict[str, nn.Module]) -> None:
        super().__init__()
        for name, module in modules.items():
            self.add_module(name, module)

    def forward(self, inputs: Tensor) -> Tensor:
        """Each module in turn."""
        for module in self._modules.values():
            inputs = module(inputs)  # type: ignore[misc]  # never None
        return inputs


class GlobalAveragePool(nn.Module):
    """The mean of each channel: (n, c, h, w) to (n, c)."""

    def forward(self, inputs: Tensor) -> Tensor:
        """Over height and width."""
        return inputs.mean((-2, -1))


def keras_border(size: int, window: int, stride: int) -> tuple[int, int]:
    """Zeros before and after `size` places, so that ceil(size / stride) windows fit; Keras' "same"."""
    total = max((-(-size // stride) - 1) * stride + window - size, 0)
    return total // 2, total - total // 2


@cache
def goes_wrong_in_bf16(size: int, kernel: int, stride: int, pad: int) -> bool:
    """Whether torch 2.13 computes a convolution along one axis wrongly in bf16 (oneDNN, avx512_bf16).

    Where a place of the kernel never sees a pixel its slope is what lay in the memory; at strides of the
    kernel's size, or above 6, outputs and slopes are at times made of what lies beside the images. Found by
    comparing 60,000 random convolutions with float64.
    """
    starts = range(-pad, size + pad - kernel + 1, stride)
    unseen = not all(any(0 <= start + place < size for start in starts) for place in range(kernel))
    return unseen or (stride > 1 and (stride >= kernel or stride > 6))


def _zero(layer: nn.Linear | nn.Conv2d) -> None:
    nn.init.zeros_(layer.weight)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
