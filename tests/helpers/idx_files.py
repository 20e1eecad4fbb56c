"""The files of MNIST and CIFAR-10, much smaller."""

from __future__ import annotations

import gzip
import struct
import tarfile
from pathlib import Path

import numpy as np

NAMES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
BATCHES = (*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin")


def idx_file(path: Path, array: np.ndarray) -> None:
    content = struct.pack(f">{1 + array.ndim}I", 0x0800 | array.ndim, *array.shape) + array.tobytes()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(content) if path.name.endswith(".gz") else content)


def small_mnist(
    folder: Path, end: str = ".gz", rows: int = 20, labels: int = 20, size: int = 28, top: int = 9
) -> None:
    for name, n in zip(NAMES, (rows, labels, 10, 10), strict=True):
        array = (
            np.full((n, size, size), 7, np.uint8)
            if "images" in name
            else np.arange(n, dtype=np.uint8) % (top + 1)
        )
        idx_file(folder / f"{name}{end}", array)


def cifar_batches(folder: Path, rows: int = 4) -> None:
    """Six batches of a few images.

    Of image n a red pixel in row r is n + r, a green one 100 more, a blue one 200 more.
    """
    folder.mkdir(parents=True, exist_ok=True)
    planes = np.arange(32, dtype=np.uint8)[:, None] + np.zeros(32, np.uint8)
    images = np.stack([planes, planes + 100, planes + 200])
    for batch, name in enumerate(BATCHES):
        records = [
            bytes([(batch % 5 * rows + i) % 10]) + (images + np.uint8(batch * rows + i)).tobytes()
            for i in range(rows)
        ]
        (folder / name).write_bytes(b"".join(records))


def cifar_archive(path: Path, left_out: str = "") -> Path:
    """The batches as the archive in which they are published, in no order, among other files."""
    folder = path.parent / "batches"
    cifar_batches(folder)
    (folder / "readme.html").write_text("<html>")
    with tarfile.open(path, "w:gz") as tar:
        for name in ("readme.html", *reversed(BATCHES)):
            if name != left_out:
                tar.add(folder / name, f"cifar-10-batches-bin/{name}")
    return path
