"""Convert histograms of several epochs, each with its own bins, to common bins for a ridge chart."""

from __future__ import annotations

import numpy as np

Array = np.ndarray
BINS = 72
LEFT_OUT = 0.005  # of all counts, at each end: a few far values would press the rest into one line


def common_bins(counts: Array, edges: Array, bins: int = BINS) -> tuple[float, float, Array] | None:
    """(low, high, counts (k, bins)) on common bins. counts: (k, b); edges: (k, b + 1), rising.

    None if nothing was counted.

    Each bin's counts are spread evenly over its width; the common range leaves out half a hundredth of all
    counts at either end.
    """
    counts, edges = (
        np.nan_to_num(np.asarray(counts, float), nan=0.0, posinf=0.0, neginf=0.0),
        np.asarray(edges, float),
    )
    whole = np.isfinite(edges).all(axis=1) & (counts.sum(axis=1) > 0)
    if counts.ndim != 2 or edges.shape != (len(counts), counts.shape[1] + 1) or not whole.any():
        return None
    low, high = _range(counts[whole], edges[whole])
    grid = np.linspace(low, high, bins + 1)
    spread = np.zeros((len(counts), bins))
    for i in np.flatnonzero(whole):
        below = np.concatenate([[0.0], np.cumsum(counts[i])])
        spread[i] = np.diff(np.interp(grid, edges[i], below))
    return low, high, spread


def _range(counts: Array, edges: Array) -> tuple[float, float]:
    """Where all but the outermost counts lie; never empty."""
    shares = counts / counts.sum(axis=1, keepdims=True)
    ends = np.concatenate([edges[:, :-1].ravel(), edges[:, 1:].ravel()])
    # What lies below each end, averaged over the moments.
    places = np.unique(ends)
    below = np.mean(
        [
            np.interp(places, e, np.concatenate([[0.0], np.cumsum(s)]))
            for e, s in zip(edges, shares, strict=True)
        ],
        axis=0,
    )
    inside = places[(below >= LEFT_OUT) & (below <= 1 - LEFT_OUT)]
    low, high = (
        (float(inside[0]), float(inside[-1])) if len(inside) > 1 else (float(places[0]), float(places[-1]))
    )
    if high > low:
        return low, high
    margin = max(abs(low) * 0.5, 0.5)
    return low - margin, high + margin
