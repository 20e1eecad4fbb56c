"""One image file becomes bytes: (channels, height, width), upright, without palette or transparency.

Pillow does the decoding.
"""

from __future__ import annotations

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from PIL import Image

    from ..raw import Array

DECODER = 1  # raised whenever the same file would give other bytes: older caches are then not read any more
_ORIENTATION = 0x0112
_TURNED = frozenset({5, 6, 7, 8})  # EXIF orientations that swap width and height
_GREY = frozenset({"1", "L", "LA", "La", "I", "I;16", "I;16B", "I;16L", "I;16N"})
_DEEP = frozenset({"I", "I;16", "I;16B", "I;16L", "I;16N"})
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    struct.error,
    zlib.error,
)


class BadImageError(Exception):
    """A file that is no whole image; the text says why."""


@dataclass(frozen=True)
class Form:
    """What every image becomes: size (height, width), channels 1 or 3, fit "crop", "pad" or "stretch"."""

    size: tuple[int, int]
    channels: int
    fit: str


@dataclass(frozen=True)
class Header:
    """What a file says of its image: size (height, width) as it is looked at, and whether it is grey."""

    size: tuple[int, int]
    grey: bool


def read_header(path: Path) -> Header:
    """Size and kind without decoding. Raises `BadImageError`."""
    with _opened(path) as image:
        width, height = image.size
        turned = image.getexif().get(_ORIENTATION) in _TURNED
        return Header((width, height) if turned else (height, width), image.mode in _GREY)


def decode(path: Path, form: Form) -> Array:
    """The image as (channels, height, width) bytes.

    EXIF orientation is applied; palettes become colours; transparency is laid on white; 16-bit grey keeps its
    upper 8 bits (x / 257, rounded). crop: scaled until the shorter side fits, then cut at the middle; pad:
    until the longer side fits, then black bars; stretch: both sides by themselves. Scaling is bilinear over
    all pixels that fall together. Raises `BadImageError`.
    """
    from PIL import Image, ImageOps

    with _opened(path) as opened:
        image = _plain(ImageOps.exif_transpose(opened), form.channels)
        height, width = form.size
        if image.size != (width, height):
            how = Image.Resampling.BILINEAR
            if form.fit == "stretch":
                image = image.resize((width, height), how)
            else:
                image = (ImageOps.fit if form.fit == "crop" else ImageOps.pad)(image, (width, height), how)
        pixels = np.asarray(image, dtype=np.uint8)
    return pixels[None] if pixels.ndim == 2 else np.ascontiguousarray(pixels.transpose(2, 0, 1))


def _plain(image: Image.Image, channels: int) -> Any:
    from PIL import Image

    wanted = "L" if channels == 1 else "RGB"
    if image.mode in _DEEP:
        values = np.asarray(image).astype(np.int64)
        if values.size and (values.min() < 0 or values.max() > 65535):
            raise BadImageError(
                f"grey values from {values.min()} to {values.max()}; only 8 and 16 bits are read"
            )
        image = Image.fromarray(np.rint(values / 257).astype(np.uint8))
    if image.mode == "F":
        raise BadImageError("its pixels are floats; save it with 8 or 16 bits")
    if image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert(wanted)


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    """The image of a file; errors, also those of the body that decodes it, become a `BadImageError`."""
    from PIL import Image, UnidentifiedImageError

    try:
        if path.stat().st_size == 0:
            raise BadImageError("it is empty (0 bytes)")
        with Image.open(path) as image:
            yield image
    except UnidentifiedImageError:
        raise BadImageError("it is no image that Pillow knows") from None
    except Image.DecompressionBombError as error:
        raise BadImageError(str(error)) from None
    except _BROKEN as error:
        raise BadImageError(str(error) or type(error).__name__) from None


@contextmanager
def quiet() -> Iterator[None]:
    """Pillow's warnings about odd but readable files are not shown. Not to be entered by several threads."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
