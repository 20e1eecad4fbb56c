"""histograms.safetensors: all histograms of a run in one file, which is replaced at each write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from dnnlab.lazy_torch import torch
from dnnlab.rundir.tensors import load_tensors

FILE = "histograms.safetensors"
KINDS = ("activations", "gradients")


class Histograms:
    """The histograms of each epoch.

    A row is {epoch, activations: {layer: {counts, edges}}, gradients: {layer: {counts, edges}}}, in which
    counts and edges are lists of numbers.
    """

    def __init__(self) -> None:
        self.rows: dict[int, dict[str, Any]] = {}
        self.changed = False

    def add(self, row: Mapping[str, Any]) -> None:
        """Add the row of an epoch; it replaces an earlier row of the same epoch."""
        self.rows[row["epoch"]] = {kind: row[kind] for kind in KINDS}
        self.changed = True

    def tensors(self) -> dict[str, torch.Tensor]:
        """The tensors of the file.

        `epochs` is (k,) int32. Each layer has `activations/<layer>` and `gradients/<layer>`, (k, bins) int32,
        with `.../edges`, (k, bins + 1) float32. A layer that some epoch does not have is left out.
        """
        epochs = sorted(self.rows)
        found = {"epochs": torch.tensor(epochs, dtype=torch.int32)}
        for kind in KINDS:
            everywhere = [
                layer
                for layer in self.rows[epochs[0]][kind]
                if all(layer in self.rows[epoch][kind] for epoch in epochs)
            ]
            for layer in everywhere:
                of_layer = [self.rows[epoch][kind][layer] for epoch in epochs]
                found[f"{kind}/{layer}"] = torch.tensor(
                    [item["counts"] for item in of_layer], dtype=torch.int32
                )
                found[f"{kind}/{layer}/edges"] = torch.tensor(
                    [item["edges"] for item in of_layer], dtype=torch.float32
                )
        return found

    @classmethod
    def read(cls, path: Path, keep: Callable[[int], bool]) -> Histograms:
        """The histograms in a file of the epochs that `keep` selects; empty if it is missing or damaged."""
        read = cls()
        try:
            tensors = load_tensors(path)
            epochs: list[int] = tensors.pop("epochs").tolist()
            rows: dict[int, dict[str, Any]] = {epoch: {kind: {} for kind in KINDS} for epoch in epochs}
            for name, counts in tensors.items():
                kind, _, layer = name.partition("/")
                if name.removesuffix("/edges") not in tensors or not name.endswith("/edges"):
                    for epoch, n, edges in zip(
                        epochs, counts.tolist(), tensors[f"{name}/edges"].tolist(), strict=True
                    ):
                        rows[epoch][kind][layer] = {"counts": n, "edges": edges}
        except (OSError, ValueError, KeyError, TypeError):
            return read
        read.rows = {epoch: row for epoch, row in rows.items() if keep(epoch)}
        return read
