"""The files that the examples of the data parts name, and small stand-ins for the sets that are
downloaded.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from helpers.idx_files import BATCHES, NAMES, idx_file

COLUMNS = {"id": int, "size": float, "town": str, "age": int, "price": float}


def write_examples(folder: Path) -> Path:
    """Files to learn from, no two the same: images of 4 classes, as they are and mirrored, and tables with
    texts and empty cells.
    """
    images, labels = drawn_images(40, (5, 6), classes=4), np.arange(40, dtype=np.uint8) % 4
    idx_file(folder / "images.idx", images)
    idx_file(folder / "labels.idx", labels)
    np.savez(folder / "arrays.npz", x=images[:, ::-1], y=labels)
    np.save(folder / "inputs.npy", images[:, :, ::-1])
    np.save(folder / "targets.npy", labels)
    rows = [
        f"{i},{i % 7}.5,{('', 'Rome', 'Oslo')[i % 3]},{'' if i % 9 == 4 else i * 2},{i}.25" for i in range(60)
    ]
    (folder / "table.csv").write_text("\n".join([",".join(COLUMNS), *rows]) + "\n")
    write_parquet(folder / "table.parquet", [row.split(",") for row in rows[:50]])
    for i, image in enumerate(images):
        path = folder / "photos" / f"class{labels[i]}" / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image[:, : 4 + i % 3]).save(path)
    return folder


def write_parquet(path: Path, rows: list[list[str]]) -> None:
    """The table with types, where pyarrow is installed."""
    try:
        from pyarrow import parquet, table
    except ImportError:
        return
    cells = zip(COLUMNS.items(), zip(*rows, strict=True), strict=True)
    parquet.write_table(
        table({name: [kind(cell) if cell else None for cell in column] for (name, kind), column in cells}),
        path,
    )


def write_downloads(folder: Path) -> Path:
    """The sets in the form of MNIST, each with images of its own, and CIFAR-10, all of 40 training images:
    for DNNLAB_DATA.
    """
    for seed, name in enumerate(("mnist", "fashion_mnist", "kmnist")):
        for file, rows in zip(NAMES, (40, 40, 10, 10), strict=True):
            images = "images" in file
            idx_file(
                folder / name / file,
                drawn_images(rows, (28, 28), seed=seed) if images else np.arange(rows, dtype=np.uint8) % 10,
            )
    (folder / "cifar10").mkdir(parents=True)
    for batch, file in enumerate(BATCHES):
        colours = np.stack(
            [drawn_images(10, (32, 32), seed=10 * batch + plane) for plane in range(3)], axis=1
        )
        records = [bytes([i]) + image.tobytes() for i, image in enumerate(colours)]
        (folder / "cifar10" / file).write_bytes(b"".join(records))
    return folder


def drawn_images(rows: int, size: tuple[int, int], classes: int = 10, seed: int = 0) -> np.ndarray:
    """Bytes (rows, *size): row i is the pattern of class i % classes and noise."""
    numbers = np.random.default_rng(seed)
    patterns = numbers.integers(0, 200, (classes, *size))
    return (patterns[np.arange(rows) % classes] + numbers.integers(0, 56, (rows, *size))).astype(np.uint8)
