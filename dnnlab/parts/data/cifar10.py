"""CIFAR-10 from its batches."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ...registry import part

if TYPE_CHECKING:
    from ...data.raw import RawDataset


@part(
    "data",
    source="Krizhevsky 2009, Learning multiple layers of features from tiny images",
    download=True,
    files=("root",),
)
def cifar10(folder: Path, *, root: str | None = None) -> RawDataset:
    """60,000 colour photographs as 3x32x32 images of bytes; 10 even classes; its own test part of 10,000.

    root: folder that holds the batches, or none: `$DNNLAB_DATA/cifar10`, `data/cifar10` beside the config
    file, then the folder of the caches. Files: data_batch_1.bin to data_batch_5.bin and test_batch.bin (there
    or in cifar-10-batches-bin/), or cifar-10-binary.tar.gz that holds them: the binary version, since reading
    the Python version (pickle) would run code from the file. Where there are none, the archive is downloaded
    (162 MB) into `root` or the folder of the caches, unless DNNLAB_OFFLINE is set. Raises `DataError` for
    missing or damaged files.
    """
    from ...data.readers.cifar_data import cifar

    return cifar(folder, root)
