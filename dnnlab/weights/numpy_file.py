"""Archives of NumPy arrays; `coefs_0`, `intercepts_0`, ... are those of scikit-learn's MLP."""

from __future__ import annotations

import re
import zipfile
from functools import partial
from pathlib import Path

import numpy as np
from numpy.lib import format as npy

from .weight_file import Array, WeightArray, WeightFile, arrays_by_name, as_float, natural, refused

_MLP = re.compile(r"(coefs|intercepts)_(\d+)")
_MOST = 1032
"""Bytes that a byte of a deflated archive can stand for."""


def read(path: Path) -> WeightFile:
    """The arrays of an archive. Shapes are read from the headers and compared with the sizes."""
    with zipfile.ZipFile(path) as archive:
        members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
        headers = {name: _header(path, archive, info) for name, info in members.items()}
    mlp = all(_MLP.fullmatch(name) for name in headers)
    found = []
    for name in sorted(headers, key=natural):
        shape, kind = headers[name]
        turned = mlp and name.startswith("coefs")
        called = (
            _MLP.sub(lambda m: f"layers.{m[2]}.{'weight' if m[1] == 'coefs' else 'bias'}", name)
            if mlp
            else name
        )
        load = partial(_array, path, name, turned)
        found.append(WeightArray(called, shape[::-1] if turned else shape, kind, load, name))
    found.sort(key=lambda array: natural(array.name))
    return WeightFile(path, "scikit-learn's coefficients (npz)" if mlp else "npz", arrays_by_name(found))


def _header(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> tuple[tuple[int, ...], str]:
    """Shape and type of one array.

    Raises `DataError` for objects, and for a shape that the file cannot hold.
    """
    name = info.filename.removesuffix(".npy")
    with archive.open(info) as file:
        version = npy.read_magic(file)
        reader = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}[version]
        shape, _, dtype = reader(file)
        begin = file.tell()
    if dtype.hasobject:
        fix = "save plain arrays of numbers"
        raise refused(
            path, f"{name} holds Python objects, which may run code", "expected numbers", fix, "object_array"
        )
    size = int(np.prod(shape, dtype=object)) * dtype.itemsize
    if begin + size != info.file_size or info.file_size > _MOST * info.compress_size + 4096:
        form, there = "x".join(map(str, shape)), info.file_size - begin
        text = f"{name} says that it is {form} {dtype}, which needs {size:,} bytes; {there:,} are there"
        raise refused(path, text, "expected a whole file", code="truncated")
    return shape, str(dtype)


def _array(path: Path, name: str, turned: bool) -> Array:
    with np.load(path, allow_pickle=False) as archive:
        array = as_float(archive[name])
    return array.T if turned else array
