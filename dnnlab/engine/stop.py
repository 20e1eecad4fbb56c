"""A request to end a training. Without torch: the process that coordinates a sweep loads none."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Stop:
    """A request from outside to end training after the current step."""

    status: str | None = None
    """What the run ends with ("interrupted", "terminated", "pruned"); None: no request."""
    reason: str = "asked to stop"
