"""How large the inputs are that the net gets: for data.json, where `doctor` looks whether they should have been scaled."""

from __future__ import annotations

from typing import Any

import numpy as np

ROWS = 1000  # enough to tell tens from ones


def spread_of(inputs: Any) -> dict[str, float]:
    """largest: the greatest root mean square of a feature (of a channel, for images). widest, typical: the largest and the median
    deviation of those that vary.

    inputs: (rows, features or channels, ...), a tensor or `Streamed`; the first 1,000 rows are looked at.
    Three figures each.
    """
    rows = np.nan_to_num(np.asarray(inputs[slice(0, ROWS)], dtype=np.float64))
    axes = tuple(axis for axis in range(rows.ndim) if axis != 1)
    size, deviation = np.sqrt(np.square(rows).mean(axes)), rows.std(axes)
    varied = deviation[deviation > 0]
    wide, usual = (varied.max(), np.median(varied)) if varied.size else (0.0, 0.0)
    found = {"largest": size.max(), "widest": wide, "typical": usual}
    return {name: float(f"{value:.3g}") for name, value in found.items()}
