"""Find the files of a well-known data set: in the named folder, in the usual places, or in the network."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from ...errors import DataError, Problem
from ..locate import VARIABLE
from ..storage.data_cache import cache_folder
from .download import DownloadError, Remote, download

Found = TypeVar("Found")
Look = Callable[[Path], Found | list[str]]


def named_files(
    name: str, folder: Path, root: str | None, look: Look[Found], needed: str, remotes: Sequence[Remote]
) -> Found:
    """What `look` finds in the first folder that has it; else the files are downloaded and looked at again.

    root: the only folder to look in, relative to `folder`; none: `$DNNLAB_DATA/<name>`,
    `<folder>/data/<name>`, the folder of the caches. look(folder): what it found, or the names of the files
    that are missing. needed: the files in words. Raises `DataError` that says where it looked, why nothing
    came from the network, and where the files belong.
    """
    places = _places(name, folder, root)
    missing: dict[Path, list[str]] = {}
    for place in places:
        found = look(place)
        if not isinstance(found, list):
            return found
        missing[place] = found
    try:
        for remote in remotes:
            download(remote, places[-1])
        found = look(places[-1])
        if not isinstance(found, list):
            return found
        reason, code = f"what was downloaded lacks {', '.join(found)}", "missing_files"
    except DownloadError as error:
        reason, code = str(error), error.code
    looked = "; ".join(
        f"{place}: no {', no '.join(files) if place.is_dir() else 'such folder'}"
        for place, files in missing.items()
    )
    put = places[0] if root is not None else places[-2]
    other = f"{VARIABLE} to the folder above {name}/"
    fix = f"put them into {put}, or set data.root to the folder that holds them, or {other}"
    text = f"the files of {name} were not found (looked in {looked}) and not downloaded: {reason}"
    raise DataError(Problem(text, f"expected {needed} in one folder", fix, path="root", code=code))


def _places(name: str, folder: Path, root: str | None) -> list[Path]:
    """Where to look, in this order; what is downloaded goes into the last."""
    if root is not None:
        return [folder / Path(root).expanduser()]
    shared = os.environ.get(VARIABLE)
    return [
        *([Path(shared).expanduser() / name] if shared else []),
        folder / "data" / name,
        cache_folder() / name,
    ]
