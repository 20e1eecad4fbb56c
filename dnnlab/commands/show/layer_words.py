"""Modules of a net in a few words: `dense 784->300, batch norm, elu`, `conv 3x3 1->16`, `max pool 2x2`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ...assembly.network.per_layer import LayerChoice
from ...lazy_torch import nn

if TYPE_CHECKING:
    from ...nn.layers.linear_maps import Conv, Staged
    from ...nn.layers.residual import Residual


def linear_words(layer: Staged, names: Mapping[int, str]) -> str:
    """The linear part of a layer. names: of the net's layers by their modules' ids."""
    from ...nn.layers.linear_maps import Conv, TiedDense

    if isinstance(layer, TiedDense):
        source = layer.source
        owner = names.get(id(source), "another layer")
        return f"dense {source.out_features}->{source.in_features}, weight of {owner}"
    if isinstance(layer, Conv):
        return _conv_words(layer)
    if isinstance(layer, nn.Linear):
        return f"dense {layer.in_features}->{layer.out_features}"
    return module_words(layer)


def stage_words(layer: Staged, choice: LayerChoice) -> list[str]:
    """What follows the linear part, in order; what acts on the weight first."""
    from ...nn.layers.linear_maps import Described

    normalization = choice.normalization
    words = []
    if normalization is not None and normalization.flag("form") == "weight" and layer.weight_functions:
        words.append(f"{normalization.name} norm")
    functions: list[object] = [*layer.weight_functions]
    words += [function.describe() for function in functions if isinstance(function, Described)]
    for name, stage in layer.named_children():
        if name == "activation":
            words += [] if isinstance(stage, nn.Identity) else [choice.activation.name]
        elif name == "normalization" and normalization is not None:
            words.append(f"{normalization.name} norm")
        else:
            words.append(name + _amount_words(stage))
    return words


def sum_words(block: Residual, choice: LayerChoice) -> str:
    """The end of a residual block: the sum, what drops the branch, the activation after it."""
    words = "sum with the block's input" if block.shortcut is None else "sum with the shortcut"
    branch = f", {module_words(block.branch)}" if block.branch is not None else ""
    return words + branch + (f", {choice.activation.name}" if block.activation is not None else "")


def module_words(module: nn.Module) -> str:
    """A pooling, a shortcut or a normalization in words; other modules by the name of their class."""
    from ...nn.layers.residual import PaddedShortcut

    if isinstance(module, nn.MaxPool2d | nn.AvgPool2d):
        return _pool_words(module)
    if isinstance(module, PaddedShortcut):
        return f"stride {module.stride}, zeros up to {module.channels} channels"
    if isinstance(module, nn.GroupNorm):
        named = {1: "layer norm", module.num_channels: "instance norm"}
        return named.get(module.num_groups, f"group norm, {module.num_groups} groups")
    kind = re.sub(r"[123]d$", "", type(module).__name__).replace("LU", "lu")
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=Norm)", " ", kind).lower()
    return words + _amount_words(module)


def side_words(size: int | tuple[int, ...]) -> str:
    """`3x3` of a kernel."""
    return "x".join(str(n) for n in size) if isinstance(size, tuple) else f"{size}x{size}"


def _amount_words(module: nn.Module) -> str:
    """` 0.2` of a dropout or a noise; nothing of other modules."""
    from ...nn.layers.noise import HasAmount

    if isinstance(module, nn.Dropout | nn.Dropout1d | nn.Dropout2d | nn.Dropout3d | nn.AlphaDropout):
        return f" {module.p:g}"
    return f" {module.amount:g}" if isinstance(module, HasAmount) else ""


def _conv_words(layer: Conv) -> str:
    words = f"conv {side_words(layer.kernel_size)} {layer.in_channels}->{layer.out_channels}"
    words += f", stride {layer.stride[0]}" if layer.stride[0] != 1 else ""
    words += f", {layer.groups} groups" if layer.groups != 1 else ""
    if layer.padding == "same":
        return words
    return f"{words}, padding {layer.padding if isinstance(layer.padding, str) else layer.padding[0]}"


def _pool_words(pool: nn.MaxPool2d | nn.AvgPool2d) -> str:
    words = f"{'max' if isinstance(pool, nn.MaxPool2d) else 'average'} pool {side_words(pool.kernel_size)}"
    words += f", stride {pool.stride}" if pool.stride != pool.kernel_size else ""
    return words + (f", padding {pool.padding}" if pool.padding else "")
