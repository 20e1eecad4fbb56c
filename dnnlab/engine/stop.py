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


class Halt(KeyboardInterrupt):
    """A signal that ends the command at once."""

    def __init__(self, status: RunStatus) -> None:
        super().__init__()
        self.status, self.exit_code = status, status.exit_code


def halt_status(error: BaseException) -> RunStatus:
    """What a run ends with that was cut off: as the signal says, else interrupted."""
    return error.status if isinstance(error, Halt) else RunStatus.INTERRUPTED
