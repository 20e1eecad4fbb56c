"""From the layouts of Keras, flax and scikit-learn to torch's: permuted axes, perhaps between reshapes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .weight_file import Array

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Layout:
    """How an array is turned. before, after: shapes around the permutation, where they differ from it."""

    axes: tuple[int, ...] = ()
    before: Shape | None = None
    after: Shape | None = None
    flipped: bool = False
    """Whether the first two axes, height and width, run the other way."""

    def shape(self, stored: Shape) -> Shape:
        """The shape that an array of this shape gets."""
        whole = self.before or stored
        return self.after or (tuple(whole[axis] for axis in self.axes) if self.axes else stored)

    def turned(self, array: Array) -> Array:
        """The array in torch's layout."""
        array = array[::-1, ::-1] if self.flipped else array
        whole = array.reshape(self.before or array.shape)
        whole = whole.transpose(self.axes) if self.axes else whole
        return whole.reshape(self.shape(array.shape))


PLAIN = Layout()
DENSE = Layout((1, 0))
"""(inputs, units) to (units, inputs)."""
CONV = Layout((3, 2, 0, 1))
"""(height, width, channels, filters) to (filters, channels, height, width); of a transposed one also."""
FLAX_TRANSPOSED = Layout((2, 3, 0, 1), flipped=True)
"""A transposed convolution of flax: (height, width, channels, filters), turned around."""
CONV_1D = Layout((2, 1, 0))


def depthwise(stored: Shape) -> Layout:
    """(height, width, channels, multiplier) to (channels * multiplier, 1, height, width)."""
    height, width, channels, multiplier = stored
    return Layout((2, 3, 0, 1), after=(channels * multiplier, 1, height, width))


def after_flatten(stored: Shape, image: Shape) -> Layout:
    """A dense kernel whose inputs are the places of an image (height, width, channels), channels last.

    torch flattens channel by channel.
    """
    height, width, channels = image
    return Layout((3, 2, 0, 1), (height, width, channels, stored[1]), (stored[1], stored[0]))


def square_image(inputs: int, channels: int) -> Shape | None:
    """(height, width, channels) of a square image of several places with so many numbers, if there is one."""
    side = round((inputs / channels) ** 0.5)
    return (side, side, channels) if side > 1 and side * side * channels == inputs else None


def guessed_images(kernels: Mapping[str, Shape]) -> tuple[dict[str, Shape], list[str]]:
    """Dense layer -> the image (height, width, channels) that was flattened before it; and notes.

    For files that do not say which layer comes after which. kernels: layer -> shape, channels last. The only
    dense layer that no other one feeds is taken, if its inputs make a square image of the only channels that
    no convolution takes.
    """
    dense = {name: kernel for name, kernel in kernels.items() if len(kernel) == 2}
    convs = [kernel for kernel in kernels.values() if len(kernel) == 4]
    fed = {kernel[1] for kernel in dense.values()}
    ends = {kernel[3] for kernel in convs} - {kernel[2] for kernel in convs}
    first = {name: kernel[0] for name, kernel in dense.items() if kernel[0] not in fed | ends}
    if not convs or not first:
        return {}, []
    if len(first) == len(ends) == 1:
        ((name, inputs),) = first.items()
        image = square_image(inputs, ends.pop())
        if image is not None:
            return {name: image}, [reordered(name, image)]
    words = "the file does not say whether the inputs are flattened images; they were not turned"
    return {}, [f"{', '.join(first)}: {words}"]


def reordered(layer: str, image: Sequence[int]) -> str:
    """The note that such a layer gets."""
    height, width, channels = image
    return f"{layer}: its inputs were {height}x{width} places of {channels} channels, turned to torch's order"
