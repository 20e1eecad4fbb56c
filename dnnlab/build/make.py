"""`make`: what an architecture builds its layers with. Normalization, activation, regularizers and the parameter table are its work.

A layer is linear -> normalization -> activation -> dropout (or normalization after the activation); the output layer is linear only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn

from ..errors import ConfigError, Problem
from ..nn.layers import Chain, Conv, Dense, Staged, TiedDense
from ..nn.noise import GaussianNoise
from ..nn.table import Entry, Fans, ParameterTable
from ..registry import Bound
from .blame import under
from .choices import Choice, Choices
from .device import no_memory

Shape = tuple[int, ...]


class Make:
    """Builds layers by name. `inside`: regularizers that act within the net, by name; `acted` says which of them found a place."""

    def __init__(self, choices: Choices, table: ParameterTable, inside: Mapping[str, Any]) -> None:
        self.choices, self.table, self.inside = choices, table, inside
        self.acted: set[str] = set()
        self.outputs: set[str] = set()  # layers that are linear only
        self.name = ""  # of the layer that `row` is building
        self._numbers: Counter[str] = Counter()

    def next_name(self, prefix: str) -> str:
        """`hidden1`, `hidden2`, ...: the next free name with this prefix."""
        self._numbers[prefix] += 1
        return f"{prefix}{self._numbers[prefix]}"

    def dense(self, name: str, in_features: int, units: int, *, output: bool = False) -> Dense:
        """A fully connected layer (n, in_features) -> (n, units)."""
        choice = self.choices(name)
        wide = units * (1 if output else pieces(choice.activation))
        layer = Dense(in_features, wide, bias=output or not cancels_bias(choice))
        return self._finish(name, layer, units, 0, output, Fans(in_features, wide))  # type: ignore[return-value]

    def conv(
        self,
        name: str,
        in_shape: Shape,
        filters: int,
        kernel: int,
        *,
        stride: int = 1,
        padding: int | str = "same",
        groups: int = 1,
        output: bool = False,
    ) -> Conv:
        """A convolution over images of `in_shape` (channels, height, width). Raises `ConfigError` when the kernel does not fit."""
        check_window(name, in_shape, kernel, 0 if isinstance(padding, str) else padding, same=padding == "same")
        choice = self.choices(name)
        wide = filters * (1 if output else pieces(choice.activation))
        layer = Conv(in_shape[0], wide, kernel, stride, padding, groups, bias=output or not cancels_bias(choice))
        fans = Fans(in_shape[0] // groups * kernel * kernel, wide * kernel * kernel)
        return self._finish(name, layer, filters, 2, output, fans)  # type: ignore[return-value]

    def tied(self, name: str, source: Dense, *, output: bool = False) -> TiedDense:
        """A layer that uses the source layer's weight, transposed."""
        if not output and pieces(self.choices(name).activation) != 1:
            raise ConfigError(
                Problem(f"{name} cannot be tied: its activation needs a wider layer", "expected another activation", path="tied")
            )
        layer = TiedDense(source, bias=output or not cancels_bias(self.choices(name)))
        return self._finish(name, layer, source.in_features, 0, output, Fans(1, 1))  # type: ignore[return-value]

    def pool(self, name: str, in_shape: Shape, form: str, kernel: int, stride: int | None = None) -> nn.Module:
        """Max or average pooling (form "max" | "average") over images; a regularizer may bring its own."""
        check_window(name, in_shape, kernel, 0)
        for own in self._ask("on_pool", name):
            return own
        kinds: dict[str, type[nn.Module]] = {"max": nn.MaxPool2d, "average": nn.AvgPool2d}
        return kinds[form](kernel, stride or kernel)

    def flatten(self) -> nn.Module:
        """Images to rows: (n, c, h, w) to (n, c * h * w)."""
        return nn.Flatten()

    def noise(self, std: float) -> nn.Module:
        """Gaussian noise of this deviation on what flows through, in training only."""
        return GaussianNoise(std)

    def residual(self, name: str, body: nn.Module, shortcut: nn.Module | None, index: int, count: int) -> nn.Module:
        """body(x) + shortcut(x); block `index` of `count` (from 1). A regularizer may act on the branch."""
        from ..nn.residual import Residual

        return Residual(body, shortcut, next(iter(self._ask("on_branch", name, index, count)), None))

    def input_stages(self, in_shape: Shape) -> dict[str, nn.Module]:
        """What stands before the first layer: normalization of the inputs, dropout of inputs."""
        stages: dict[str, nn.Module] = {}
        normalization = self.choices.default.normalization
        if normalization is not None and normalization.common.get("on_input"):
            stages["input_normalization"] = normalization(in_shape[0], len(in_shape) - 1)
            for name, parameter in stages["input_normalization"].named_parameters():
                self.table.add(Entry(f"input_normalization.{name}", parameter, "norm", "input_normalization"))
        for name, regularizer in self.inside.items():
            if (module := self._try(name, regularizer, "on_input", in_shape)) is not None:
                stages[f"input_{name}"] = module
        return stages

    def activation(self, name: str, shape: Shape) -> nn.Module:
        """An activation on its own (a layer of `sequential`)."""
        return self.choices(name).activation(shape[0])  # type: ignore[no-any-return]

    def row(self, layers: Sequence[Bound], in_shape: Shape, prefix: str = "") -> tuple[dict[str, nn.Module], Shape]:
        """Layer parts one behind the other: the modules by name (without the prefix of what they stand in) and the shape behind them."""
        modules: dict[str, nn.Module] = {}
        shape = in_shape
        for layer in layers:
            short = self.next_name(layer.flag("prefix") or layer.name)
            self.name = prefix + short
            modules[short] = layer(shape, self)
            shape = self.shape_after(modules[short], shape, prefix + short)
        return modules, shape

    def chain(self, modules: Mapping[str, nn.Module]) -> Chain:
        """Modules in a row, under these names."""
        return Chain(dict(modules))

    def shape_after(self, module: nn.Module, in_shape: Shape, name: str) -> Shape:
        """The shape of one row behind `module`. Raises `ConfigError` naming the layer when the input does not fit it."""
        was_training = module.training
        try:
            with torch.no_grad():
                shape = tuple(module.eval()(torch.zeros(1, *in_shape)).shape[1:])
        except RuntimeError as error:
            if no_memory(error):
                raise
            text = str(error).split("\n", 1)[0]
            raise ConfigError(Problem(f"{name} cannot work on an input of {times(in_shape)}: {text}", path=name, code="shape")) from None
        module.train(was_training)
        if 0 in shape:
            raise ConfigError(Problem(f"nothing is left behind {name}: {times(shape)}", "expected at least 1x1", path=name, code="shape"))
        return shape

    def check_outputs(self, net: nn.Module, in_shape: Shape, outputs: int) -> None:
        """Raise `ConfigError` where the whole net does not turn one row into `outputs` numbers."""
        shape = self.shape_after(net, in_shape, "net")
        if shape != (outputs,):
            fix = 'end it with make.dense("output", width, outputs, output=True)'
            raise ConfigError(Problem(f"the net turns a row into {times(shape)} numbers", f"expected {outputs}", fix, code="shape"))

    def _finish(self, name: str, layer: Staged, width: int, spatial: int, output: bool, fans: Fans) -> Staged:
        self.table.settings[name] = self.choices.regularizers(name)
        if output:
            self.outputs.add(name)
        else:
            choice = self.choices(name)
            self._add_stages(name, layer, choice, width, spatial)
            for regularizer_name, regularizer in self.inside.items():
                if self._try(regularizer_name, regularizer, "wrap", name, layer):
                    self.acted.add(regularizer_name)
        self.table.layers.append(name)
        for parameter_name, parameter in layer.named_parameters():
            self.table.add(Entry(f"{name}.{parameter_name}", parameter, role(parameter_name), name, 0, fans))
        return layer

    def _add_stages(self, name: str, layer: Staged, choice: Choice, width: int, spatial: int) -> None:
        normalization = choice.normalization
        after = normalization is not None and normalization.common.get("position") == "after_activation"
        if normalization is not None and not after:
            with under(self.choices.address(name, "normalization"), of=name):
                if normalization.flag("form") == "weight":
                    normalization(layer)
                else:
                    layer.add_module("normalization", normalization(width * pieces(choice.activation), spatial))
        with under(self.choices.address(name, "activation"), of=name):
            layer.add_module("activation", choice.activation(width))
        if normalization is not None and after:
            with under(self.choices.address(name, "normalization"), of=name):
                layer.add_module("normalization", normalization(width, spatial))
        for regularizer_name, regularizer in self.inside.items():
            if (module := self._try(regularizer_name, regularizer, "after_activation", name, width, spatial)) is not None:
                layer.add_module(regularizer_name, module)

    def _ask(self, method: str, *arguments: Any) -> list[nn.Module]:
        answers = [self._try(name, regularizer, method, *arguments) for name, regularizer in self.inside.items()]
        return [a for a in answers if a is not None]

    def _try(self, name: str, regularizer: Any, method: str, *arguments: Any) -> Any:
        if not hasattr(regularizer, method):
            return None
        with under(f"regularizers.{name}"):
            answer = getattr(regularizer, method)(*arguments)
        if answer is not None and answer is not False:
            self.acted.add(name)
        return answer


