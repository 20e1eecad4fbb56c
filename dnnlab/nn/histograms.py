"""Counts of values in equal bins."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from .captured import Captured
from .probes import layer_of

BINS = 64
MOST_VALUES = 1 << 16  # of a larger tensor evenly spaced values are counted: the picture is the same


@torch.no_grad()
def histograms(captured: Captured) -> dict[str, Any]:
    """{layer: {counts, edges}} of activations and of gradients, the latter of all parameters of a layer together."""
    assert captured.activations is not None and captured.gradients is not None
    of_layer: dict[str, list[Tensor]] = {}
    for name, gradient in captured.gradients.items():
        of_layer.setdefault(layer_of(name), []).append(gradient.flatten())
    gradients = {layer: torch.cat(parts) for layer, parts in of_layer.items()}
    counted = {"activations": captured.activations, "gradients": gradients}
    names = [(what, layer) for what, tensors in counted.items() for layer in tensors]
    pairs = [histogram(counted[what][layer]) for what, layer in names]
    row: dict[str, Any] = {"step": captured.step, "epoch": captured.epoch, "activations": {}, "gradients": {}}
    if pairs:
        counts, edges = (torch.stack(side).tolist() for side in zip(*pairs, strict=True))
        for (what, layer), n, at in zip(names, counts, edges, strict=True):
            row[what][layer] = {"counts": n, "edges": at}
    return row


def histogram(values: Tensor) -> tuple[Tensor, Tensor]:
    """(64,) int64 counts in equal bins from the smallest to the largest value, and their (65,) float32 edges.

    A bin holds its lower edge, the last one both. Values that are all the same lie in the middle of a bin width of 1; those that are not
    finite are left out. Nothing waits for the device.
    """
    values = values.detach().flatten().float()
    values = values[:: -(-values.numel() // MOST_VALUES)].contiguous() if values.numel() > MOST_VALUES else values
    finite = values.isfinite()
    low, high = (torch.where(finite, values, fill).aminmax()[end] for end, fill in ((0, float("inf")), (1, float("-inf"))))
    widen = torch.where(high > low, 0.0, 0.5)
    low, high = (torch.where(bound.isfinite(), bound, 0.0) for bound in (low - widen, high + widen))
    share = torch.arange(BINS + 1, device=values.device) / BINS
    edges = low * (1 - share) + high * share  # exact at both ends, and their difference cannot overflow
    bins = torch.bucketize(values, edges[1:-1], right=True)
    bins = torch.where(finite, bins, BINS)
    counts = torch.zeros(BINS + 1, dtype=torch.int64, device=values.device).scatter_add_(0, bins, torch.ones_like(bins))
    return counts[:BINS], edges
