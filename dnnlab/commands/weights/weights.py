"""The arrays of a file of weights, or of a run, with their sizes; and what their names would become."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ...rundir import find_run
from ...rundir.find import user_path
from ...rundir.reader import is_run
from ...rundir.run_record import read_record
from ...rundir.weights import best_file
from ...weights import WeightArray, WeightFile, read
from ...weights.names import renamed

SUFFIXES = {".safetensors", ".npz", ".pt", ".pth", ".bin", ".keras", ".h5", ".hdf5", ".onnx", ".msgpack"}
"""Of words that name a file, also one that is not there."""


def weights(word: str, runs_dir: Path, patterns: Mapping[str, str]) -> dict[str, Any]:
    """The JSON form of what `word` holds: the path of a file or folder, or RUN (its best weights).

    patterns: pattern over their layers -> our name. Raises `DnnlabError`.
    """
    file = _weight_file(word, runs_dir)
    becomes = renamed(file.arrays, patterns) if patterns else {}
    rows = [{**_row(array), "becomes": becomes.get(name)} for name, array in file.arrays.items()]
    spoiled = [row["name"] for row in rows if row["mean"] is None and 0 not in row["shape"]]
    notes = [*file.notes, *([f"not all numbers are finite: {', '.join(spoiled[:5])}"] if spoiled else [])]
    return {
        "path": str(file.path),
        "format": file.format,
        "arrays": rows,
        "facts": {layer: dict(facts) for layer, facts in file.facts.items()},
        "notes": notes,
    }


def _weight_file(word: str, runs_dir: Path) -> WeightFile:
    path = Path(user_path(word))
    if path.is_file() or (path.is_dir() and not is_run(path)) or path.suffix in SUFFIXES:
        return read(path)
    return read(best_file(read_record(find_run(word, runs_dir))))


def _row(array: WeightArray) -> dict[str, Any]:
    numbers = array.read()
    with np.errstate(all="ignore"):
        mean = float(np.mean(numbers, dtype=np.float64)) if numbers.size else math.nan
        deviation = float(np.std(numbers, dtype=np.float64)) if numbers.size else math.nan
    finite = math.isfinite(mean) and math.isfinite(deviation)
    return {
        "name": array.name,
        "stored": array.stored,
        "shape": list(array.shape),
        "dtype": array.dtype,
        "mean": mean if finite else None,
        "deviation": deviation if finite else None,
    }
