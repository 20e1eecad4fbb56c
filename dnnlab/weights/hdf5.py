"""HDF5 files with h5py: datasets that lie in the file itself, with the sizes that they claim."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from .read import needs
from .weight_file import Array, as_float, bfloat16, refused

if TYPE_CHECKING:
    import h5py

DEEPEST = 32
_MOST = 1032
"""Numbers that a byte of a deflated chunk can stand for."""


def opened(path: Path, file: BinaryIO | None = None) -> h5py.File:
    """The open file. file: the HDF5 file inside an archive. Raises `DataError`."""
    try:
        import h5py
    except ModuleNotFoundError:
        raise needs("h5py", "keras", path) from None
    try:
        return h5py.File(file or path, "r")
    except (OSError, RuntimeError, ValueError) as error:
        text = f"the HDF5 file is cut off or damaged ({error})"
        raise refused(path, text, "expected a whole file", code="truncated") from None


def children(path: Path, group: Any) -> Iterator[tuple[str, Any]]:
    """(name, group or dataset) of a group. Raises `DataError` for links, which may lead to other files."""
    import h5py

    if group.name.count("/") > DEEPEST:
        raise refused(
            path, f"its groups are nested deeper than {DEEPEST}", "expected a model", code="truncated"
        )
    for name in group:
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            place = f"{group.name}/{name} is a link"
            raise refused(path, place, "expected arrays in the file itself", code="links")
        yield name, group[name]


def is_group(found: Any) -> bool:
    """Whether it is a group and no dataset."""
    import h5py

    return isinstance(found, h5py.Group)


def checked(path: Path, dataset: Any) -> Any:
    """The dataset itself.

    Raises `DataError` for one outside the file, of other than numbers, or larger than the file holds.
    """
    if not hasattr(dataset, "is_virtual"):
        raise refused(path, f"{dataset.name} is no array", "expected numbers", code="data_type")
    if dataset.is_virtual or dataset.external:
        raise refused(
            path, f"{dataset.name} lies in another file", "expected arrays in the file itself", code="links"
        )
    if dataset.dtype.kind not in "fiub" and not _is_bfloat16(dataset):
        raise refused(path, f"{dataset.name} holds {dataset.dtype}", "expected numbers", code="data_type")
    there, needed = dataset.id.get_storage_size(), dataset.size * dataset.dtype.itemsize
    if needed > there * (_MOST if dataset.chunks else 1):
        form = "x".join(map(str, dataset.shape))
        claim = f"{dataset.name} says that it is {form} {dataset.dtype}"
        text = f"{claim}, which needs {needed:,} bytes; {there:,} are there"
        raise refused(path, text, "expected a whole file", code="truncated")
    return dataset


def loader(dataset: Any) -> partial[Array]:
    """Reads the dataset when it is called."""
    return partial(_numbers, dataset)


def _is_bfloat16(dataset: Any) -> bool:
    """Whether Keras wrote it as bfloat16, a type that HDF5 does not know."""
    return bool(dataset.dtype.itemsize == 2 and dataset.attrs.get("dtype") == "bfloat16")


def _numbers(dataset: Any) -> Array:
    return bfloat16(dataset[()]) if _is_bfloat16(dataset) else as_float(dataset[()])
