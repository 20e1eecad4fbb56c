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

DECODER = 2  # raised whenever the same file would give other bytes: older caches are then not read any more
_ORIENTATION = 0x0112
_TURNED = frozenset({5, 6, 7, 8})  # EXIF orientations that swap width and height
_SIXTEEN = frozenset({"I;16", "I;16B", "I;16L", "I;16N"})
_DEEP = _SIXTEEN | {"I", "F"}
_GREY = _DEEP | {"1", "L", "LA", "La"}
_SIXTEEN_BIT_FORMATS = frozenset({"PNG", "PPM"})  # Pillow may call their 16 bits I
_TIFF_SIZE = (257, 256)  # height and width as they are stored
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
    """What every image becomes."""

    size: tuple[int, int]
    """(height, width)."""
    channels: int
    """1 or 3."""
    fit: str
    """"crop", "pad" or "stretch"."""
    values: tuple[float, float] | None = None
    """Black and white of more than 8 bits; None: 0 and 65535 for 16 bits, others are refused."""


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
        if image.format == "TIFF":  # newer versions of Pillow say the size as it is looked at
            height, width = (image.tag_v2[tag] for tag in _TIFF_SIZE)  # type: ignore[attr-defined]  # of TIFF alone
        return Header((width, height) if turned else (height, width), image.mode in _GREY)


def decode(path: Path, form: Form) -> Array:
    """The image as (channels, height, width) bytes.

    Of several pages or frames the first is read. EXIF orientation is applied; palettes, CMYK and YCbCr
    become colours; transparency is laid on white; 16-bit grey becomes 8 bits (x / 257, rounded). Whole
    numbers of 32 bits and floats have no white of their own: `values` gives it. crop: scaled until the
    shorter side fits, then cut at the middle; pad: until the longer side fits, then black bars; stretch:
    both sides by themselves. Scaling is bilinear over all pixels that fall together. Raises
    `BadImageError`.
    """
    from PIL import Image, ImageOps

    with _opened(path) as opened:
        opened.load()  # a TIFF file is turned here, and forgets its orientation
        image = _plain(ImageOps.exif_transpose(opened), form, opened.format or "")
        height, width = form.size
        if image.size != (width, height):
            how = Image.Resampling.BILINEAR
            if form.fit == "stretch":
                image = image.resize((width, height), how)
            else:
                image = (ImageOps.fit if form.fit == "crop" else ImageOps.pad)(image, (width, height), how)
        pixels = np.asarray(image, dtype=np.uint8)
    return pixels[None] if pixels.ndim == 2 else np.ascontiguousarray(pixels.transpose(2, 0, 1))


def _plain(image: Image.Image, form: Form, file_format: str) -> Any:
    from PIL import Image

    if image.mode in _DEEP:
        image = Image.fromarray(_eight_bits(image, form, file_format))
    if image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("L" if form.channels == 1 else "RGB")


def _eight_bits(image: Image.Image, form: Form, file_format: str) -> Array:
    """Grey of more than 8 bits as bytes; a value that stands for transparency becomes white."""
    values = np.asarray(image).astype(np.float64)
    sixteen = image.mode in _SIXTEEN or file_format in _SIXTEEN_BIT_FORMATS
    if form.values is None and not sixteen:
        what = "floats" if image.mode == "F" else "whole numbers of 32 bits"
        found = f"from {values.min():g} to {values.max():g}" if values.size else "none"
        raise BadImageError(
            f"its pixels are {what} ({found}), of which none is known to be white; "
            "add `values: [BLACK, WHITE]`, such as [0, 1]"
        )
    low, high = form.values or (0.0, 65535.0)
    if not (np.isfinite(values).all() and ((values >= low) & (values <= high)).all()):
        found = f"from {values.min():g} to {values.max():g}"
        raise BadImageError(f"its pixels have values {found}, beyond `values: [{low:g}, {high:g}]`")
    scaled: Array = np.rint((values - low) / (high - low) * 255).astype(np.uint8)
    clear = image.info.get("transparency")
    if isinstance(clear, int):
        scaled[values == clear] = 255
    return scaled


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    """The image of a file; errors, also those of the body that decodes it, become a `BadImageError`."""
    from PIL import Image, UnidentifiedImageError

    try:
        if path.stat().st_size == 0:
            raise BadImageError("it is empty (0 bytes)")
        # Pillow maps uncompressed pixels of a path, by the turned size if they are turned: so not by path.
        with path.open("rb") as file, Image.open(file) as image:
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
