"""What every reader gives: named arrays that are read when they are asked for, and facts about layers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError, Problem

Array = NDArray[Any]
FORMATS = "safetensors, npz, a torch state dict, Keras (.keras, .weights.h5, .h5), ONNX or flax msgpack"


@dataclass(frozen=True)
class WeightArray:
    """One array of a file."""

    name: str
    """As torch would call it: `dense_1.weight`."""
    shape: tuple[int, ...]
    """In torch's layout."""
    dtype: str
    """The type of number in the file, such as float32 or bfloat16."""
    read: Callable[[], Array] = field(repr=False, compare=False)
    """The numbers in torch's layout; halves and bfloat16 come as float32."""
    stored: str = ""
    """Its name in the file, where that is another."""


@dataclass(frozen=True)
class WeightFile:
    """The weights of a file."""

    path: Path
    format: str
    """Such as `safetensors` or `Keras 3`."""
    arrays: Mapping[str, WeightArray]
    """Name -> array, in the order of the layers as far as the file has one."""
    facts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Layer -> what the file says of it: `eps`, `decay` (of running statistics), `padding`, `class`."""
    notes: tuple[str, ...] = ()
    """What a user should know: layouts that were changed, things that the file does not say."""


def arrays_by_name(arrays: Iterable[WeightArray]) -> dict[str, WeightArray]:
    """Name -> array. Raises `DataError` for a name that occurs twice."""
    found: dict[str, WeightArray] = {}
    for array in arrays:
        if array.name in found:
            raise DataError(
                Problem(
                    f"{found[array.name].stored} and {array.stored} would both be called {array.name}",
                    "expected a name for each",
                    code="weight_file",
                )
            )
        found[array.name] = array
    return found


def refused(
    path: Path, received: str, expected: str = "", fix: str = "", code: str = "weight_file"
) -> DataError:
    """The error of a file that cannot be read."""
    return DataError(Problem(received, expected or f"expected {FORMATS}", fix, file=str(path), code=code))


def natural(name: str) -> tuple[Any, ...]:
    """A sort key: numbers in a name count as numbers, so that d2 comes before d10."""
    return tuple((int(piece), "") if piece.isdigit() else (-1, piece) for piece in re.split(r"(\d+)", name))


def bfloat16(array: Array) -> Array:
    """Numbers of two bytes, the upper half of a float32, as float32."""
    return (array.view(np.uint16).astype(np.uint32) << 16).view(np.float32)


def as_float(array: Array) -> Array:
    """Halves as float32; other types as they are."""
    return array.astype(np.float32) if array.dtype == np.float16 else array
