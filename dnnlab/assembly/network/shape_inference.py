"""The net as shapes alone, without torch: `check --static` walks an architecture with it, not with `make`."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...config.sections import Experiment
from ...errors import error_path
from ...registry import Bound
from .conv_shapes import (
    Shape,
    cancels_bias,
    check_alone,
    check_images,
    check_left,
    check_window,
    pieces,
    reach,
    window_count,
)
from .group_counts import Divisions, NormalizationPlace
from .layer_names import SECTIONS, Layout
from .per_layer import (
    EVERY_KEY,
    HIDDEN_KEYS,
    RATE_KEYS,
    WEIGHT_KEYS,
    LayerChoices,
    Setting,
    layer_choices,
)
from .regularizer_checks import check_acted, check_drawn, check_layers, hidden_layers
from .without_torch import NeedsTorchError, needing_torch, tried


@dataclass(frozen=True)
class Node:
    """A module, reduced to its effect on the shape of a row."""

    grow: Callable[[Shape], Shape]
    """Shape before the module -> shape after it."""
    units: tuple[int, int] = (0, 0)
    """(in, out) of a dense layer."""


@dataclass(frozen=True)
class Outlined:
    """A net that was walked as shapes."""

    layers: tuple[str, ...]
    """Names of the layers with weights."""
    weights: int
    """Numbers in the weights of the layers, without biases and normalization."""
    choices: LayerChoices
    """The settings of each layer."""
    learning: tuple[str, ...]
    """Names of all layers with parameters."""


class Outline(Layout):
    """`Make` for shapes.

    The parts of a layer are called too: their own checks come before they import torch.
    """

    def __init__(self, x: Experiment, inside: Mapping[str, Bound]) -> None:
        own: dict[str, Setting] = {}
        super().__init__(own)
        self.choices = layer_choices(x, own)
        self.weights: dict[str, int] = {}
        self.takes: dict[str, frozenset[str]] = {}
        self.divisions = Divisions()
        self.inside, self.places, self.convolutions = inside, set[str](), set[str]()

    def dense(
        self, name: str, in_features: int, units: int, *, output: bool = False, activate: bool = True
    ) -> Node:
        """See `Make.dense`."""
        wide = self._layer(name, units, 0, output, activate and not output)
        self.weights[name] = in_features * wide
        self.reserve(name, self.weights[name])
        return Node(lambda shape: (*shape[:-1], units), (in_features, units))

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
        dilation: int = 1,
        output: bool = False,
        activate: bool = True,
    ) -> Node:
        """See `Make.conv`."""
        window = reach(kernel, dilation)
        check_window(name, in_shape, window, padding)
        wide = self._layer(name, filters, 2, output, activate and not output)
        self.weights[name] = in_shape[0] // groups * kernel * kernel * wide
        self.reserve(name, self.weights[name])
        return Node(
            lambda shape: (filters, *(window_count(side, window, stride, padding) for side in shape[1:]))
        )

    def tied(self, name: str, source: Node, *, output: bool = False) -> Node:
        """See `Make.tied`."""
        self._layer(name, source.units[0], 0, output, not output)
        self.takes[name] -= WEIGHT_KEYS
        return Node(lambda shape: (source.units[0],))

    def pool(
        self, name: str, in_shape: Shape, form: str, kernel: int, stride: int | None = None, padding: int = 0
    ) -> Node:
        """See `Make.pool`."""
        check_window(name, in_shape, kernel, padding)
        own = next((bound for bound in self.inside.values() if bound.flag("pools") is not None), None)
        if own is not None and self.replaceable(form, kernel, stride, padding):
            self.pooled.append(in_shape)
            self.places.add("pooling")
            return Node(
                lambda shape: (shape[0], *(own.flag("pools")(side, **own.keys) for side in shape[1:]))
            )
        return Node(
            lambda shape: (
                shape[0],
                *(window_count(side, kernel, stride or kernel, padding) for side in shape[1:]),
            )
        )

    def global_average_pool(self, name: str, in_shape: Shape) -> Node:
        """See `Make.global_average_pool`."""
        check_images(name, in_shape)
        return Node(lambda shape: shape[:1])

    def flatten(self) -> Node:
        """See `Make.flatten`."""
        return Node(lambda shape: (math.prod(shape),))

    def noise(self, std: float) -> Node:
        """See `Make.noise`."""
        return Node(lambda shape: shape)

    def dropout(self, rate: float) -> Node:
        """See `Make.dropout`."""
        return Node(lambda shape: shape)

    def activation(self, name: str, in_shape: Shape, part: Bound | None = None) -> Node:
        """See `Make.activation`."""
        chosen = part or self.choices(name).activation
        with error_path(
            f"{self._path}.part" if part else self.choices.address(name, "activation"),
            of="" if part else name,
        ):
            check_alone(name, chosen)
            tried(chosen, in_shape[0])
        self.takes[name] = RATE_KEYS | (frozenset() if part else {"activation"})
        return Node(lambda shape: shape)

    def normalization(self, name: str, in_shape: Shape, part: Bound) -> Node:
        """See `Make.normalization`."""
        with error_path(f"{self._path}.part"):
            tried(part, in_shape[0], len(in_shape) - 1)
        self.takes[name] = RATE_KEYS
        return Node(lambda shape: shape)

    def residual(
        self,
        name: str,
        body: Node,
        shortcut: Node | None,
        index: int,
        count: int,
        *,
        width: int | None = None,
    ) -> Node:
        """See `Make.residual`."""
        self.places.add("residual")
        if width is not None:
            with error_path(self.choices.address(name, "activation")):
                check_alone(name, self.choices(name).activation)
            self.takes[name] = RATE_KEYS | {"activation"}
        return body

    def padded_shortcut(self, channels: int, stride: int) -> Node:
        """See `Make.padded_shortcut`."""
        return Node(lambda shape: (channels, *((side - 1) // stride + 1 for side in shape[1:])))

    def chain(self, modules: Mapping[str, Any]) -> Node:
        """See `Make.chain`. Raises `NeedsTorchError` if a part made one of the modules itself."""
        if not all(isinstance(module, Node) for module in modules.values()):
            raise NeedsTorchError

        def grow(shape: Shape) -> Shape:
            for name, module in modules.items():
                shape = self.shape_after(module, shape, name)
            return shape

        return Node(grow)

    def shape_after(self, module: Any, in_shape: Shape, name: str) -> Shape:
        """The shape of one row after a node.

        Raises `ConfigError` if nothing is left, `NeedsTorchError` for a module that is no node.
        """
        if not isinstance(module, Node):
            raise NeedsTorchError
        shape = module.grow(in_shape)
        check_left(name, shape)
        return shape

    def _layer(self, name: str, width: int, spatial: int, output: bool, active: bool) -> int:
        """Call the parts of a layer for their checks; the width of its linear part."""
        choice = self.choices(name)
        wide = width * (pieces(choice.activation) if active else 1)
        self.takes[name] = EVERY_KEY - (
            HIDDEN_KEYS if output else frozenset() if active else {"activation", "dropout"}
        )
        normalization = choice.normalization
        if normalization is not None and not output and normalization.flag("form") != "weight":
            before = (
                not active
                or cancels_bias(choice, active)
                or normalization.common.get("position") == "before_activation"
            )
            place = NormalizationPlace(
                normalization, wide if before else width, spatial, self.choices.address(name, "normalization")
            )
            with self.divisions.normalizing(name, place):
                tried(normalization, place.channels, spatial)
        if spatial:
            self.convolutions.add(name)
        if active:
            with error_path(self.choices.address(name, "activation"), of=name):
                tried(choice.activation, width)
        return wide


def outline_net(x: Experiment, regularizers: Mapping[str, Bound], in_shape: Shape, outputs: int) -> Outlined:
    """Walk the architecture of an experiment from a row of `in_shape` to `outputs` numbers, without torch.

    Raises `ConfigError` as a build would for shapes, per-layer settings and what parts refuse;
    `NeedsTorchError` if a part makes modules of its own.
    """
    inside = {name: bound for name, bound in regularizers.items() if bound.flag("effect") == "inside"}
    outline = Outline(x, inside)
    with needing_torch():
        walk_architecture(x.architecture, in_shape, outputs, outline)
    check_layers(outline.choices, outline.takes, regularizers, frozenset(x.regularizers))
    places = {"hidden": hidden_layers(outline.takes)}
    places["convolution"] = [name for name in places["hidden"] if name in outline.convolutions]
    acted = {
        name
        for name, bound in inside.items()
        if bound.keys.get("input_rate") or finds_place(bound, outline, places)
    }
    check_acted(
        {name: bound for name, bound in inside.items() if name in x.regularizers},
        acted,
        places,
        x.architecture.name,
    )
    check_drawn(inside, outline.pooled)
    numbers = sum(outline.weights.values())
    return Outlined(tuple(outline.weights), numbers, outline.choices, tuple(outline.takes))


def walk_architecture(architecture: Bound, in_shape: Shape, outputs: int, outline: Outline) -> None:
    """Let an architecture build itself of shapes. Raises `ConfigError`."""
    with error_path("architecture", *SECTIONS):
        net = architecture(in_shape, outputs, outline)
        outline.divisions.check()
        outline.check_outputs(net, in_shape, outputs)


def finds_place(bound: Bound, outline: Outline, places: Mapping[str, Sequence[str]]) -> bool:
    """Whether a regularizer within the net would act somewhere."""
    kind, pattern = bound.flag("acts_on"), bound.keys.get("layers")
    if kind not in places:
        return kind is None or kind in outline.places
    own = {layer: outline.choices.regularizers(layer).get(bound.name) for layer in places[kind]}
    return any(
        (pattern is None or pattern.matches(layer)) if rate is None else rate > 0
        for layer, rate in own.items()
    )