def role(parameter_name: str) -> str:
    """What a parameter of a layer is for, from the stage that it belongs to."""
    stage, _, rest = parameter_name.rpartition(".")
    if stage:
        return "activation" if stage.startswith("activation") else "norm"
    return rest if rest in ("weight", "bias") else "norm"


def pieces(activation: Bound) -> int:
    """How many times wider the activation wants the layer before it."""
    flag = activation.flag("widens")
    return int(activation.keys[flag] if isinstance(flag, str) else flag)


def cancels_bias(choice: Choice) -> bool:
    """Whether a normalization right behind the linear part would subtract the bias again."""
    normalization = choice.normalization
    if normalization is None or normalization.flag("form") == "weight":
        return False
    return bool(normalization.flag("cancels_bias")) and normalization.common["position"] == "before_activation"


def check_window(name: str, in_shape: Shape, kernel: int, padding: int, *, same: bool = False) -> None:
    """Raise `ConfigError` naming the layer when a window of `kernel` does not fit images of `in_shape`."""
    if len(in_shape) != 3:
        expected = "images (channels, height, width)"
        raise ConfigError(Problem(f"{name} got an input of {times(in_shape)}", f"expected {expected}", path=name, code="shape"))
    height, width = in_shape[1:]
    if not same and min(height, width) + 2 * padding < kernel:
        text = f"{name}: a window of {kernel}x{kernel} does not fit an input of {times(in_shape)}"
        raise ConfigError(
            Problem(
                text,
                f"expected at most {min(height, width) + 2 * padding}",
                "fewer poolings, a smaller kernel, or padding",
                name,
                code="shape",
            )
        )


def times(shape: Sequence[int]) -> str:
    """`3x32x32`."""
    return "x".join(str(n) for n in shape)
