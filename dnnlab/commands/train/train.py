"""Training: build, make the run folder, write down the records of the engine, end with a status."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any, Literal

from torch import Tensor

from ...assembly.reuse.source import with_source
from ...assembly.session import Built, build
from ...assembly.training.device import no_memory
from ...config import Config
from ...data.prepare.shared_files import Ready
from ...data.raw import RawDataset
from ...engine.checkpoint_state import capture, restore
from ...engine.loop import fit
from ...engine.nonfinite import NonFiniteError, diverged, first_bad_weight
from ...engine.records import End, Epoch, Step
from ...engine.session import Session
from ...engine.stop import Stop, halt_status
from ...errors import DivergedError, DnnlabError, OutOfMemoryError, Problem, RunError, StorageError
from ...rundir import Checkpoint, Loaded, RunFolder, RunStatus, create
from ...rundir.checkpoints import newest_progress
from ...rundir.run_record import BASELINE, REUSED, read_record
from ..doctor.doctor import write_verdicts
from ..show.layer_table import keep_layer_table
from .checkpoint_schedule import CheckpointSchedule
from .events import Finished, Note, Saved, Started, TrainEvents
from .provenance import now, write_beginning
from .recorder import Recorder

BESIDE_METRICS = ("epoch", "step", "seconds", "samples_per_second", "lr")


def train(
    config: Config, runs_dir: Path, *, raw: RawDataset | None = None, stop: Stop | None = None
) -> TrainEvents:
    """Train what the config describes in a new run folder.

    Yields events (see `events.py`); raises `DnnlabError`.

    Until `Started` nothing is created. After it, whatever happens is in the folder's status.
    """
    config = with_source(config, runs_dir)
    with memory_errors():
        built = build(config, raw)
    folder = create(runs_dir, config.experiment.name)
    with folder:
        try:
            write_beginning(folder, config, built)
            keep_layer_table(folder, config, built)
        except BaseException:
            folder.discard()
            raise
        yield Started(folder.path, built.advised(config), built)
        yield from Training(folder, config, built, raw, stop or Stop()).run()


class Training:
    """One process's work on one run folder, held by its lock."""

    def __init__(
        self,
        folder: RunFolder,
        config: Config,
        built: Built,
        raw: RawDataset | None,
        stop: Stop,
        prepared: Ready | None = None,
    ) -> None:
        self.compares = True
        """Whether a linear model is measured beside the net at the end."""
        self.baseline: dict[str, Any] | None = None
        self.folder, self.config, self.raw, self.stop, self.prepared = folder, config, raw, stop, prepared
        self.built = built
        self.checkpoints = CheckpointSchedule(
            config.experiment.checkpoint.every, built.session.steps_per_epoch
        )
        self.recorder: Recorder | None = None

    def run(self) -> TrainEvents:
        """Train to the end, an interruption or an error; the folder's status tells which."""
        try:
            with memory_errors():
                yield from self.guarded()
        except DnnlabError as error:
            self.end(STATUS_OF.get(type(error), RunStatus.FAILED), str(error))
            raise
        except Exception as error:
            self.end(RunStatus.FAILED, f"{type(error).__name__}: {error}")
            raise
        # A second signal, a notebook's stop button, a listener that went away.
        except (KeyboardInterrupt, GeneratorExit) as error:
            reason = "cut off in the middle of a step; what the last checkpoint holds is kept"
            self.end(halt_status(error), reason)
            raise

    def guarded(self) -> TrainEvents:
        """Train; if a number is not finite, replay from the last good state with checks on every step."""
        try:
            yield from self.drain()
            return
        except NonFiniteError as error:
            step, threads = error.step, self.built.threads
            self.stop_recording(flush=False)
        self.built = None  # type: ignore[assignment]  # its memory is needed for the replay
        gc.collect()
        self.built = build(self.config, self.raw, threads, self.prepared, kept_start(self.folder.path))
        start = put_back(self.folder, self.built, self.folder.newest_checkpoint())
        replay = f"replaying from step {start['step']} with checks on every step"
        text = f"a number that is not finite turned up by step {step}; {replay}"
        yield self.note(text, "warning")
        self.built.session.careful = True
        try:
            yield from self.drain()
        except NonFiniteError as error:
            raise overflowed(self.built.session, error.step) from None

    def drain(self) -> TrainEvents:
        """Write the engine's records down as they come, and hand them on."""
        session = self.built.session
        session.stop = self.stop
        self.recorder = recorder = Recorder(
            self.folder, session, tensorboard=self.config.experiment.logging.tensorboard
        )
        stages = () if session.phases is None else session.phases.facts()["unfreeze"]
        begins = {stage["step"]: ", ".join(stage["layers"]) for stage in stages}
        for record in fit(session):
            if isinstance(record, Step):
                if record.step in begins:
                    yield self.note(f"{begins[record.step]}: learning begins with the next step")
                if record.rows:
                    recorder.step(record.rows)
                if self.checkpoints.due_after_step(record):
                    yield self.save(None)
                yield record
            elif isinstance(record, Epoch):
                recorder.epoch(record.row)
                if self.checkpoints.due_after_epoch(record):
                    yield self.save(record.value)
                yield record
            else:
                yield from self.over(record)

    def save(self, value: float | None) -> Saved:
        """Write a checkpoint of this moment.

        Raises `NonFiniteError` in the middle of an epoch that has gone wrong unnoticed.
        """
        session = self.built.session
        at, state = session.progress, capture(session)
        if at.in_epoch and first_bad_weight(session) is not None:
            raise NonFiniteError(at.step)
        is_best = at.in_epoch == 0 and at.best.get("epoch") == at.epoch
        checkpoint = Checkpoint(
            epoch=at.epoch, step=at.step, monitor=session.plan.monitor, value=value, is_best=is_best, **state
        )
        if self.recorder is not None:
            self.recorder.flush()
        path = self.folder.save_checkpoint(checkpoint, self.config.experiment.checkpoint.keep)
        self.checkpoints.note_saved()
        return Saved(path, at.step)

    def over(self, end: End) -> TrainEvents:
        """The last events: a checkpoint if training was cut short, the status, the result."""
        at = self.built.session.progress
        if not at.stopped and at.epoch < self.built.session.plan.epochs:
            yield self.save(None)
        if end.status.good and self.compares:
            self.measure_baseline()
        result = self.end(end.status, end.reason)
        yield Finished(self.folder.path, result, end.reason)

    def measure_baseline(self) -> None:
        """Write baseline.json, if the data are a table. A failure becomes a note: the net is trained."""
        from ...assembly.linear_baseline import linear_baseline

        try:
            self.baseline = linear_baseline(self.config.experiment, self.built.data, self.built.objective)
            if self.baseline is not None:
                self.folder.write_json(BASELINE, self.baseline)
        except Exception as error:
            self.folder.log(f"no linear model: {type(error).__name__}: {error}")

    def end(self, status: RunStatus, reason: str) -> dict[str, Any]:
        """Write the status down and return the JSON face of this run."""
        session = None if self.built is None else self.built.session
        best, last = (
            ({}, {}) if session is None else (face(session.progress.best), face(session.progress.last))
        )
        seconds = 0.0 if session is None else session.progress.seconds
        try:
            self.stop_recording()
            self.folder.log(f"{status}: {reason}" if reason else status)
            times = {**self.folder.meta().get("times", {}), "ended": now()}
            self.folder.update_meta(
                status=status, reason=reason, best=best, last=last, seconds=seconds, times=times
            )
            write_verdicts(self.folder)
        except StorageError:
            # The disk is full: the run counts as killed then, and the error on its way says why.
            if status not in (RunStatus.FAILED, *STATUS_OF.values()):
                raise
        monitor = None if session is None else session.plan.monitor
        return {
            "run": str(self.folder.path),
            "status": status,
            "monitor": monitor,
            "best": best,
            "last": last,
            "seconds": seconds,
            "baseline": self.baseline,
        }

    def stop_recording(self, *, flush: bool = True) -> None:
        """Close what records; what waits is written down first unless it is going to be recorded again."""
        if self.recorder is None:
            return
        recorder, self.recorder = self.recorder, None
        recorder.close()
        if flush:
            recorder.flush()

    def note(self, text: str, kind: Literal["note", "warning"] = "note") -> Note:
        """A sentence for the screen and for log.txt."""
        self.folder.log(text)
        return Note(text, kind)


