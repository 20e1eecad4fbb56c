"""Arrays from a NumPy archive (.npz), never through pickle."""

from __future__ import annotations

import difflib
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ..errors import DataError, Problem
from .places import unreadable
from .raw import Array


def read_npz(path: Path, wanted: Mapping[str, str]) -> dict[str, Array]:
    """The arrays that `wanted` names (YAML key -> name in the archive), by key. Raises `DataError`.

    Arrays of Python objects are refused: reading them would run code that the file brings along (pickle).
    """
    try:
        with path.open("rb") as file:
            loaded = np.load(file, allow_pickle=False)
            if not isinstance(loaded, np.lib.npyio.NpzFile):
                raise _refused(f"{path} is no .npz archive (it holds one array)", "several arrays by name", "np.savez(path, x=x, y=y)")
            check_names(path, wanted, loaded.files)
            return {key: _array(path, loaded, name, key) for key, name in wanted.items()}
    except OSError as error:
        raise unreadable(path, error, "path") from None
    except (ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise _refused(f"{path} cannot be read as .npz ({error})", "an archive that np.savez wrote", "np.savez(path, x=x, y=y)") from None


def names_in(path: Path) -> list[str]:
    """The arrays that an archive holds. Raises `DataError` where it is none."""
    try:
        with zipfile.ZipFile(path) as archive:
            return [name.removesuffix(".npy") for name in archive.namelist()]
    except OSError as error:
        raise unreadable(path, error, "path") from None
    except zipfile.BadZipFile as error:
        raise _refused(f"{path} cannot be read as .npz ({error})", "an archive that np.savez wrote", "np.savez(path, x=x, y=y)") from None


def check_names(path: Path, wanted: Mapping[str, str], names: list[str]) -> None:
    """Raise `DataError` for arrays that the archive does not hold, with the nearest names."""
    problems = []
    for key, name in wanted.items():
        if name not in names:
            close = difflib.get_close_matches(name, names, n=1)
            fix = f"did you mean {close[0]}?" if close else f"write `{key}: NAME`"
            problems.append(Problem(f'{path} holds no array "{name}"', f"it holds {', '.join(names)}", fix, key, code="unknown_array"))
    if problems:
        raise DataError(*problems)


def _array(path: Path, loaded: np.lib.npyio.NpzFile, name: str, key: str) -> Array:
    try:
        return np.asarray(loaded[name])
    except ValueError as error:
        if "pickle" not in str(error) and "Object arrays" not in str(error):
            raise
        text = f'{path}: the array "{name}" holds Python objects, which only pickle could read, and pickle runs code from the file'
        fix = "save it as numbers or texts: np.savez(path, x=x.astype(float), y=y.astype(str))"
        raise DataError(Problem(text, "expected an array of numbers or texts", fix, key, code="object_array")) from None


def _refused(received: str, expected: str, fix: str) -> DataError:
    return DataError(Problem(received, expected, f"write it with {fix}", "path", code="no_npz"))
