"""Sizes of images after convolutions and poolings, and the width of layers. No torch here."""

from __future__ import annotations

from collections.abc import Sequence

from ...errors import ConfigError, Problem
from ...registry import Bound
from .per_layer import LayerChoice

Shape = tuple[int, ...]


def times(shape: Sequence[int]) -> str:
    """`3x32x32`."""
    return "x".join(str(n) for n in shape)


def check_images(name: str, in_shape: Shape) -> None:
    """Raise `ConfigError` with the layer if rows are no images."""
    if len(in_shape) != 3:
        expected = "images (channels, height, width)"
        raise ConfigError(
            Problem(f"{name} got an input of {times(in_shape)}", f"expected {expected}", code="shape")
        )


def check_window(name: str, in_shape: Shape, kernel: int, padding: int | str = 0) -> None:
    """Raise `ConfigError` with the layer if a window of `kernel` does not fit images of `in_shape`.

    Paddings with a word but "valid" always fit.
    """
    check_images(name, in_shape)
    if padding in ("same", "same_keras"):
        return
    border = 0 if isinstance(padding, str) else padding
    largest = min(in_shape[1:]) + 2 * border
    if largest < kernel:
        text = f"{name}: a window of {kernel}x{kernel} does not fit an input of {times(in_shape)}"
        raise ConfigError(
            Problem(
                text,
                f"expected at most {largest}",
                "fewer poolings, a smaller kernel, or padding",
                code="shape",
            )
        )


def reach(kernel: int, dilation: int) -> int:
    """How many pixels a kernel spans whose places lie `dilation` apart."""
    return dilation * (kernel - 1) + 1


def check_left(name: str, shape: Shape) -> None:
    """Raise `ConfigError` with the layer if no pixel or number is left after it."""
    if any(side < 1 for side in shape):
        text = f"nothing is left behind {name}: {times(shape)}"
        raise ConfigError(Problem(text, "expected at least 1x1", code="shape"))


def window_count(size: int, kernel: int, stride: int, padding: int | str = 0) -> int:
    """The size after a convolution or pooling: how many windows of `kernel` fit into `size` pixels."""
    if padding in ("same", "same_keras"):
        return -(-size // stride)
    border = 0 if isinstance(padding, str) else padding
    return (size + 2 * border - kernel) // stride + 1


def pieces(activation: Bound) -> int:
    """How many times wider the layer before the activation must be."""
    flag = activation.flag("widens")
    return int(activation.keys[flag] if isinstance(flag, str) else flag)


def check_alone(name: str, activation: Bound) -> None:
    """Raise `ConfigError` for an activation that needs a wider layer before it and has none."""
    if pieces(activation) != 1:
        text = f"{name} stands alone, and {activation.name} needs a wider layer before it"
        raise ConfigError(
            Problem(
                text, "expected another activation", "write it as the activation of a layer", code="shape"
            )
        )


def cancels_bias(choice: LayerChoice, activate: bool) -> bool:
    """Whether a normalization directly after the linear part would subtract the bias again."""
    normalization = choice.normalization
    if (
        normalization is None
        or normalization.flag("form") == "weight"
        or not normalization.flag("cancels_bias")
    ):
        return False
    return not (activate and normalization.common["position"] == "after_activation")
