"""Modules of a net in a few words: `dense 784->300, batch norm, elu`, `conv 3x3 1->16`, `max pool 2x2`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...assembly.network.per_layer import Choice

if TYPE_CHECKING:
    from torch import nn

_NAMES = {"GaussianNoise": "noise"}


def linear_words(layer: Any, names: Mapping[int, str]) -> str:
    """The linear part of a layer. names: of the net's layers by their modules' ids."""
    from ...nn.layers.linear_maps import Conv, TiedDense

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
    wraps = (
        normalization is not None
        and normalization.flag("form") == "weight"
        and getattr(layer, "weight_functions", ())
    )
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


def sum_words(block: Any, choice: Choice) -> str:
    """The end of a residual block: the sum, what drops the branch, the activation behind it."""
    words = "sum with the block's input" if block.shortcut is None else "sum with the shortcut"
    branch = f", {module_words(block.branch)}" if block.branch is not None else ""
    return words + branch + (f", {choice.activation.name}" if block.activation is not None else "")


def module_words(module: nn.Module) -> str:
    """A module that stands alone, by its class."""
    kind = type(module).__name__
    if kind in ("MaxPool2d", "AvgPool2d"):
        return f"{'max' if kind == 'MaxPool2d' else 'average'} pool {_window_words(module)}"
    if kind == "PaddedShortcut":
        return f"stride {module.stride}, zeros up to {module.channels} channels"
    rate = getattr(module, "p", getattr(module, "std", getattr(module, "rate", None)))
    if kind in ("GroupNorm", "GroupNormalization"):
        groups: Any = getattr(module, "num_groups", 1)
        return {1: "layer norm", getattr(module, "num_channels", 0): "instance norm"}.get(
            groups, f"group norm, {groups} groups"
        )
    kind = re.sub(r"[123]d$", "", kind).replace("LU", "lu")
    words = _NAMES.get(kind) or re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=Norm)", " ", kind).lower()
    return f"{words} {rate:g}" if isinstance(rate, float) else words


def side_words(size: Any) -> str:
    """`3x3` of a kernel."""
    return "x".join(str(n) for n in size) if isinstance(size, tuple) else f"{size}x{size}"


def _window_words(pool: Any) -> str:
    words = side_words(pool.kernel_size)
    words += f", stride {pool.stride}" if pool.stride != pool.kernel_size else ""
    return words + (f", padding {pool.padding}" if pool.padding else "")


def _one(padding: Any) -> str:
    return str(padding[0] if isinstance(padding, tuple) else padding)
