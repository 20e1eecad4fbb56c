"""MNIST and two sets in its form, from their four IDX files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ...registry import part

if TYPE_CHECKING:
    from ...data.raw import RawDataset


@part(
    "data",
    source="LeCun, Bottou, Bengio & Haffner 1998, Gradient-based learning applied to document recognition",
    download=True,
    oriented=True,
    files=("root",),
)
def mnist(folder: Path, *, root: str | None = None) -> RawDataset:
    """70,000 handwritten digits as 1x28x28 images of bytes; 10 even classes; its own test part of 10,000.

    root: folder that holds the four files (relative to the file that names it), or none:
    `$DNNLAB_DATA/mnist`, then `data/mnist` beside the config file, then the folder of the caches. Files:
    train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte, each
    with or without .gz. Where they are in none of these, they are downloaded (12 MB) into `root` or the
    folder of the caches, unless DNNLAB_OFFLINE is set. Raises `DataError` for missing or damaged files.
    """
    from ...data.readers.mnist_data import mnist_like

    return mnist_like("mnist", folder, root, [str(i) for i in range(10)])


@part(
    "data",
    source="Xiao, Rasul & Vollgraf 2017, Fashion-MNIST: a novel image dataset for benchmarking",
    download=True,
    files=("root",),
)
def fashion_mnist(folder: Path, *, root: str | None = None) -> RawDataset:
    """70,000 photographs of clothes as 1x28x28 images of bytes; 10 even classes; its own test part of 10,000.

    root: folder that holds the four files, or none: `$DNNLAB_DATA/fashion_mnist`, `data/fashion_mnist` beside
    the config file, then the folder of the caches. Files as those of `mnist`, downloaded likewise (31 MB).
    Raises `DataError` for missing or damaged files.
    """
    from ...data.readers.mnist_data import mnist_like

    names = (
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    )
    return mnist_like("fashion_mnist", folder, root, names)


@part(
    "data",
    source="Clanuwat et al. 2018, Deep learning for classical Japanese literature (Kuzushiji-MNIST)",
    download=True,
    oriented=True,
    files=("root",),
)
def kmnist(folder: Path, *, root: str | None = None) -> RawDataset:
    """70,000 handwritten Japanese characters, 1x28x28 bytes; 10 even classes; its own test part of 10,000.

    root: folder that holds the four files, or none: `$DNNLAB_DATA/kmnist`, `data/kmnist` beside the config
    file, then the folder of the caches. Files as those of `mnist`, downloaded likewise (21 MB). Raises
    `DataError` for missing or damaged files.
    """
    from ...data.readers.mnist_data import mnist_like

    return mnist_like("kmnist", folder, root, ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"))
