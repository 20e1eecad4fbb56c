"""`data.augment` against the shape of a row; no torch, and nothing is tried."""

from __future__ import annotations

import math
from collections.abc import Iterator

from ...errors import ConfigError, DnnlabError, Problem
from ...registry import Bound

Shape = tuple[int, ...]


def check_augment_shapes(chosen: list[Bound], in_shape: Shape, name: str) -> None:
    """Raise `ConfigError` for augmentations that cannot act on rows of this shape. name: of the data."""
    if chosen and len(in_shape) != 3:
        text = f"{chosen[0].name} changes images; a row of {name} is {math.prod(in_shape)} numbers"
        raise ConfigError(
            Problem(text, "expected images", "remove data.augment", "data.augment", code="no_images")
        )
    problems = [
        p.under(f"data.augment.{i}")
        for i, bound in enumerate(chosen)
        for p in _problems(bound, in_shape, name)
    ]
    ConfigError.raise_if_any(problems)


def _problems(bound: Bound, in_shape: Shape, name: str) -> Iterator[Problem]:
    channels, height, width = in_shape
    if bound.flag("rgb") and channels != 3:
        found = f"{channels} channel{'s' * (channels > 1)}"
        text = f"{bound.name} changes red, green and blue; an image of {name} has {found}"
        fix = f"remove {bound.name}; brightness and contrast act on any image"
        yield Problem(text, "expected images of 3 channels", fix, code="no_colors")
    elif (check := bound.flag("check")) is not None:
        try:
            check(height, width, **bound.keys)
        except DnnlabError as error:
            yield from error.problems
