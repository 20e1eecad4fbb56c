"""Arrays from NumPy's files (.npz, .npy), never through pickle."""

from __future__ import annotations

import difflib
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ...errors import DataError, Problem
from ..locate import unreadable
from ..raw import Array
from ..storage.data_cache import SMALL, unpacked

_LOCAL_HEADER = (
    30  # bytes before a member's name in a zip file; the last four are the lengths of name and extra field
)
_CHUNK = 1 << 20


def read_npz(path: Path, wanted: Mapping[str, str]) -> dict[str, Array]:
    """The arrays that `wanted` names (YAML key -> name in the archive), by key. Raises `DataError`.

    Large arrays are memory-mapped: as they lie in the archive where they are not compressed, else unpacked
    once into the cache of `data_cache`. Arrays of Python objects are refused: reading them would run code
    that the file brings along (pickle).
    """
    with _errors(path), path.open("rb") as file:
        loaded = np.load(file, allow_pickle=False)
        if not isinstance(loaded, np.lib.npyio.NpzFile):
            raise _refused(f"{path} is no .npz archive (it holds one array)", "several arrays by name")
        check_names(path, wanted, loaded.files)
        return {key: _array(path, loaded, name, key) for key, name in wanted.items()}


@contextmanager
def _errors(path: Path) -> Iterator[None]:
    """What reading an archive may raise becomes a `DataError`."""
    try:
        yield
    except OSError as error:
        raise unreadable(path, error, "path") from None
    except (ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise _refused(f"{path} cannot be read as .npz ({error})", "an archive that np.savez wrote") from None
    except MemoryError as error:  # large arrays are mapped, so it is a small file that claims to be large
        text = f"{path} cannot be read as .npz (it claims more numbers than it holds: {error})"
        raise _refused(text, "an archive that np.savez wrote") from None


def read_npy(path: Path, key: str) -> Array:
    """The array of a .npy file, memory-mapped where it is large. key: the YAML key that names the file.

    Raises `DataError`.
    """
    try:
        large = path.stat().st_size > SMALL
        found = np.load(path, mmap_mode="r" if large else None, allow_pickle=False)
    except OSError as error:
        raise unreadable(path, error, key) from None
    except (ValueError, EOFError, MemoryError) as error:
        claims = "it claims more numbers than it holds: " if isinstance(error, MemoryError) else ""
        text = f"{path} cannot be read as .npy ({claims}{error})"
        raise DataError(
            Problem(
                text, "expected an array of numbers", "write it with np.save(path, x)", key, code="no_npy"
            )
        ) from None
    if not isinstance(found, np.ndarray):
        found.close()
        raise DataError(
            Problem(
                f"{path} is an archive of arrays", "expected one array", "use `name: npz`", key, code="no_npy"
            )
        )
    return found


def names_in(path: Path) -> list[str]:
    """The arrays that an archive holds. Raises `DataError` where it is none."""
    with _errors(path), zipfile.ZipFile(path) as archive:
        return [name.removesuffix(".npy") for name in archive.namelist()]


def check_names(path: Path, wanted: Mapping[str, str], names: list[str]) -> None:
    """Raise `DataError` for arrays that the archive does not hold, with the nearest names."""
    problems = []
    for key, name in wanted.items():
        if name not in names:
            close = difflib.get_close_matches(name, names, n=1)
            fix = f"did you mean {close[0]}?" if close else f"write `{key}: NAME`"
            problems.append(
                Problem(
                    f'{path} holds no array "{name}"',
                    f"it holds {', '.join(names)}",
                    fix,
                    key,
                    code="unknown_array",
                )
            )
    DataError.raise_if_any(problems)


def _array(path: Path, loaded: np.lib.npyio.NpzFile, name: str, key: str) -> Array:
    try:
        return _mapped(path, name) if _size(path, name) > SMALL else np.asarray(loaded[name])
    except ValueError as error:
        if "pickle" not in str(error) and "Object arrays" not in str(error):
            raise
        why = "which only pickle could read, and pickle runs code from the file"
        text = f'{path}: the array "{name}" holds Python objects, {why}'
        fix = "save it as numbers or texts: np.savez(path, x=x.astype(float), y=y.astype(str))"
        raise DataError(
            Problem(text, "expected an array of numbers or texts", fix, key, code="object_array")
        ) from None


def _size(path: Path, name: str) -> int:
    with zipfile.ZipFile(path) as archive:
        return archive.getinfo(_member(archive, name)).file_size


def _mapped(path: Path, name: str) -> Array:
    """A large array of the archive without a copy in memory.

    Raises what reading the archive raises; its checksum is looked at.
    """
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo(_member(archive, name))
        with archive.open(info) as member:
            form = np.lib.format
            first = form.read_magic(member) == (1, 0)
            read = form.read_array_header_1_0 if first else form.read_array_header_2_0
            shape, by_columns, dtype = read(member)
            start = member.tell()
        if dtype.hasobject:
            raise ValueError("Object arrays cannot be loaded")
        if info.compress_type != zipfile.ZIP_STORED:
            return unpacked(path, ["npz", name], info.file_size, lambda target: _copy(path, info, target))
        _copy(path, info, None)
    with path.open("rb") as file:
        file.seek(info.header_offset)
        lengths = struct.unpack("<HH", file.read(_LOCAL_HEADER)[-4:])
    offset = info.header_offset + _LOCAL_HEADER + sum(lengths) + start
    return np.memmap(path, dtype, "r", offset, shape, order="F" if by_columns else "C")


def _copy(path: Path, info: zipfile.ZipInfo, target: BinaryIO | None) -> None:
    """Read a member to its end, where its checksum is compared, and write it, where it is to be written."""
    with zipfile.ZipFile(path) as archive, archive.open(info) as member:
        while chunk := member.read(_CHUNK):
            if target is not None:
                target.write(chunk)


def _member(archive: zipfile.ZipFile, name: str) -> str:
    return name if name in archive.namelist() else f"{name}.npy"


def _refused(received: str, expected: str) -> DataError:
    fix = "write it with np.savez(path, x=x, y=y)"
    return DataError(Problem(received, expected, fix, "path", code="no_npz"))
