"""`DataFacts`: what a net is built from, from the data or from a run's data.json. No torch here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .prepared_data import Prepared


@dataclass(frozen=True)
class DataFacts:
    """What a net is built from: the shape of a row, and kind and number of the targets."""

    in_shape: tuple[int, ...]
    """The shape of one row."""
    target: str
    """"index", "multi" or "real"."""
    classes: int
    """Classes or labels; 0 for real targets."""
    names: tuple[str, ...]
    """Names of the classes, labels or targets."""
    width: int
    """Columns of the targets."""
    validated: bool
    """Whether there is a validation part."""
    scaling: tuple[Sequence[float], Sequence[float]] | None = None
    """(offset, scale) of real targets that were scaled."""


def facts_of(data: Prepared) -> DataFacts:
    """The facts of data that are there."""
    scaled = data.target_scaling
    numbers = None if scaled is None else (scaled.offset.tolist(), scaled.scale.tolist())
    return DataFacts(
        data.in_shape,
        data.target,
        data.classes,
        data.names,
        data.target_width,
        data.validation is not None,
        numbers,
    )


def target_spread(target: str, targets: Any) -> dict[str, list[float]] | None:
    """Mean and standard deviation of each real target, three figures each; None for classes and labels.

    targets: (training rows, targets), a tensor or an array.
    """
    if target != "real":
        return None
    values = np.asarray(targets, dtype=np.float64)
    found = {"mean": values.mean(axis=0), "deviation": values.std(axis=0)}
    return {name: [float(f"{number:.3g}") for number in numbers] for name, numbers in found.items()}


def facts_described(described: Mapping[str, Any]) -> DataFacts:
    """The same facts from the content of data.json."""
    names, scaled = tuple(described["names"]), described.get("target_scaling")
    width = 1 if described["target"] == "index" else max(1, len(names))
    numbers = None if scaled is None else (scaled["offset"], scaled["scale"])
    shape = tuple(described["in_shape"])
    return DataFacts(
        shape,
        described["target"],
        described["classes"],
        names,
        width,
        "validation" in described["rows"],
        numbers,
    )
