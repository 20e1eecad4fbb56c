"""Any set of images whose folders are the classes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ...errors import ConfigError, Problem
from ...registry import PositiveInt, part

if TYPE_CHECKING:
    from ...data.raw import RawDataset


@part(
    "data",
    source="the layout of Deng et al. 2009 (ImageNet); decoding by Pillow",
    example={"path": "photos", "size": [6, 8], "channels": 3, "fit": "pad"},
    hints={
        "image_size": "size: {value}",
        "img_size": "size: {value}",
        "resize": "size: {value}",
        "root": "path: {value}",
    },
    files=("path",),
)
def image_folder(
    folder: Path,
    *,
    path: str,
    size: PositiveInt | tuple[PositiveInt, PositiveInt] | None = None,
    channels: Literal["auto", 1, 3] = "auto",
    fit: Literal["crop", "pad", "stretch"] = "crop",
    on_bad: Literal["error", "skip"] = "error",
    values: tuple[float, float] | None = None,
) -> RawDataset:
    """Images (JPEG, PNG, ...) in a folder a class, as bytes (rows, channels, height, width); sorted classes.

    path: a folder with train/ (or training/), and validation/ (val, valid, dev) and test/ (testing) if
    there are such parts, in any capitals, each with the class folders; or only the class folders.
    Relative to the file that names it, else to $DNNLAB_DATA. size: one number for squares, or [height,
    width]; none: they all have one size. channels: 1 grey, 3 colours; auto: 1 where all images are grey.
    fit: how another size is reached: crop (shorter side fits, the middle is kept), pad (longer side fits,
    black bars), stretch. on_bad: error names images that cannot be read; skip leaves them out and says
    how many. values: [black, white] of images of 16 bits (none: 0 and 65535), 32 bits or floats (none:
    they are refused). Transparency is laid on white, EXIF orientation applied, the first of several pages
    or frames read. The images are decoded once into a memory-mapped file below $DNNLAB_CACHE
    (~/.cache/dnnlab). Raises `DataError`, and `ConfigError` for a `fit` without a size to reach.
    """
    if size is None and fit != "crop":
        text = f"fit: {fit} says how another size is reached, and no size is written"
        raise ConfigError(
            Problem(text, "expected a size", "add size: 64, or remove fit", "fit", code="no_effect")
        )
    if values is not None and not values[0] < values[1]:
        text = f"values: black is {values[0]:g} and white {values[1]:g}"
        raise ConfigError(
            Problem(text, "expected a larger white", "correct them", "values", code="image_values")
        )
    from ...data.locate import find_data
    from ...data.readers.image_data import raw_of_folder

    both = (size, size) if isinstance(size, int) else None if size is None else (size[0], size[1])
    return raw_of_folder(
        find_data(folder, path, "path"),
        both,
        None if channels == "auto" else channels,
        fit,
        on_bad == "skip",
        values,
    )
