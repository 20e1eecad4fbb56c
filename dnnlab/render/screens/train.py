"""The screen of a training: from its events it writes the header, the table, the bar and the result."""

from __future__ import annotations

import statistics
from typing import Any, assert_never

from ...commands.train.events import Finished, Note, Saved, Started, TrainEvent
from ...engine.records import Epoch, Step
from ..terminal.streams import Stream
from ..terminal.text import labelled
from .bar import Bar
from .epoch_table import EpochTable, mark_of, plain_row
from .header import INDENT, header_lines
from .run_facts import RunFacts, run_facts

ROWS_ALWAYS = 100  # a training of more epochs than this shows only so many rows that one can read them
SECONDS_BETWEEN_ROWS = 0.2
NARROWEST_BAR = 40  # columns


class TrainScreen:
    """Shows the progress of one run on a stream.

    A table with a moving bar on a terminal, one plain line per epoch elsewhere.
    """

    def __init__(self, stream: Stream, brief: bool = False) -> None:
        self.stream, self.brief = stream, brief
        self.facts: RunFacts | None = None
        self.bar: Bar | None = None
        self.table: EpochTable | None = None
        self.ratios: list[float] = []
        self.seconds = 0.0  # of training, at the end of the last epoch
        self.part = True  # whether the epoch that is running was begun by an earlier process
        self.shown_at = 0.0
        self.waiting = False  # for the first step

    def __call__(self, event: TrainEvent) -> None:
        """Show one event. A step costs a few attribute reads and a look at the clock."""
        match event:
            case Step():
                self.step(event)
            case Epoch():
                self.epoch(event)
            case Started():
                self.begin(event, run_facts(event))
            case Note():
                self.note(event.text, event.kind)
            case Finished():
                self.clear()
            case Saved():
                pass
            case _:
                assert_never(event)

    def begin(self, started: Started, facts: RunFacts) -> None:
        """Print the header; the table waits for the first step, so that early notes are printed above it."""
        warns, lines = False, []
        for line in header_lines(started, self.stream.width, self.brief):
            warns = line.startswith(" warning") or (warns and line.startswith(" " * INDENT))
            lines.append(self.stream.paint(line, "warning") if warns else line)
        self.stream.lines(lines)
        at = started.built.session.progress
        self.start(facts, at.epoch + 1, at.in_epoch)

    def start(self, facts: RunFacts, epoch: int, in_epoch: int) -> None:
        """Get ready for an epoch, of which `in_epoch` steps are done already."""
        self.facts, self.seconds, self.part, self.waiting = facts, facts.seconds, in_epoch > 0, True
        if self.stream.terminal:
            self.table = EpochTable(facts, self.stream.width)
        if self.stream.live and self.stream.width >= NARROWEST_BAR:
            self.bar = Bar(self.stream, facts)
            self.bar.epoch, self.bar.in_epoch = epoch, in_epoch

    def step(self, step: Step) -> None:
        """Move the bar, and keep the update ratios of a logging step for the epoch's row."""
        if self.waiting:
            self.open()
        if step.rows is not None:
            self._collect(step.rows)
        if self.bar is not None:
            self.bar.step(step.epoch, step.in_epoch)

    def open(self) -> None:
        """The table's titles."""
        self.waiting = False
        if self.table is not None:
            self.stream.lines(["", self.stream.paint(self.table.header(), "strong")])

    def epoch(self, epoch: Epoch) -> None:
        """One row."""
        facts = self.known_facts()
        if self.waiting:
            self.open()
        took = float(epoch.row["seconds"]) - self.seconds
        self.seconds += took
        row = {
            **epoch.row,
            "took": max(took, 0.0),
            "update": statistics.median(self.ratios) if self.ratios else None,
        }
        self.ratios = []
        if self.table is None:
            self.stream.lines([plain_row(epoch, row, facts)])
        elif self.readable(epoch):
            self.clear()
            self.stream.lines([self.table.row(row) + self._marked(epoch)])
        if self.bar is not None:
            self.bar.epoch = epoch.epoch
            self.bar.epoch_over(took, not self.part)
            if not epoch.final and self.bar.drawn == 0:
                self.bar.draw()
        self.part = False

    def known_facts(self) -> RunFacts:
        """The facts of the run, which are known from `start` on."""
        if self.facts is None:
            raise RuntimeError("the screen got an epoch before Started")
        return self.facts

    def readable(self, epoch: Epoch) -> bool:
        """Whether a row is shown: always in a short training, else at most five a second."""
        if (
            self.known_facts().epochs > ROWS_ALWAYS
            and not epoch.final
            and 0 <= self.seconds - self.shown_at < SECONDS_BETWEEN_ROWS
        ):
            return False
        self.shown_at = self.seconds
        return True

    def note(self, text: str, kind: str = "note") -> None:
        """A sentence between the rows."""
        self.clear()
        label = "note" if kind == "note" else "warning"
        lines = labelled(label, text, indent=INDENT, width=self.stream.width)
        self.stream.lines(self.stream.paint(line, "warning") if kind != "note" else line for line in lines)
        if self.bar is not None:
            self.bar.next_draw = 0.0

    def clear(self) -> None:
        """Take the bar away; the next step draws it again."""
        if self.bar is not None:
            self.bar.clear()

    def _marked(self, epoch: Epoch) -> str:
        mark = mark_of(epoch)
        space = " " if len(mark) > 8 else "  "
        return space + self.stream.paint(mark, "good" if epoch.is_best else "quiet") if mark else ""

    def _collect(self, rows: dict[str, dict[str, Any]]) -> None:
        found = rows.get("update_ratios.jsonl")
        if found is not None:
            self.ratios += [value for value in found["ratios"].values() if value is not None]
