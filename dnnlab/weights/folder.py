"""Folders of Hugging Face: `model.safetensors`, or several files and an index."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from ..errors import DataError
from . import safetensors_file, torch_file
from .weight_file import WeightArray, WeightFile, arrays_by_name, refused

ORBAX = ("_METADATA", "manifest.ocdbt")
ONE, INDEX, OLD = "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin"


def read(path: Path) -> WeightFile:
    """The arrays of all files of a folder. Files outside it are refused."""
    if (path / INDEX).is_file():
        return _indexed(path)
    if (path / ONE).is_file():
        return replace(safetensors_file.read(path / ONE), path=path)
    if (path / OLD).is_file():
        return replace(torch_file.read(path / OLD), path=path)
    if any((path / name).exists() for name in ORBAX):
        fix = "write the restored tree with flax.serialization.to_bytes into a .msgpack file"
        text = "it is a checkpoint of orbax, which only orbax can read"
        raise refused(path, text, "expected one file or safetensors", fix)
    raise refused(
        path, "the folder holds no weights", f"expected {ONE}, {INDEX} or {OLD}", code="weight_file"
    )


def _indexed(path: Path) -> WeightFile:
    try:
        listed = json.loads((path / INDEX).read_text(encoding="utf-8"))["weight_map"]
        named = {str(name): str(file) for name, file in listed.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _odd(path, f"{INDEX} cannot be read ({type(error).__name__})") from None
    found: list[WeightArray] = []
    for file in dict.fromkeys(named.values()):
        if Path(file).name != file:
            raise refused(
                path,
                f"{INDEX} names {file}, which is outside the folder",
                "expected files beside it",
                code="links",
            )
        if not (path / file).is_file():
            raise _odd(path, f"{file}, which {INDEX} names, is not there")
        part = safetensors_file.read(path / file)
        found += [array for name, array in part.arrays.items() if named.get(name) == file]
    missing = sorted(named.keys() - {array.name for array in found})
    if missing:
        raise _odd(path, f"{missing[0]} is in {INDEX} and not in {named[missing[0]]}")
    return WeightFile(path, "safetensors", arrays_by_name(found))


def _odd(path: Path, text: str) -> DataError:
    return refused(path, text, "expected a whole folder", code="truncated")
