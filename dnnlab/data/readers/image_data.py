"""From a folder of images to a `RawDataset`: one form for all, decoded through the cache."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ...errors import DataError, Problem
from ..raw import Pair, RawDataset
from ..storage.image_cache import decoded
from .image_decode import BadImageError, Form, Header, quiet, read_header
from .image_files import Tree, scan

_SHOWN = 5


@dataclass(frozen=True)
class Bad:
    """An image that cannot be read."""

    file: Path
    reason: str


def raw_of_folder(
    root: Path,
    size: tuple[int, int] | None,
    channels: int | None,
    fit: str,
    skip_bad: bool,
    values: tuple[float, float] | None = None,
) -> RawDataset:
    """The data set of a folder of images.

    size: (height, width), None if they all have one. channels: None is 1 if all are grey, else 3.
    Raises `DataError` for images that cannot be read (unless they are skipped), of different sizes, and what
    `scan` finds.
    """
    tree = scan(root)
    files = tree.files
    found = decoded(
        root,
        files,
        [size, channels, fit, values],
        lambda: replace(_choose(root, files, size, channels, fit), values=values),
    )
    bad = [Bad(files[number], reason) for number, reason in found.bad]
    _refuse(root, bad, skip_bad)
    gone = {number for number, _ in found.bad}
    parts: dict[str, Pair] = {}
    before, start = 0, 0
    for part, images in tree.parts.items():
        labels = [number for place, (_, number) in enumerate(images, before) if place not in gone]
        before += len(images)
        parts[part] = (found.pixels[start : start + len(labels)], np.array(labels, dtype=np.int64))
        start += len(labels)
    encoding = {
        "reader": "image_folder",
        "size": list(found.form.size),
        "channels": found.form.channels,
        "fit": found.form.fit,
        **({} if values is None else {"values": list(values)}),
    }
    note = _note(tree, bad)
    return RawDataset(
        parts["train"],
        parts.get("validation"),
        parts.get("test"),
        class_names=tree.names,
        note=note,
        encoding=encoding,
    )


def _choose(
    root: Path, files: Sequence[Path], size: tuple[int, int] | None, channels: int | None, fit: str
) -> Form:
    """The form of all images, from the keys and from the headers of those that can be read."""
    headers = []
    with quiet():
        for file in files:
            with suppress(BadImageError):  # decoding will meet it again and note it
                headers.append(read_header(file))
    if not headers:
        text = f"{root}: none of the {len(files):,} images can be read"
        raise DataError(Problem(text, "expected images", path="path", code="bad_images"))
    grey = all(header.grey for header in headers)
    return Form(
        size if size is not None else _common_size(root, headers),
        channels if channels is not None else 1 if grey else 3,
        fit,
    )


def _refuse(root: Path, bad: Sequence[Bad], skip: bool) -> None:
    if skip or not bad:
        return
    problems = [
        Problem(
            f"{item.file.relative_to(root)} cannot be read: {item.reason}",
            "expected an image",
            "",
            "path",
            code="bad_images",
        )
        for item in bad[:_SHOWN]
    ]
    count = "1 image" if len(bad) == 1 else f"{len(bad):,} images"
    more = f"{count} of {root} cannot be read" + (
        f"; the first {_SHOWN} are named above" if len(bad) > _SHOWN else ""
    )
    problems.append(
        Problem(
            more, "expected whole images", "remove them, or add `on_bad: skip`", "path", code="bad_images"
        )
    )
    raise DataError(*problems)


def _common_size(root: Path, headers: Sequence[Header]) -> tuple[int, int]:
    sizes = Counter(header.size for header in headers)
    if len(sizes) == 1:
        return next(iter(sizes))
    common = sizes.most_common()
    shown = ", ".join(f"{width}x{height} ({count:,})" for (height, width), count in common[:4])
    more = f" and {len(sizes) - 4:,} more sizes" if len(sizes) > 4 else ""
    height, width = common[0][0]
    fix = f"add `size: {height}`" if height == width else f"add `size: [{height}, {width}]`"
    text = f"the images of {root} have {len(sizes):,} sizes, width x height (images): {shown}{more}"
    raise DataError(
        Problem(
            text, "expected one size", f"{fix} (and `fit: crop`, pad or stretch)", "size", code="image_sizes"
        )
    )


def _note(tree: Tree, bad: Sequence[Bad]) -> str:
    words = []
    if bad:
        count = "1 image" if len(bad) == 1 else f"{len(bad):,} images"
        first = f"{bad[0].file.relative_to(tree.root)}: {bad[0].reason}"
        words.append(f"{count} cannot be read and left out (first: {first})")
    if tree.loose:
        lie = "1 image lies" if tree.loose == 1 else f"{tree.loose:,} images lie"
        words.append(f"{lie} in no class folder and {'is' if tree.loose == 1 else 'are'} left out")
    if tree.twice:
        link = tree.twice[0].relative_to(tree.root)
        more = f" and {len(tree.twice) - 1} more" if len(tree.twice) > 1 else ""
        words.append(f"{link}{more} links to a folder that is read already: read once")
    if tree.others:
        other, kinds = tree.others.total(), ", ".join(sorted(tree.others))
        words.append(f"{other:,} {'file is' if other == 1 else 'files are'} no images ({kinds})")
    return "; ".join(words)
