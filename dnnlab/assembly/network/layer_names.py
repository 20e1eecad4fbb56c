"""Names and rows of layers, for `make` and for its torch-free `outline`: both walk the same architectures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from ...errors import ConfigError, Problem, error_path
from ...registry import Bound, nested
from .conv_shapes import Shape
from .per_layer import Setting

SECTIONS = ("architecture", "activation", "normalization", "per_layer", "regularizers")
"""What paths of problems begin with that were named where they came up."""


class Layout:
    """name, block: of the layer that `row` is building; block is which residual block it is (from 1) of how many.

    own: settings that stand with a layer itself, by its name. pooled: the shape in front of each pooling that
    a regularizer brings.
    """

    def __init__(self, own: dict[str, Setting]) -> None:
        self.own = own
        self.name, self.block = "", (0, 0)
        self.pooled: list[Shape] = []
        self._path = "architecture"
        self._numbers: Counter[str] = Counter()

    def replaceable(self, form: str, kernel: int, stride: int | None, padding: int) -> bool:
        """Whether a regularizer may bring a pooling of its own here: not for averages, nor where a listed layer asks for other windows."""
        return form == "max" and (not self.name or (kernel, stride or kernel, padding) == (2, 2, 0))

    def next_name(self, prefix: str) -> str:
        """`hidden1`, `hidden2`, ...: the next free name with this prefix."""
        self._numbers[prefix] += 1
        return f"{prefix}{self._numbers[prefix]}"

    def row(self, layers: Sequence[Bound], in_shape: Shape, prefix: str = "") -> tuple[dict[str, Any], Shape]:
        """Layer parts one behind the other: the modules by name (without the prefix of what they stand in) and the shape behind them.

        The parts stand in the key `layers` of the part that is being built. Raises `ConfigError` with the
        place of the layer.
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
        """The shape of one row behind `module`.

        Raises `ConfigError` naming the layer when the input does not fit it.
        """
        raise NotImplementedError


def count_blocks(layers: Sequence[Bound]) -> int:
    """Residual blocks among layer parts and inside them."""
    every = [*layers, *(inner for layer in layers for _, inner in nested(layer, "layer"))]
    return sum("residual" in layer.flag("has") for layer in every)
