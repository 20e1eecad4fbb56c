"""The rows of a run once more, as event files that TensorBoard reads.

Imported only if `logging.tensorboard` is true.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from torch.utils.tensorboard import SummaryWriter

PARTS = ("train_eval_", "train_", "val_")


class Board:
    """Writes event files into `folder`.

    step: the finished steps; TensorBoard hides later ones of an earlier process.

    Tags: `loss/val` and so on for the epochs' rows, else the file and the keys of the row, such as
    `gradients/norms/hidden1`.
    """

    def __init__(self, folder: Path, step: int) -> None:
        self.writer = SummaryWriter(str(folder), purge_step=step + 1 if step else None)

    def epoch(self, row: Mapping[str, Any]) -> None:
        """A row of metrics.jsonl."""
        for key, value in row.items():
            part = next((part for part in PARTS if key.startswith(part)), None)
            if part is not None and value is not None:
                self.writer.add_scalar(f"{key.removeprefix(part)}/{part.rstrip('_')}", value, row["step"])

    def row(self, file: str, row: Mapping[str, Any]) -> None:
        """A row of another file."""
        for tag, value in leaves(row, file.partition(".")[0]):
            self.writer.add_scalar(tag, float(value), row["step"])

    def histograms(self, row: Mapping[str, Any]) -> None:
        """The histograms of one epoch."""
        for kind in ("activations", "gradients"):
            for layer, item in row[kind].items():
                counts, edges = item["counts"], item["edges"]
                middles = [(low + high) / 2 for low, high in pairwise(edges)]
                total = sum(n * x for n, x in zip(counts, middles, strict=True))
                squares = sum(n * x * x for n, x in zip(counts, middles, strict=True))
                self.writer.add_histogram_raw(
                    f"{kind}/{layer}",
                    edges[0],
                    edges[-1],
                    sum(counts),
                    total,
                    squares,
                    edges[1:],
                    counts,
                    row["step"],
                )

    def close(self) -> None:
        """Write down what waits."""
        self.writer.close()


def leaves(row: Mapping[str, Any], tag: str) -> Iterator[tuple[str, float]]:
    """The numbers of a row, nested ones too, with their tags."""
    for key, value in row.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{tag}/{key}")
        elif isinstance(value, int | float) and key not in ("step", "epoch"):
            yield f"{tag}/{key}", value
