"""CIFAR-10 from its binary version: records of one label byte and three planes of 1024 bytes. No pickle."""

from __future__ import annotations

import gzip
import shutil
import tarfile
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ...errors import DataError, Problem
from ..locate import unreadable
from ..raw import Array, Pair, RawDataset
from ..storage.data_cache import unpacked, write_header
from .download import Remote
from .well_known import named_files

ARCHIVE = Remote(
    "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz", "c32a1d4ab5d03f1284b67883e8d87530"
)
NAMES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
BATCHES = (*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin")
_INSIDE = "cifar-10-batches-bin"
_RECORD = 1 + 3 * 32 * 32
_CHUNK = 1 << 20
_MOST = 1 << 28  # bytes of a batch file; the real ones have 31 MB


def cifar(folder: Path, root: str | None) -> RawDataset:
    """The set from its batch files or from the archive that holds them.

    Raises `DataError` for missing or damaged files.
    """
    needed = f"{', '.join(BATCHES)}, or {ARCHIVE.name},"
    place = named_files("cifar10", folder, root, _look, needed, [ARCHIVE])
    if place.is_dir():
        batches = [_batch(place / name) for name in BATCHES]
        train, test = np.concatenate(batches[:-1]), batches[-1]
    else:
        rows = unpacked(place, ["cifar10"], place.stat().st_size, lambda file: _unpack(place, file))
        train, test = np.split(rows, [len(rows) // len(BATCHES) * (len(BATCHES) - 1)])
    return RawDataset(_pair(place, train), test=_pair(place, test), class_names=NAMES)


def _look(folder: Path) -> Path | list[str]:
    """The folder of the batch files, or the archive; else the names of the missing files."""
    for place in (folder, folder / _INSIDE):
        missing = [name for name in BATCHES if not (place / name).is_file()]
        if not missing:
            return place
    archive = folder / ARCHIVE.name
    return archive if archive.is_file() else [name for name in BATCHES if not (folder / name).is_file()]


def _batch(path: Path) -> Array:
    _check_size(path, path.stat().st_size)
    try:
        return np.fromfile(path, np.uint8).reshape(-1, _RECORD)
    except OSError as error:
        raise unreadable(path, error, "root") from None


def _unpack(archive: Path, file: BinaryIO) -> None:
    """Write the records of all batches, in the order of BATCHES, as one .npy file. Raises `DataError`."""
    sizes: dict[str, int] = {}
    try:
        with tarfile.open(archive, "r|gz") as tar:
            for member in tar:
                name = Path(member.name).name
                content = tar.extractfile(member) if name in BATCHES and name not in sizes else None
                if content is None:
                    continue
                _check_size(Path(f"{archive}:{name}"), member.size)
                if not sizes:
                    write_header(file, (len(BATCHES) * member.size // _RECORD, _RECORD), np.dtype(np.uint8))
                    start = file.tell()
                sizes[name] = member.size
                file.seek(start + BATCHES.index(name) * member.size)
                shutil.copyfileobj(content, file, _CHUNK)
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _damaged(archive, str(error)) from None
    missing = [name for name in BATCHES if name not in sizes]
    if missing:
        raise _damaged(archive, f"it holds no {', no '.join(missing)}")
    if len(set(sizes.values())) > 1:
        raise _damaged(archive, "its batches have different sizes")


def _pair(place: Path, rows: Array) -> Pair:
    labels = rows[:, 0].astype(np.int64)
    if len(labels) and labels.max() > 9:
        raise DataError(
            Problem(f"{place}: a label of {labels.max()}", "expected 0 to 9", path="root", code="data_range")
        )
    return rows[:, 1:].reshape(-1, 3, 32, 32), labels


def _check_size(path: Path, size: int) -> None:
    if size % _RECORD or not 0 < size <= _MOST:
        text = f"{path}: {size:,} bytes"
        raise DataError(
            Problem(
                text,
                f"expected records of {_RECORD:,} bytes each",
                "get the file again",
                path="root",
                code="truncated",
            )
        )


def _damaged(archive: Path, why: str) -> DataError:
    text = f"{archive} cannot be unpacked ({why})"
    return DataError(
        Problem(
            text, "expected the binary version of CIFAR-10", "get the file again", path="root", code="damaged"
        )
    )
