"""The line below the table that moves: epoch, steps, speed, time left.

It needs only a carriage return, no escape sequences.
"""

from __future__ import annotations

import math
from time import perf_counter

from ..terminal.numbers import remaining, speed
from ..terminal.streams import Stream
from .run_facts import RunFacts

SECONDS_BETWEEN_DRAWS = 0.1
MEMORY = 3.0  # seconds over which the speed is averaged


class Bar:
    """The progress bar. `step` is called after every step and draws at most ten times a second."""

    def __init__(self, stream: Stream, facts: RunFacts) -> None:
        self.stream, self.facts = stream, facts
        self.epoch, self.in_epoch = 1, 0
        self.next_draw = 0.0
        self.drawn = 0  # columns on the screen
        self.pace: float | None = None  # seconds a step
        self._seen = (0.0, 0.0)  # seconds and steps that the pace is made of; old ones fade
        self.epoch_seconds: float | None = None  # of a whole epoch, its measurements included
        self._last = (perf_counter(), 0)  # time and steps of this process at the last draw
        self._steps = 0
        full = "━╸─"
        self.signs = full if stream.can_show(full) else "=>-"

    def step(self, epoch: int, in_epoch: int) -> None:
        """One step is over."""
        self._steps += 1
        now = perf_counter()
        if now >= self.next_draw:
            self.epoch, self.in_epoch = epoch, in_epoch
            self._measure(now)
            self.draw()
            self.next_draw = now + SECONDS_BETWEEN_DRAWS

    def epoch_over(self, took: float, whole: bool) -> None:
        """An epoch is over after `took` seconds; whole: this process did all of it."""
        if whole:
            self.epoch_seconds = took
        self.epoch, self.in_epoch = self.epoch + 1, 0
        self._last = (perf_counter(), self._steps)

    def draw(self) -> None:
        """Write the line over the last one."""
        if not self.stream.live:
            return
        done, rest, words = self._line()
        line = f"{words[0]}{self.stream.paint(done, 'bar')}{self.stream.paint(rest, 'quiet')}{words[1]}"
        width = len(words[0]) + len(done) + len(rest) + len(words[1])
        self.stream.write(f"\r{line}{' ' * (self.drawn - width)}")
        self.drawn = width

    def clear(self) -> None:
        """Take the line away, the cursor at its start."""
        if self.drawn:
            self.stream.write(f"\r{' ' * self.drawn}\r")
            self.drawn = 0

    def _measure(self, now: float) -> None:
        then, steps = self._last
        if self._steps == steps or now <= then:
            return
        # Seconds and steps fade alike, so that the first step, which is slow, weighs no more than the time it
        # took.
        fading = math.exp(-(now - then) / MEMORY)
        seconds, seen = self._seen
        self._seen = (seconds * fading + now - then, seen * fading + self._steps - steps)
        self.pace = self._seen[0] / self._seen[1]
        self._last = (now, self._steps)

    def _times(self) -> list[str]:
        """Speed, time left in the epoch and in all, as far as they are known."""
        f = self.facts
        if not self.pace:
            return []
        here = self.pace * (f.steps_per_epoch - self.in_epoch)
        after = (f.epochs - self.epoch) * (self.epoch_seconds or self.pace * f.steps_per_epoch)
        words = ["  " + speed(f.rows / f.steps_per_epoch / self.pace).rjust(8), f"  {remaining(here)} left"]
        return [*words, f"   all: {remaining(here + after)} left"] if self.epoch < f.epochs else words

    def _line(self) -> tuple[str, str, tuple[str, str]]:
        """The bar's two halves, and the words before and after it.

        One column is left free: a full line would wrap on some terminals.
        """
        f, width = self.facts, self.stream.width - 1
        steps = str(f.steps_per_epoch)
        before = f" {self.epoch:>{len(str(f.epochs))}}/{f.epochs} "
        counts, times = f" {self.in_epoch:>{len(steps)}}/{steps}", self._times()
        while times and len(before) + len(counts) + sum(map(len, times)) + 8 > width:
            times.pop()
        behind = counts + "".join(times)
        room = max(width - len(before) - len(behind), 0)
        halves = min(2 * room, round(2 * room * self.in_epoch / f.steps_per_epoch))
        done = self.signs[0] * (halves // 2) + self.signs[1] * (halves % 2)
        return done, self.signs[2] * (room - len(done)), (before, behind)
