"""What the variables of Keras' layers are, and what torch calls them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import prod
from typing import Any

from .layouts import (
    CONV,
    CONV_1D,
    DENSE,
    PLAIN,
    Layout,
    Shape,
    after_flatten,
    depthwise,
    guessed_images,
    reordered,
)
from .weight_file import Array, WeightArray

_NORM = ("gamma", "beta")
VARIABLES: Mapping[str, tuple[str, ...]] = {
    "Dense": ("kernel", "bias"),
    "Conv1D": ("kernel", "bias"),
    "Conv2D": ("kernel", "bias"),
    "Conv2DTranspose": ("kernel", "bias"),
    "DepthwiseConv2D": ("kernel", "bias"),
    "SeparableConv2D": ("depthwise_kernel", "pointwise_kernel", "bias"),
    "BatchNormalization": (*_NORM, "moving_mean", "moving_variance"),
    "LayerNormalization": _NORM,
    "GroupNormalization": _NORM,
    "RMSNormalization": ("scale",),
    "Embedding": ("embeddings",),
    "PReLU": ("alpha",),
}
"""The variables of a layer in the order of a Keras 3 file, all that it can have."""
SWITCHES = {"bias": "use_bias", "gamma": "scale", "beta": "center"}
"""Variable -> the key of the layer's config that may leave it out."""
CALLED = {
    "kernel": "weight",
    "depthwise_kernel": "depthwise.weight",
    "pointwise_kernel": "pointwise.weight",
    "gamma": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
    "scale": "weight",
    "embeddings": "weight",
    "alpha": "weight",
}
_EPS = {"epsilon": "eps"}
_WINDOW = {"padding": "padding", "strides": "stride", "dilation_rate": "dilation", "groups": "groups"}
FACTS: Mapping[str, Mapping[str, str]] = {
    "BatchNormalization": {**_EPS, "momentum": "decay"},
    "LayerNormalization": _EPS,
    "GroupNormalization": {**_EPS, "groups": "groups"},
    "RMSNormalization": _EPS,
    "Conv2D": _WINDOW,
    "DepthwiseConv2D": _WINDOW,
    "SeparableConv2D": _WINDOW,
    "Conv2DTranspose": _WINDOW,
}
"""Class -> key of its config -> what it is called here."""
WINDOWED = {
    "Conv2D",
    "DepthwiseConv2D",
    "SeparableConv2D",
    "MaxPooling2D",
    "AveragePooling2D",
}
KEEPING = {
    "Activation",
    "AlphaDropout",
    "BatchNormalization",
    "Dropout",
    "ELU",
    "GaussianDropout",
    "GaussianNoise",
    "GroupNormalization",
    "LayerNormalization",
    "LeakyReLU",
    "PReLU",
    "ReLU",
    "Rescaling",
    "SpatialDropout2D",
}
"""Layers that leave the shape of an image alone."""
Stored = tuple[str, Shape, str, Callable[[], Array]]
"""Name in the file, shape, type, loader."""


@dataclass(frozen=True)
class Layer:
    """A layer of a Keras model."""

    name: str
    kind: str
    """Its class; "" if the file does not say it."""
    config: Mapping[str, Any]
    image: Shape | None = None
    """Of Flatten: (height, width, channels) of its input, where the file says it."""

    @property
    def facts(self) -> dict[str, Any]:
        """What the config says of it."""
        keys = FACTS.get(self.kind, {})
        return {ours: self.config[theirs] for theirs, ours in keys.items() if theirs in self.config}

    def renamed(self, name: str) -> Layer:
        """The layer under the name that it has inside another one."""
        return replace(self, name=name)

    def variables(self, count: int) -> tuple[str, ...]:
        """The names of so many variables; () if that cannot be known."""
        known = VARIABLES.get(self.kind, ())
        if self.config:
            known = tuple(name for name in known if self.config.get(SWITCHES.get(name, ""), True))
        elif count == 2 and self.kind == "BatchNormalization":
            known = known[2:]
        if self.kind == "Dense" and count == len(known) + 1:
            known = (*known, "kernel_scale")  # a quantized layer
        if len(known) == count:
            return known
        return known[:count] if known[count:] == ("bias",) else ()


def class_of_group(name: str) -> str:
    """The class that a group of a Keras 3 file is named after: `conv2d_3`."""
    plain = re.sub(r"_\d+$", "", name)
    return next((kind for kind in [*VARIABLES, "Flatten"] if _snake(kind) == plain), "")


def _snake(name: str) -> str:
    """As Keras makes group names of class names."""
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", name)).lower()


