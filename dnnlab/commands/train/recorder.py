"""What training says of itself on its way to disk: rows of JSON lines, histograms, TensorBoard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...engine.session import Session
from ...rundir import RunFolder
from ...rundir.histograms import FILE, Histograms

if TYPE_CHECKING:
    from .tensorboard import Board

Row = Mapping[str, Any]


class Recorder:
    """Records from the progress of `session` on; later rows of the folder are dropped.

    tensorboard: whether event files are written.

    Rows are with the operating system when a method returns; histograms are written by `flush`, which comes
    before each checkpoint.
    """

    def __init__(self, folder: RunFolder, session: Session, *, tensorboard: bool = False) -> None:
        self.folder = folder
        schedule, done = session.plan.probe_every.get(FILE), session.progress.epoch
        # The last epoch is looked at because it is the last; a run that was made longer since has another
        # one.
        self.histograms = Histograms.read(
            folder.path / FILE,
            lambda epoch: epoch <= done and (schedule is None or schedule.epoch_due(epoch)),
        )
        self.board: Board | None = None
        if tensorboard:
            from .tensorboard import Board

            self.board = Board(folder.path / "tensorboard", session.progress.step)

    def step(self, rows: Mapping[str, Row]) -> None:
        """The rows of one logging step, by file."""
        for file, row in rows.items():
            if file == FILE:
                self.histograms.add(row)
                if self.board is not None:
                    self.board.histograms(row)
                continue
            self.folder.append(file, dict(row))
            if self.board is not None:
                self.board.row(file, row)

    def epoch(self, row: Row) -> None:
        """A row of metrics.jsonl."""
        self.folder.append("metrics.jsonl", dict(row))
        if self.board is not None:
            self.board.epoch(row)

    def flush(self) -> None:
        """Write the histograms down if there are new ones. Raises `StorageError`."""
        if self.histograms.changed:
            self.folder.write_tensors(FILE, self.histograms.tensors())
            self.histograms.changed = False

    def close(self) -> None:
        """Nothing more comes. What was not flushed is not written."""
        if self.board is not None:
            self.board.close()
            self.board = None
