"""Signals that ask a training to save and end; a second one ends it at once.

Beside Ctrl-C and SIGTERM: SIGHUP (the terminal is closed), SIGUSR1, SIGUSR2 and SIGXCPU (clusters send
them before the time of a job is over).
"""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any

from ..engine.stop import Halt, Stop
from ..rundir.status import RunStatus

_TERMINATING = ("SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGXCPU")  # Windows has only the first
STATUS = {signal.SIGINT: RunStatus.INTERRUPTED} | {
    signal.Signals[name]: RunStatus.TERMINATED for name in _TERMINATING if name in signal.Signals.__members__
}


class Interrupts:
    """While it is entered, a signal becomes a request to the training that `stop` belongs to.

    Where no training has begun yet, or one was asked already, it raises a `Halt`.
    """

    def __init__(self) -> None:
        self.stop: Stop | None = None
        self.begun = False  # whether there is a run
        self._before: dict[signal.Signals, Any] = {}

    def handle(self, number: int, frame: FrameType | None = None) -> None:
        """The handler: only an assignment or a raise, since it may run in the middle of anything."""
        status = STATUS[signal.Signals(number)]
        if self.stop is None or self.stop.status is not None:
            raise Halt(status)
        self.stop.status = status

    def __enter__(self) -> Interrupts:
        if threading.current_thread() is threading.main_thread():
            for number in STATUS:
                if (
                    signal.getsignal(number) is not signal.SIG_IGN
                ):  # a shell's background job does not hear Ctrl-C
                    self._before[number] = signal.signal(number, self.handle)
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
