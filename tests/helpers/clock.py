"""A clock that tests move by hand."""

from __future__ import annotations


class Clock:
    """Stands in for `perf_counter`."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now
