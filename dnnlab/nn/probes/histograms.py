"""Counts of values in equal bins."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .capture import Captured, needed
from .rows import layer_of

BINS = 64
MOST_VALUES = 1 << 16  # of a larger tensor evenly spaced values are counted: the picture is the same


@torch.no_grad()
def histograms(captured: Captured) -> dict[str, Any]:
    """Histograms of the activations and gradients of each layer: {counts, edges}. Waits once.

    The gradients of all parameters of a layer count together.
    """
    of_layer: dict[str, list[Tensor]] = {}
    for name, gradient in needed(captured.gradients).items():
        of_layer.setdefault(layer_of(name), []).append(gradient.flatten())
    values = {
        ("activations", layer): thinned(outputs) for layer, outputs in needed(captured.activations).items()
    }
    values |= {("gradients", layer): thinned(torch.cat(parts)) for layer, parts in of_layer.items()}
    row: dict[str, Any] = {"step": captured.step, "epoch": captured.epoch, "activations": {}, "gradients": {}}
    ends = np.cumsum([len(numbers) for numbers in values.values()])
    fetched = torch.cat(list(values.values())).cpu().numpy() if values else np.zeros(0)
    for (what, layer), numbers in zip(values, np.split(fetched, ends), strict=False):
        row[what][layer] = histogram(numbers)
    return row


def thinned(tensor: Tensor) -> Tensor:
    """Its values in a row, evenly spaced ones where there are very many; float32."""
    values = tensor.detach().flatten()
    return values[:: max(1, -(-len(values) // MOST_VALUES))].float()


def histogram(values: NDArray[Any]) -> dict[str, list[float]]:
    """64 counts in equal bins from the smallest to the largest finite value, and their 65 edges in float32.

    A bin holds its lower edge, the last one both. Where all values are the same, they lie in the middle of a
    range of width 1.
    """
    wide = values.astype(np.float64)
    low, high = (wide.min(), wide.max()) if len(wide) else (0.0, 1.0)
    if not math.isfinite(high - low):
        wide = wide[np.isfinite(wide)]
        low, high = (wide.min(), wide.max()) if len(wide) else (0.0, 1.0)
    if low == high:
        low, high = low - 0.5, high + 0.5
    bins = ((wide - low) * (BINS / (high - low))).astype(
        np.intp
    )  # a third of the time of np.histogram, which looks for each value twice
    counts = np.bincount(np.minimum(bins, BINS - 1), minlength=BINS)
    return {"counts": counts.tolist(), "edges": np.linspace(low, high, BINS + 1, dtype=np.float32).tolist()}