def overflowed(session: Session, step: int) -> DivergedError:
    """The error if loss and gradients were finite in every step: the last update, or a sum, is not."""
    name = first_bad_weight(session)
    if name is None:
        return diverged(step, "the norm of all gradients", float("inf"), "each of them is finite")
    tensor = session.net.state_dict()[name]
    return diverged(
        step, f"the weight {name}", float(tensor[~tensor.isfinite()][0]), "this step's update made it"
    )


STATUS_OF: dict[type[DnnlabError], RunStatus] = {
    DivergedError: RunStatus.DIVERGED,
    OutOfMemoryError: RunStatus.OUT_OF_MEMORY,
}


def face(moment: dict[str, Any]) -> dict[str, Any]:
    """{epoch, metrics} of a moment, without the keys that are no metrics."""
    if not moment:
        return {}
    return {
        "epoch": moment["epoch"],
        "metrics": {k: v for k, v in moment["metrics"].items() if k not in BESIDE_METRICS},
    }


def kept_start(path: Path) -> dict[str, Tensor] | None:
    """The weights of another training with which a run began; None if it began by itself.

    Raises `RunError` if they are lost and no checkpoint is whole.
    """
    run = read_record(path)
    if not run.reuse:
        return None
    start = run.reused
    if not start and newest_progress(path) is None:
        text = f"{run.name}: the reused weights ({REUSED}) cannot be read, and no checkpoint is whole"
        raise RunError(Problem(text, "expected one of them", f"`dnnlab train {run.name}`", code="damaged"))
    return start


def put_back(folder: RunFolder, built: Built, loaded: Loaded | None) -> dict[str, int]:
    """Give a fresh session the state of a checkpoint, if any, and cut the row files to that moment."""
    if loaded is not None:
        c = loaded.checkpoint
        restore(built.session, c.model, c.best, c.averages, c.optimizer, c.state)
    folder.truncate({} if loaded is None else loaded.lengths)
    return {"epoch": built.session.progress.epoch, "step": built.session.progress.step}


SMALLER = "lower training.batch_size, keep the step's size with training.accumulate, or make the net smaller"


class memory_errors:  # noqa: N801 (used like a function)
    """Turns "no memory left", in all its forms, into one `OutOfMemoryError`.

    expected, fix: of its problem; by default those of a training.
    """

    def __init__(self, expected: str = "expected a step that fits", fix: str = SMALLER) -> None:
        self.expected, self.fix = expected, fix

    def __enter__(self) -> None: ...

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if error is None or isinstance(error, DnnlabError):
            return
        words = str(error)
        if no_memory(error):
            raise OutOfMemoryError(
                Problem(
                    f"no memory left: {words.splitlines()[0] if words else 'the machine refused more'}",
                    self.expected,
                    self.fix,
                    code="out_of_memory",
                )
            ) from error
