"""How large the inputs are that the net gets: for data.json, where `doctor` looks whether they should have been scaled."""

from __future__ import annotations

from typing import Any

import torch

ROWS = 1000  # enough to tell tens from ones


def spread_of(inputs: Any) -> dict[str, float]:
    """largest: the greatest root mean square of a feature (of a channel, for images). widest, narrowest: deviations of those that vary.

    inputs: (rows, ...) tensor or `Streamed`; the first 1,000 rows are looked at.
    """
    rows = torch.as_tensor(inputs[slice(0, ROWS)]).double()
    axes = [axis for axis in range(rows.ndim) if axis != 1] if rows.ndim > 1 else [0]
    size, deviation = rows.square().mean(axes).sqrt(), rows.std(axes, correction=0)
    varied = deviation[deviation > 0]
    wide, narrow = (float(varied.max()), float(varied.min())) if len(varied) else (0.0, 0.0)
    return {"largest": float(size.max()), "widest": wide, "narrowest": narrow}
