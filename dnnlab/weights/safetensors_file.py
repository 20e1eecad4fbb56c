"""Files of the safetensors library."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from .weight_file import Array, WeightArray, WeightFile, arrays_by_name, as_float, natural, refused

TYPES = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16", "BOOL": "bool"} | {
    f"{letter}{bits}": f"{word}{bits}"
    for letter, word in (("I", "int"), ("U", "uint"))
    for bits in (8, 16, 32, 64)
}
"""The header's words -> NumPy's."""


def read(path: Path) -> WeightFile:
    """The arrays of a file. A tied weight is stored once; its other name stands in the header's metadata.

    The library checks the header against the size of the file, and reads an array when it is asked for.
    """
    from safetensors import SafetensorError, safe_open

    try:
        opened: Any = safe_open(path, "numpy")
        slices = {name: opened.get_slice(name) for name in opened.keys()}  # noqa: SIM118 (no mapping)
        aliases = {a: b for a, b in (opened.metadata() or {}).items() if b in slices and a not in slices}
    except SafetensorError as error:
        text = f"the safetensors file is cut off or damaged ({error})"
        raise refused(path, text, "expected a whole file", code="truncated") from None
    names = {name: name for name in slices} | aliases
    found = []
    for name in sorted(names, key=natural):
        stored = slices[names[name]]
        kind = TYPES.get(stored.get_dtype(), stored.get_dtype().lower())
        found.append(
            WeightArray(
                name,
                tuple(stored.get_shape()),
                kind,
                partial(_array, path, opened, names[name], kind),
                names[name],
            )
        )
    return WeightFile(path, "safetensors", arrays_by_name(found))


def _array(path: Path, opened: Any, name: str, kind: str) -> Array:
    if kind != "bfloat16":
        return as_float(opened.get_tensor(name))
    from safetensors import safe_open

    with safe_open(path, "pt") as file:  # NumPy has no such type
        array: Array = file.get_tensor(name).float().numpy()
        return array
