"""Names and lists of layers, for `make` and for its torch-free outline, which walk the same architectures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from ...data.prepare.memory_limits import check_room
from ...errors import ConfigError, Problem, error_path
from ...registry import Bound, nested
from .conv_shapes import Shape, times
from .per_layer import Setting

SECTIONS = ("architecture", "activation", "normalization", "per_layer", "regularizers")
"""First words of paths that are complete addresses already."""


class Layout:
    """Gives layers their names."""

    def __init__(self, own: dict[str, Setting]) -> None:
        """own: settings that are written with a layer itself, by its name; `row` fills them in."""
        self.own = own
        self.name = ""
        """The layer that `row` is building."""
        self.block = (0, 0)
        """Which residual block that layer is (from 1), and of how many."""
        self.pooled: list[Shape] = []
        """The shape before each pooling that a regularizer replaces."""
        self.reserved = 0
        """Bytes of the weights so far."""
        self._path = "architecture"
        self._numbers: Counter[str] = Counter()

    def reserve(self, name: str, weights: int) -> None:
        """Count the weights of a layer before they are made. Raises `OutOfMemoryError` if they cannot fit."""
        self.reserved += 4 * weights
        check_room(self.reserved, f"the weights up to layer {name}", "", "make its layers smaller")

    def replaceable(self, form: str, kernel: int, stride: int | None, padding: int) -> bool:
        """Whether a regularizer may replace this pooling: not an average, nor a window set by a layer."""
        return form == "max" and (not self.name or (kernel, stride or kernel, padding) == (2, 2, 0))

    def next_name(self, prefix: str) -> str:
        """`hidden1`, `hidden2`, ...: the next free name with this prefix."""
        self._numbers[prefix] += 1
        return f"{prefix}{self._numbers[prefix]}"

    def row(self, layers: Sequence[Bound], in_shape: Shape, prefix: str = "") -> tuple[dict[str, Any], Shape]:
        """Modules of consecutive layers, by name without the prefix of their block, and the shape after them.

        The layers are the key `layers` of the part that is being built. Raises `ConfigError` with the address
        of the layer.
        """
        if not layers:
            raise ConfigError(
                Problem(
                    "a list without layers",
                    "expected at least one",
                    "layers: [dense]",
                    "layers",
                    code="empty",
                )
            )
        modules: dict[str, Any] = {}
        shape, place = in_shape, self._path
        if not prefix:
            self.block = (self.block[0], self.block[1] + count_blocks(layers))
        for i, layer in enumerate(layers):
            short = self.next_name(layer.flag("prefix") or layer.name)
            self.name, self._path = prefix + short, f"{place}.layers.{i}"
            if layer.common:
                self.own[self.name] = Setting(layer.common, self._path, self.name)
            if "residual" in layer.flag("has"):
                self.block = (self.block[0] + 1, self.block[1])
            with error_path(self._path, *SECTIONS):
                modules[short] = layer(shape, self)
                shape = self.shape_after(modules[short], shape, prefix + short)
        self._path = place
        return modules, shape

    def shape_after(self, module: Any, in_shape: Shape, name: str) -> Shape:
        """The shape of one row after `module`.

        Raises `ConfigError` with the layer if the input does not fit it.
        """
        raise NotImplementedError

    def check_outputs(self, net: Any, in_shape: Shape, outputs: int) -> None:
        """Raise `ConfigError` if the whole net does not turn one row into `outputs` numbers."""
        shape = self.shape_after(net, in_shape, "net")
        if shape != (outputs,):
            text = f"the net turns a row into {times(shape)} numbers"
            fix = 'end it with make.dense("output", width, outputs, output=True)'
            raise ConfigError(Problem(text, f"expected {outputs}", fix, code="shape"))


def count_blocks(layers: Sequence[Bound]) -> int:
    """Residual blocks among layer parts and inside them."""
    every = [*layers, *(inner for layer in layers for _, inner in nested(layer, "layer"))]
    return sum("residual" in layer.flag("has") for layer in every)
