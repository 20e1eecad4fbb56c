"""What flax.serialization.to_bytes wrote: msgpack, without anything of flax."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from .layouts import (
    CONV,
    CONV_1D,
    DENSE,
    FLAX_TRANSPOSED,
    PLAIN,
    Layout,
    Shape,
    after_flatten,
    guessed_images,
)
from .read import needs
from .weight_file import Array, WeightArray, WeightFile, arrays_by_name, as_float, bfloat16, refused

COLLECTIONS = ("params", "batch_stats")
CALLED = {
    "kernel": "weight",
    "scale": "weight",
    "embedding": "weight",
    "mean": "running_mean",
    "var": "running_var",
}
_TYPES = {f"{word}{bits}" for word in ("int", "uint") for bits in (8, 16, 32, 64)} | {
    "bool",
    "float16",
    "float32",
    "float64",
    "bfloat16",
}
_BY_RANK = {2: DENSE, 3: CONV_1D, 4: CONV}


class Packed(NamedTuple):
    """An array as it stands in the file."""

    shape: Shape
    dtype: str
    buffer: bytes


def read(path: Path) -> WeightFile:
    """The arrays of `params` and `batch_stats`, or of the whole tree if it has no such names.

    A file says neither eps nor decay, nor which layer takes flattened images (see `guessed_images`).
    """
    tree = _tree(path)
    parts = [tree[name] for name in COLLECTIONS if isinstance(tree.get(name), dict)] or [tree]
    leaves = {address: leaf for part in parts for address, leaf in _leaves(path, part, ())}
    kernels = {
        ".".join(address[:-1]): leaf.shape for address, leaf in leaves.items() if address[-1] == "kernel"
    }
    images, notes = guessed_images(kernels)
    found = []
    for address, leaf in leaves.items():
        layer, kind = ".".join(address[:-1]), address[-1]
        layout = _layout(layer, kind, leaf.shape, images.get(layer))
        name = ".".join((*address[:-1], CALLED.get(kind, kind)))
        load = partial(_turned, leaf, layout)
        found.append(WeightArray(name, layout.shape(leaf.shape), leaf.dtype, load, "/".join(address)))
    if not found:
        raise refused(path, "the msgpack file holds no arrays")
    return WeightFile(path, "flax msgpack", arrays_by_name(found), notes=tuple(notes))


def _tree(path: Path) -> Mapping[Any, Any]:
    try:
        import msgpack
    except ModuleNotFoundError:
        raise needs("msgpack", "flax", path) from None
    try:
        tree = msgpack.unpackb(path.read_bytes(), ext_hook=_packed, strict_map_key=False)
    except (ValueError, TypeError, RecursionError, msgpack.UnpackException) as error:
        words = str(error) or type(error).__name__
        raise refused(
            path,
            f"the msgpack file is cut off or damaged ({words})",
            "expected a whole file",
            code="truncated",
        ) from None
    return tree if isinstance(tree, dict) else {}


def _packed(code: int, data: bytes) -> Packed:
    """An array (code 1) or a number with a type (code 3). Raises `ValueError`."""
    import msgpack

    if code not in (1, 3):
        raise ValueError(f"an extension of type {code}, which is no array")
    shape, dtype, buffer = msgpack.unpackb(data)
    if dtype not in _TYPES:
        raise ValueError(f"an array of {dtype}")
    size = 2 if dtype == "bfloat16" else np.dtype(dtype).itemsize
    if not all(isinstance(n, int) and n >= 0 for n in shape) or prod(shape) * size != len(buffer):
        raise ValueError(f"an array of {'x'.join(map(str, shape))} {dtype} in {len(buffer):,} bytes")
    return Packed(tuple(shape), dtype, buffer)


def _leaves(
    path: Path, tree: Mapping[Any, Any], above: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Packed]]:
    """(address, array) of all arrays; nnx ends an address with `value`."""
    if "__msgpack_chunked_array__" in tree:
        text = f"{'/'.join(above)} is stored in pieces, as flax does above 1 GB"
        raise refused(path, text, "expected smaller arrays", "save it as safetensors", "too_large")
    for key, value in tree.items():
        address = above if key == "value" and above else (*above, str(key))
        if isinstance(value, Packed):
            yield address, value
        elif isinstance(value, dict):
            yield from _leaves(path, value, address)


def _layout(layer: str, kind: str, shape: Shape, image: Shape | None) -> Layout:
    if kind != "kernel":
        return PLAIN
    if image is not None:
        return after_flatten(shape, image)
    if len(shape) == 4 and layer.rpartition(".")[2].startswith("ConvTranspose"):
        return FLAX_TRANSPOSED
    return _BY_RANK.get(len(shape), PLAIN)


def _turned(leaf: Packed, layout: Layout) -> Array:
    if leaf.dtype == "bfloat16":
        return layout.turned(bfloat16(np.frombuffer(leaf.buffer, np.uint16)).reshape(leaf.shape))
    return layout.turned(as_float(np.frombuffer(leaf.buffer, leaf.dtype).reshape(leaf.shape)))
