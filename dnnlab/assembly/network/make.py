"""`make`: an architecture builds its layers with it.

It adds normalization, activation and regularizers, and fills the parameter table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from ...errors import ConfigError, Problem, error_path
from ...nn.layers.linear_maps import Chain, Conv, Dense, GlobalAveragePool, TiedDense
from ...nn.layers.noise import GaussianNoise
from ...nn.layers.residual import PaddedShortcut, Residual
from ...nn.parameter_table import Fans, ParameterTable
from ...nn.regularizers.inside import ActsOnBranch, ActsOnInput, ActsOnPool
from ...registry import Bound
from ..training.device import no_memory
from .conv_shapes import (
    Shape,
    cancels_bias,
    check_alone,
    check_images,
    check_left,
    check_window,
    pieces,
    reach,
    times,
)
from .group_counts import NormalizationPlace
from .layer_names import Layout
from .layer_stages import Stages
from .per_layer import LayerChoices


class Make(Layout, Stages):
    """Builds layers by name."""

    def __init__(self, choices: LayerChoices, table: ParameterTable, inside: Mapping[str, Any]) -> None:
        Layout.__init__(self, table.own)
        Stages.__init__(self, choices, table, inside)

    def dense(
        self, name: str, in_features: int, units: int, *, output: bool = False, activate: bool = True
    ) -> Dense:
        """A fully connected layer (n, in_features) -> (n, units).

        output: linear only. activate: False for a layer without activation and dropout.
        """
        choice, active = self.choices(name), activate and not output
        wide = units * (pieces(choice.activation) if active else 1)
        self.reserve(name, in_features * wide)
        layer = Dense(in_features, wide, bias=output or not cancels_bias(choice, active))
        return self._finish(name, layer, units, 0, output, active, Fans(in_features, wide))

    def conv(  # architectures of plugins call it
        self,
        name: str,
        in_shape: Shape,
        filters: int,
        kernel: int,
        *,
        stride: int = 1,
        padding: int | str = "same",
        groups: int = 1,
        dilation: int = 1,
        output: bool = False,
        activate: bool = True,
    ) -> Conv:
        """A convolution over images of `in_shape` (channels, height, width).

        Raises `ConfigError` if the kernel does not fit.
        """
        check_window(name, in_shape, reach(kernel, dilation), padding)
        choice, active = self.choices(name), activate and not output
        wide = filters * (pieces(choice.activation) if active else 1)
        self.reserve(name, in_shape[0] // groups * kernel * kernel * wide)
        layer = Conv(
            in_shape[0],
            wide,
            kernel,
            stride,
            padding,
            groups,
            bias=output or not cancels_bias(choice, active),
            dilation=dilation,
        )
        fans = Fans(in_shape[0] // groups * kernel * kernel, wide * kernel * kernel)
        return self._finish(name, layer, filters, 2, output, active, fans)

    def tied(self, name: str, source: Dense, *, output: bool = False) -> TiedDense:
        """A layer that uses the weight of `source`, transposed."""
        if not output and pieces(self.choices(name).activation) != 1:
            raise ConfigError(
                Problem(
                    f"{name} cannot be tied: its activation needs a wider layer",
                    "expected another activation",
                    path="tied",
                    code="tied",
                )
            )
        layer = TiedDense(source, bias=output or not cancels_bias(self.choices(name), True))
        return self._finish(name, layer, source.in_features, 0, output, not output, Fans(1, 1))

    def pool(
        self, name: str, in_shape: Shape, form: str, kernel: int, stride: int | None = None, padding: int = 0
    ) -> nn.Module:
        """Pooling (form "max" | "average") over images; a regularizer may replace max pooling.

        padding: of max pooling.
        """
        check_window(name, in_shape, kernel, padding)
        if self.replaceable(form, kernel, stride, padding):
            own = self._ask(lambda r: r.on_pool(name) if isinstance(r, ActsOnPool) else None)
            for module in own.values():
                self.pooled.append(in_shape)
                return module
        return (
            nn.MaxPool2d(kernel, stride or kernel, padding)
            if form == "max"
            else nn.AvgPool2d(kernel, stride or kernel)
        )

    def global_average_pool(self, name: str, in_shape: Shape) -> nn.Module:
        """Images to the mean of each channel: (n, c, h, w) to (n, c)."""
        check_images(name, in_shape)
        return GlobalAveragePool()

    def flatten(self) -> nn.Module:
        """Images to rows: (n, c, h, w) to (n, c * h * w)."""
        return nn.Flatten()

    def noise(self, std: float) -> nn.Module:
        """Gaussian noise of this deviation on what flows through, in training only."""
        return GaussianNoise(std)

    def dropout(self, rate: float) -> nn.Module:
        """Dropout as a layer by itself."""
        return nn.Dropout(rate)

    def activation(self, name: str, in_shape: Shape, part: Bound | None = None) -> nn.Module:
        """An activation as a layer by itself: `part`, else the one that the config sets for this name."""
        chosen = part or self.choices(name).activation
        with error_path(f"{self._path}.part" if part else self.choices.address(name, "activation")):
            check_alone(name, chosen)
            module: nn.Module = chosen(in_shape[0])
        self._add_active(name, module, chosen)
        self._add_alone(name, "", module, "activation", () if part else ("activation",))
        return module

    def normalization(self, name: str, in_shape: Shape, part: Bound) -> nn.Module:
        """A normalization as a layer by itself, over inputs of `in_shape`."""
        with error_path(f"{self._path}.part"):
            module: nn.Module = part(in_shape[0], len(in_shape) - 1)
        self._add_alone(name, "", module, "norm")
        return module

    def residual(
        self,
        name: str,
        body: nn.Module,
        shortcut: nn.Module | None,
        index: int,
        count: int,
        *,
        width: int | None = None,
    ) -> nn.Module:
        """body(x) + shortcut(x); block `index` of `count` (from 1). A regularizer may act on the branch.

        width: channels of the sum if the activation that the config sets for this name follows; None for no
        activation.
        """
        on_branch = self._ask(
            lambda r: r.on_branch(name, index, count) if isinstance(r, ActsOnBranch) else None
        )
        block = Residual(body, shortcut, next(iter(on_branch.values()), None))
        if width is not None:
            chosen = self.choices(name).activation
            with error_path(self.choices.address(name, "activation")):
                check_alone(name, chosen)
                module = self._activate(name, block, chosen, width)
            self._add_alone(name, "activation.", module, "activation", ("activation",))
        return block

    def padded_shortcut(self, channels: int, stride: int) -> nn.Module:
        """Every stride-th pixel, and channels of zeros after the given ones, up to `channels`."""
        return PaddedShortcut(channels, stride)

    def input_stages(self, in_shape: Shape) -> dict[str, nn.Module]:
        """The stages before the first layer: normalization and dropout of the inputs."""
        stages: dict[str, nn.Module] = {}
        normalization = self.choices.default.normalization
        if normalization is not None and normalization.common.get("on_input"):
            stages["input_normalization"] = module = self._of_inputs(
                normalization, in_shape[0], len(in_shape) - 1
            )
            self._add_parameters("input_normalization", "", module, "norm")
        on_input = self._ask(lambda r: r.on_input(in_shape) if isinstance(r, ActsOnInput) else None)
        return stages | {f"input_{name}": module for name, module in on_input.items()}

    def _of_inputs(self, part: Bound, channels: int, spatial: int) -> nn.Module:
        """The normalization of the inputs, or nothing if `divisions` keeps its problem for later.

        Raises `ConfigError` if it cannot act on them.
        """
        module: nn.Module = nn.Identity()
        try:
            with self.divisions.normalizing(
                "input_normalization",
                NormalizationPlace(part, channels, spatial, self.choices.default.normalization_at),
            ):
                module = part(channels, spatial)
        except ConfigError as error:
            path = f"{self.choices.default.normalization_at}.on_input"
            found = (
                replace(p, path=path, fix="on_input: false") if p.code == "no_effect" else p
                for p in error.problems
            )
            raise ConfigError(*found) from None
        return module

    def chain(self, modules: Mapping[str, nn.Module]) -> Chain:
        """Modules in a row, under these names."""
        return Chain(dict(modules))

    def shape_after(self, module: nn.Module, in_shape: Shape, name: str) -> Shape:
        """The shape of one row after `module`.

        Raises `ConfigError` with the layer if the input does not fit it.
        """
        was_training = module.training
        try:
            with torch.no_grad():
                shape = tuple(module.eval()(torch.zeros(1, *in_shape)).shape[1:])
        except (RuntimeError, ValueError) as error:
            if no_memory(error):
                raise
            text = str(error).split("\n", 1)[0]
            fix = "larger inputs, fewer poolings and strides, or another normalization"
            received = f"{name} cannot work on an input of {times(in_shape)}: {text}"
            raise ConfigError(Problem(received, "expected layers that can", fix, code="shape")) from None
        module.train(was_training)
        check_left(name, shape)
        return shape
