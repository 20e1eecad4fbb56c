"""What of the data decides the net: known from the data themselves, or from what a run folder keeps of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .prepared_data import Prepared


@dataclass(frozen=True)
class DataFacts:
    """What of the data decides the net: shape of a row, kind and number of targets, whether there is a validation part.

    scaling: (offset, scale) of real targets that were scaled.
    """

    in_shape: tuple[int, ...]
    target: str
    classes: int
    names: tuple[str, ...]
    width: int
    validated: bool
    scaling: tuple[Sequence[float], Sequence[float]] | None = None


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
