"""A schedule of your own.

In a config beside this file:

plugins: [my_schedule.py]
schedule: {name: my_schedule, end: 0.01}
"""

from __future__ import annotations

import math
from typing import Any

from dnnlab.registry import UnitInterval, part


@part(
    "schedule",
    source="Loshchilov & Hutter 2017, arXiv:1608.03983 (without restarts)",
    needs_total=True,
    example={"end": 0.1},
)
def my_schedule(base: Any, total_steps: Any, steps_per_epoch: Any, *, end: UnitInterval = 0.0) -> Any:
    """Half a cosine from optimizer.lr down to `end` times that.

    end: share of the rate that is left, in [0, 1]. What comes back is a pure function of the step (from 0),
    as a resumed run asks it again; it may set the momentum too: {"lr": ..., "momentum": ...}. `base` holds lr
    and momentum of the optimizer.
    """

    def rates(step: int) -> dict[str, float]:
        share = step / max(1, total_steps - 1)
        return {"lr": base["lr"] * (end + (1 - end) * (1 + math.cos(math.pi * share)) / 2)}

    return rates