def layers_of_config(config: Mapping[str, Any]) -> Iterator[Layer]:
    """All layers of a model's config, in its order, also those inside other models."""
    inner = config.get("config")
    layers = inner.get("layers") if isinstance(inner, dict) else None
    for item in layers if isinstance(layers, list) else []:
        own = item.get("config") if isinstance(item, dict) else None
        if not isinstance(own, dict):
            continue
        built = item.get("build_config")
        shape = built.get("input_shape") if isinstance(built, dict) else None
        image = (
            tuple(shape[1:])
            if isinstance(shape, list) and len(shape) == 4 and all(isinstance(n, int) for n in shape[1:])
            else None
        )
        yield Layer(str(own.get("name", item.get("name", ""))), str(item.get("class_name", "")), own, image)
        yield from layers_of_config(item)


def placed_images(
    stored: Sequence[Layer], shapes: Mapping[str, Mapping[str, Shape]], config: Mapping[str, Any]
) -> tuple[dict[str, Shape], list[str]]:
    """Dense layer -> the image (height, width, channels) that was flattened before it; and notes."""
    kernels = {name: found["kernel"] for name, found in shapes.items() if "kernel" in found}
    listed = list(layers_of_config(config))
    if not listed:
        flattens = any(layer.kind == "Flatten" for layer in stored)
        return guessed_images(kernels) if flattens else ({}, [])
    images, notes = dict[str, Shape](), list[str]()
    image: Shape | None = None
    flattened = False
    for layer in listed:
        kernel = kernels.get(layer.name, ())
        if layer.kind == "Flatten":
            flattened, image = True, layer.image or image
        elif layer.kind == "Dense" and len(kernel) == 2:
            if flattened and image is not None and prod(image) == kernel[0]:
                images[layer.name] = image
                notes += [reordered(layer.name, image)] if image[:2] != (1, 1) else []
            elif flattened and any(len(k) == 4 for k in kernels.values()):
                notes += [f"{layer.name}: the file does not say which images are flattened; not turned"]
            flattened, image = False, None
        else:
            image = grown(layer, image)
    return images, notes


def grown(layer: Layer, image: Shape | None) -> Shape | None:
    """The image (height, width, channels) after a layer, where that is known."""
    config = layer.config
    if layer.kind == "InputLayer":
        given = config.get("batch_shape") or config.get("batch_input_shape") or ()
        return tuple(given[1:]) if len(given) == 4 and all(isinstance(n, int) for n in given[1:]) else None
    if image is None or layer.kind in KEEPING:
        return image
    window = config.get("kernel_size") or config.get("pool_size")
    if layer.kind not in WINDOWED or not window:
        return None
    strides, spread = config.get("strides") or window, config.get("dilation_rate") or (1, 1)
    places = zip(image[:2], window, strides, spread, strict=True)
    same = config.get("padding") == "same"
    sides = [-(-n // s) if same else (n - d * (k - 1) - 1) // s + 1 for n, k, s, d in places]
    channels = config.get("filters") or image[2] * config.get("depth_multiplier", 1)
    return (*sides, channels)


def arrays_of(layer: Layer, stored: Mapping[str, Stored], image: Shape | None) -> Iterator[WeightArray]:
    """The variables of a layer as torch has them."""
    scale = stored.get("kernel_scale")
    for variable, (address, shape, dtype, load) in stored.items():
        if variable == "kernel_scale":
            continue
        layout = _layout(layer, variable, shape, image)
        name = f"{layer.name}.{CALLED.get(variable, variable)}"
        if scale is not None and variable == "kernel":
            load = partial(_scaled, load, scale[3])
        yield WeightArray(name, layout.shape(shape), dtype, partial(_turned, load, layout), address)


def _layout(layer: Layer, variable: str, shape: Shape, image: Shape | None) -> Layout:
    if variable.endswith("kernel") and len(shape) == 4:
        apart = variable == "depthwise_kernel" or layer.kind == "DepthwiseConv2D"
        return depthwise(shape) if apart else CONV
    if variable == "kernel" and len(shape) == 3:
        return CONV_1D
    if variable == "kernel" and len(shape) == 2:
        return DENSE if image is None else after_flatten(shape, image)
    return PLAIN


def _turned(load: Callable[[], Array], layout: Layout) -> Array:
    return layout.turned(load())


def _scaled(load: Callable[[], Array], scale: Callable[[], Array]) -> Array:
    """The numbers of a quantized kernel: Keras divides by the scale."""
    array: Array = load().astype("float32") / scale()
    return array
