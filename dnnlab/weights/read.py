"""Find the format of a file or folder by its content."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from tokenize import TokenError

from ..errors import DataError, Problem
from ..special_files import WRITE_A_FILE, special_kind
from .weight_file import Array, WeightFile, refused

DAMAGE = (
    AttributeError,
    EOFError,
    LookupError,
    OverflowError,
    RecursionError,
    RuntimeError,
    TokenError,
    TypeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)
"""What the libraries raise over damage, or what comes of the odd types that they return then."""
HDF5 = b"\x89HDF\r\n\x1a\n"


def read(path: Path) -> WeightFile:
    """The weights of a file or folder; only names, shapes and types are read until an array is asked for.

    Raises `DataError` for a path that is not there, a file in no known format, one that is cut off, one whose
    shapes do not fit its size, one that holds objects (they could run code) or links, and for a package that
    is not installed.
    """
    with _refusing(path):
        if (kind := special_kind(path)) is not None:
            raise refused(path, f"{path.name} is {kind}", "expected a file", WRITE_A_FILE, "not_a_file")
        found = _reader("folder" if path.is_dir() else _format_of(path))(path)
    arrays = {name: replace(a, read=partial(_numbers, path, a.read)) for name, a in found.arrays.items()}
    return replace(found, arrays=arrays)


def _numbers(path: Path, load: Callable[[], Array]) -> Array:
    with _refusing(path):
        return load()


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """What libraries raise over a file that is not there, cut off or damaged becomes a `DataError`."""
    try:
        yield
    except FileNotFoundError:
        raise refused(path, "there is no such file", "expected a file of weights", code="no_file") from None
    except OSError as error:
        words = error.strerror or str(error)
        raise refused(
            path, f"it cannot be read ({words})", "expected a file of weights", code="unreadable"
        ) from None
    except MemoryError:
        text = "its arrays do not fit into the memory"
        raise refused(path, text, "expected fewer numbers", code="too_large") from None
    except DAMAGE as error:
        words = (str(error).strip().splitlines() or [type(error).__name__])[0]
        text = f"it is cut off or damaged ({words})"
        raise refused(path, text, "expected a whole file", code="truncated") from None


def _reader(module: str) -> Callable[[Path], WeightFile]:
    reader: Callable[[Path], WeightFile] = import_module(f".{module}", __package__).read
    return reader


def _format_of(path: Path) -> str:
    """The module that reads such a file."""
    with path.open("rb") as file:
        head = file.read(16)
    if not head:
        raise refused(path, "the file is empty", code="empty")
    if head.startswith(HDF5):
        return "keras_file"
    if head.startswith(b"PK"):
        return _zipped(path)
    if len(head) > 8 and head[8:9] == b"{":
        return "safetensors_file"
    if head[:1] == b"\x80" and head[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        return "torch_file"  # a pickle, as torch wrote them before version 1.6
    if path.suffix == ".onnx":
        return "onnx_file"
    if head[0] >> 4 == 0x8 or head[0] in (0xDE, 0xDF):
        return "flax_file"  # a mapping of msgpack
    raise refused(path, "the file is in none of the formats of weights", code="weight_file")


def _zipped(path: Path) -> str:
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    if "config.json" in names and any(name.endswith(".h5") for name in names):
        return "keras_file"
    if any(name.endswith("data.pkl") for name in names):
        return "torch_file"
    if names and all(name.endswith(".npy") for name in names):
        return "numpy_file"
    raise refused(path, f"the archive holds {', '.join(names[:3]) or 'nothing'}", code="weight_file")


def needs(package: str, extra: str, path: Path) -> DataError:
    """The error of a package that is not installed."""
    fix = f"pip install 'dnnlab[{extra}]'"
    return DataError(
        Problem(
            f"{path.name} is read with {package}, which is not installed", "", fix, code="missing_package"
        )
    )
