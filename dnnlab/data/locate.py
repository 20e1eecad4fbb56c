"""Find the files of a data set: beside the file that names them, or below the folder of all data."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import DataError, Problem
from ..special_files import WRITE_A_FILE, special_kind

VARIABLE = "DNNLAB_DATA"


def find_data(folder: Path, path: str, key: str) -> Path:
    """`path` relative to `folder`, else relative to `$DNNLAB_DATA`. key: the YAML key that holds it.

    Raises `DataError` that says where it was looked for.
    """
    written, shared = Path(path).expanduser(), os.environ.get(VARIABLE)
    places = places_of(folder, path)
    for place in places:
        check_ordinary(place, key)
        if place.exists():
            return place
    looked = " and ".join(str(place) for place in places)
    may_be_shared = not shared and not written.is_absolute() and written.parts[:1] not in ((), ("..",))
    fix = "correct the path" + (
        f", or set {VARIABLE} to the folder above {written.parts[0]}" if may_be_shared else ""
    )
    raise DataError(
        Problem(
            f"{looked}: no such file or folder", f"expected {path} there", fix, path=key, code="missing_files"
        )
    )


def check_ordinary(path: Path, key: str) -> None:
    """Raise `DataError` for a pipe, a device or a socket, which may never end."""
    if kind := special_kind(path):
        text = f"{path} is {kind}"
        raise DataError(Problem(text, "expected a file", WRITE_A_FILE, path=key, code="unreadable"))


def places_of(folder: Path, path: str) -> list[Path]:
    """Where a path may lead: relative to `folder`, then relative to `$DNNLAB_DATA`."""
    written, shared = Path(path).expanduser(), os.environ.get(VARIABLE)
    places = [folder / written]
    if shared and not written.is_absolute():
        places.append(Path(shared).expanduser() / written)
    return places


def absolute_data(folder: Path, path: str) -> str:
    """The absolute path that `find_data` would find; else the one relative to `folder`."""
    places = places_of(folder, path)
    found = next((place for place in places if place.exists()), places[0])
    return os.path.normpath(found.absolute())


def unreadable(path: Path, error: OSError, key: str) -> DataError:
    """The error for a file that the system does not let us read."""
    text = f"{path}: cannot be read ({error.strerror or error})"
    return DataError(Problem(text, "expected a file that can be read", path=key, code="unreadable"))
