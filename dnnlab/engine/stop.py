"""A request to end a training. Without torch: the process that coordinates a sweep loads none."""

from __future__ import annotations

from dataclasses import dataclass

from ..rundir.status import RunStatus


@dataclass
class Stop:
    """A request from outside to end training after the current step."""

    status: RunStatus | None = None
    """What the run ends with (interrupted, terminated or pruned); None: no request."""
    reason: str = "asked to stop"
