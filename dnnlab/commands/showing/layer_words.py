"""Modules of a net in a few words: `dense 784->300, batch norm, elu`, `conv 3x3 1->16`, `max pool 2x2`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...build.choices import Choice

if TYPE_CHECKING:
    from torch import nn

_NAMES = {"BatchNorm1d": "batch norm", "BatchNorm2d": "batch norm", "LayerNorm": "layer norm"}
_NAMES |= {"GroupNorm": "layer norm", "GaussianNoise": "noise", "Residual": "sum with the block's input"}


def linear_words(layer: Any, names: Mapping[int, str]) -> str:
    """The linear part of a layer. names: of the net's layers by their modules' ids."""
    from ...nn.layers import Conv, TiedDense

    if isinstance(layer, TiedDense):
        source = layer._source[0]
        return f"dense {source.out_features}->{source.in_features}, weight of {names.get(id(source), 'another layer')}"
    if isinstance(layer, Conv):
        words = f"conv {side_words(layer.kernel_size)} {layer.in_channels}->{layer.out_channels}"
        words += f", stride {layer.stride[0]}" if layer.stride[0] != 1 else ""
        words += f", {layer.groups} groups" if layer.groups != 1 else ""
        return words + ("" if layer.padding == "same" else f", padding {_one(layer.padding)}")
    if hasattr(layer, "in_features"):
        return f"dense {layer.in_features}->{layer.out_features}"
    return module_words(layer)


def stage_words(layer: nn.Module, choice: Choice) -> list[str]:
    """What follows the linear part, in order; what acts on the weight first."""
    normalization = choice.normalization
    wraps = normalization is not None and normalization.flag("form") == "weight" and getattr(layer, "weight_functions", ())
    words = [f"{normalization.name} norm"] if normalization is not None and wraps else []
    for function in getattr(layer, "weight_functions", ()):
        rate = getattr(function, "rate", None)
        words += [f"dropconnect {rate:g}"] if rate is not None else []
    for name, stage in layer.named_children():
        if name == "activation":
            words += [] if choice.activation.name == "identity" else [choice.activation.name]
        elif name == "normalization" and choice.normalization is not None:
            words.append(f"{choice.normalization.name} norm")
        else:
            rate = getattr(stage, "p", getattr(stage, "std", None))
            words.append(f"{name} {rate:g}" if isinstance(rate, float) else name)
    return words


def module_words(module: nn.Module) -> str:
    """A module that stands alone, by its class."""
    kind = type(module).__name__
    if kind in ("MaxPool2d", "AvgPool2d"):
        return f"{'max' if kind == 'MaxPool2d' else 'average'} pool {side_words(getattr(module, 'kernel_size', 0))}"
    rate = getattr(module, "p", getattr(module, "std", None))
    words = _NAMES.get(kind) or re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", kind).lower()
    return f"{words} {rate:g}" if isinstance(rate, float) else words


def side_words(size: Any) -> str:
    """`3x3` of a kernel."""
    return "x".join(str(n) for n in size) if isinstance(size, tuple) else f"{size}x{size}"


def _one(padding: Any) -> str:
    return str(padding[0] if isinstance(padding, tuple) else padding)
