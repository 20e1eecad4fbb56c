"""The session of one process on a sweep folder: workers, data, coordinator, and the final status."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from ...config import Config
from ...engine.stop import Stop, halt_status
from ...errors import DataError, DnnlabError, Problem, RunError, StorageError
from ...rundir import RunFolder, RunStatus
from ...rundir.reader import TRIALS
from ...search.spec import KNOWN_AHEAD, Spec
from ..train.provenance import now
from .base_config import Base
from .events import Begun, Over, SweepEvents
from .folder import LedgerFile, remove_cache
from .journal import Journal
from .points import range_words
from .results.results_files import ranking, write_ending
from .stage import StageWork
from .workers.coordinator import MAX_FAILED_STARTS, Coordinator, no_start
from .workers.executor import Executor, LocalExecutor
from .workers.messages import DataJob, WorkerSettings
from .workers.progress import Progress


@dataclass
class SweepSession:
    """The work of one process on a sweep whose folder it holds."""

    folder: RunFolder
    spec: Spec
    base: Base
    config: Config
    monitor: str
    better: str
    stop: Stop

    def events(self, resumed: dict[str, int] | None) -> SweepEvents:
        """From `Begun` to `Over`; the folder's status says how it ended."""
        spec = self.spec
        began = time.monotonic()
        self.folder.update_meta(status=RunStatus.RUNNING, reason="", monitor=self.monitor, better=self.better)
        (self.folder.path / TRIALS).mkdir(exist_ok=True)
        ledger = LedgerFile(self.folder.path)
        settings: WorkerSettings = {
            "sweep": str(self.folder.path.absolute()),
            "base": str(self.base.path),
            "origin": self.origin(),
        }
        executor: Executor[Any] | None = None
        try:
            executor = executor_for(spec, self.config, settings)
            count = worker_count(spec, executor.slots())
            yield self.begun(count, resumed, executor.notes())
            epochs = max(stage.epochs or self.config.experiment.training.epochs for stage in spec.stages)
            journal = Journal(self.folder.path, spec, self.better, epochs)
            if ledger.state.pending() or len(ledger.state.trials) < spec.trials:
                executor.start(count)
                self.prepare(executor)
            x = self.config.experiment
            work = StageWork(spec, ledger, journal, self.better, x.training.epochs, x.seed, count)
            progress = Progress(spec, self.better, x.training.epochs)
            coordinator = Coordinator(self.folder, spec, work, executor, self.stop, progress)
            yield from coordinator.run()
            last = self.over(ledger, coordinator, time.monotonic() - began)
        except DnnlabError as error:
            self.cut_off(executor is not None or resumed is not None, RunStatus.FAILED, str(error))
            raise
        except (KeyboardInterrupt, GeneratorExit) as error:
            self.cut_off(
                executor is not None or resumed is not None,
                halt_status(error),
                "cut off; runs go on from their last checkpoints",
            )
            raise
        finally:
            if executor is not None:
                executor.close()
            ledger.close()
        yield last

    def begun(self, workers: int, resumed: dict[str, int] | None, notes: list[str]) -> Begun:
        """The first event."""
        spec = self.spec
        searched = {d.address: range_words(d.range) for d in spec.space.dimensions}
        order = f"with {workers} workers their order decides (workers: 1 repeats)"
        if spec.sampler not in KNOWN_AHEAD and workers > 1:
            notes.append(f"{spec.sampler} proposes by the results so far: {order}")
        if spec.pruner is not None and workers > 1:
            notes.append(f"{spec.pruner} compares with the trials so far: {order}")
        return Begun(
            self.folder.path,
            spec.name,
            self.base.path.name,
            searched,
            "cases" if spec.cases else spec.sampler,
            tuple(stage.trials for stage in spec.stages),
            spec.seeds,
            workers,
            self.monitor,
            self.better,
            spec.pruner,
            resumed,
            tuple(notes),
        )

    def prepare(self, executor: Executor[Any]) -> None:
        """Let a worker prepare the data of the base config once, before the first trial.

        The data must be those that the sweep began with.
        """
        changes = [change.text for change in self.spec.overrides(self.spec.set)]
        job: DataJob = {"kind": "data", "changes": changes}
        executor.submit(job)
        deaths = 0
        while self.stop.status is None:
            for message in executor.events(0.1):
                if message["kind"] == "data":
                    self.check_data(message["fingerprint"])
                    return
                if message["kind"] == "refused":
                    raise DataError(*(Problem(**problem) for problem in message["error"]))
                if message["kind"] == "died":
                    deaths += 1
                    if deaths >= MAX_FAILED_STARTS:
                        raise no_start(self.folder, message["reason"])
                    executor.submit(job)

    def check_data(self, fingerprint: str) -> None:
        """Note the data's fingerprint, or hold it against the one that was noted. Raises `RunError`."""
        meta = self.folder.meta()
        was = meta.get("fingerprint")
        if was is None:
            self.folder.update_meta(fingerprint=fingerprint)
        elif was != fingerprint:
            text = f"the data of {self.folder.path.name} have changed since the sweep began"
            raise RunError(
                Problem(
                    text,
                    "expected the same data",
                    "put the old data back, or start a new sweep",
                    code="data_changed",
                )
            )

    def over(self, ledger: LedgerFile, coordinator: Coordinator, seconds: float) -> Over:
        """The last event; ranking, best config and status are on the disk."""
        state = ledger.state
        rows = ranking(self.spec, state, self.better)
        write_ending(self.folder, self.spec, self.base, rows, self.monitor)
        counts = state.counts()
        complete = counts["planned"] >= self.spec.trials and not counts["pending"]
        status, reason = (
            (RunStatus.DONE, "")
            if complete or self.stop.status is None
            else (self.stop.status, "asked to end")
        )
        if status is RunStatus.DONE:
            remove_cache(self.folder.path)
            if not counts["done"]:
                status, reason = RunStatus.FAILED, "no trial succeeded"
        moment = {"epoch": None, "metrics": {self.monitor: rows[0]["value"]}} if rows else {}
        self.end(status, reason, best=moment, counts=counts)
        return Over(self.folder.path, status, reason, counts, seconds, coordinator.moment().rate)

    def cut_off(self, begun: bool, status: RunStatus, reason: str) -> None:
        """Say why the sweep ended early; one that could not even begin leaves nothing."""
        if begun:
            self.end(status, reason)
        else:
            self.folder.discard()

    def end(self, status: RunStatus, reason: str, **more: Any) -> None:
        """Write the status down; a full disk is what the error on its way says already."""
        try:
            times = {**self.folder.meta().get("times", {}), "ended": now()}
            self.folder.update_meta(status=status, reason=reason, times=times, **more)
        except StorageError:
            if status is RunStatus.DONE or status.asked:
                raise

    def origin(self) -> dict[str, Any]:
        """What each run's meta.json says of where it comes from."""
        meta = self.folder.meta()
        return {"command": meta.get("command", ""), "folder": meta.get("folder", "."), "git": meta.get("git")}


def executor_for(spec: Spec, config: Config, settings: WorkerSettings) -> Executor[Any]:
    """Where the trials of a sweep are trained. Raises `DnnlabError` if that cannot be reached."""
    training = config.experiment.training
    cpus, device = training.threads if isinstance(training.threads, int) else 1, str(training.device)
    if spec.executor.name == "local":
        return LocalExecutor(settings, cpus, device)
    from .workers.ray_executor import RayExecutor

    return RayExecutor(settings, spec.executor.address, spec.workers, cpus, device)


def worker_count(spec: Spec, slots: int) -> int:
    """How many workers: the configured number, else one per slot.

    Never more than there are runs.
    """
    return max(1, min(spec.workers or slots, max(stage.trials for stage in spec.stages) * spec.seeds))
