"""`sweep` and its `resume`: from a spec to a folder in which every trial has its end. A generator of events, like `train`."""

from __future__ import annotations

import platform
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...config import Config
from ...errors import DataError, DnnlabError, Problem, RunError, StorageError
from ...rundir import RunFolder, find_run, read_run, reopen
from ...rundir.view import TRIALS
from ...search.spec import KNOWN_AHEAD, Spec
from ...version import __version__
from ..beginning import now
from .base import Base, kept_base
from .checking import Checker
from .coordinator import Coordinator, Stop
from .ending import ranking, write_ending
from .events import Begun, Over
from .executor import Executor, LocalExecutor, warm_up
from .folder import RESOLVED, LedgerFile, check_unchanged, kept_spec, make_folder, remove_cache
from .journal import Journal
from .points import drawn, range_words
from .ray_cluster import require_ray

__all__ = ["Plan", "planned", "resume_sweep", "sweep"]


@dataclass(frozen=True)
class Plan:
    """A sweep that was checked. text: its YAML; file: where that stands, None where it was typed. config: of the base with `set`."""

    spec: Spec
    base: Base
    text: str
    file: Path | None
    config: Config
    monitor: str
    better: str


def planned(spec: Spec, base: Base, text: str, file: Path | None) -> Plan:
    """Check a sweep: every range and every point that is known ahead. Nothing is created. Raises `DnnlabError`."""
    if spec.executor.name == "local":
        warm_up()  # workers load torch meanwhile
    else:
        require_ray()
    checker = Checker(spec, base)
    config = checker.first()
    if not spec.cases:
        checker.ranges()
    if spec.known_ahead:
        from ...search.ledger import Ledger

        points = drawn(spec, spec.stages[0], spec.space, Ledger(), checker.better, 0)
        checker.points(dict(enumerate(points)))
    return Plan(spec, base, text, file, config, checker.monitor, checker.better)


def sweep(plan: Plan, runs_dir: Path, *, stop: Stop) -> Iterator[Any]:
    """Run a sweep in a new folder. Yields events (see `events.py`); raises `DnnlabError`. Until `Begun` nothing is created."""
    spec = plan.spec
    keys = {key: value for key, value in spec.plain().items() if key not in ("search", "base")}
    resolved = {
        **keys,
        "base": str(plan.base.path),
        "space": spec.space.plain(),
        "monitor": plan.monitor,
        "direction": plan.better,
        "threads": plan.config.experiment.training.threads,
        "versions": {"dnnlab": __version__, "python": platform.python_version()},
        "spec": spec.plain(),
    }
    with make_folder(runs_dir, spec, plan.base, plan.text, plan.file, resolved) as folder:
        yield from _Going(folder, spec, plan.base, plan.config, plan.monitor, plan.better, stop).events(None)


def resume_sweep(
    word: str,
    runs_dir: Path,
    *,
    trials: int | None = None,
    workers: int | None = None,
    retry_failed: bool = False,
    stop: Stop,
    trust_plugins: bool = False,
) -> Iterator[Any]:
    """Go on with a sweep. trials: a new, higher number of them; workers: another number; retry_failed: failed trials are tried again.

    Raises `RunError` where a file of it has changed, or nothing is left to do.
    """
    from dataclasses import replace

    view = read_run(find_run(word, runs_dir, sweeps=True))
    check_unchanged(view)
    spec = kept_spec(view)
    resolved = view.json(RESOLVED) or {}
    base = kept_base(view, Path(str(resolved.get("base", ""))), trust_plugins=trust_plugins)
    if spec.executor.name == "local":
        warm_up()
    config = base.config(spec.overrides(spec.set))
    with reopen(view.path) as folder:
        ledger = LedgerFile(folder.path)
        try:
            if trials is not None:
                spec = raised(spec, trials, ledger, view.name)
            if retry_failed:
                for trial in [t for t in ledger.state.trials.values() if t.state == "failed"]:
                    ledger.add("again", trial=trial.number)
            counts = ledger.state.counts()
            # A process that was killed after its last trial, before the end was written, has left that to do.
            if view.status == "done" and counts["planned"] >= spec.trials and not counts["pending"]:
                failed = f" ({counts['failed']} failed: --retry-failed tries them again)" if counts["failed"] else ""
                text = f"{view.name} is done: {counts['planned']} trials{failed}"
                raise RunError(Problem(text, fix="--trials N goes on with more", code="finished"))
        finally:
            ledger.close()
        if workers is not None:
            spec = replace(spec, workers=workers)
        going = _Going(folder, spec, base, config, resolved["monitor"], resolved["direction"], stop)
        yield from going.events(counts)


def raised(spec: Spec, trials: int, ledger: LedgerFile, name: str) -> Spec:
    """The sweep with more trials, which is noted in the ledger. Raises `RunError`."""
    if not spec.trials_written or spec.cases:
        what = "cases" if spec.cases else "stages"
        text = f"--trials {trials}: {name} has {what}"
        raise RunError(Problem(text, "expected a sweep with `trials`", "start a new sweep", code="trials"))
    if trials <= spec.trials:
        text = f"--trials {trials}: {name} has {spec.trials} already"
        raise RunError(Problem(text, "expected a higher number", f"--trials {2 * spec.trials}", code="trials"))
    if spec.sampler == "grid":
        from ...search.points import grid_size

        if trials > (size := grid_size(spec.space)):
            raise RunError(Problem(f"--trials {trials}: the grid has {size} points", f"expected at most {size}", "", code="trials"))
    ledger.add("raised", trials=trials)
    return spec.with_trials(trials)


@dataclass
class _Going:
    """One process's work on a sweep."""

    folder: RunFolder
    spec: Spec
    base: Base
    config: Config
    monitor: str
    better: str
    stop: Stop

    def events(self, resumed: dict[str, int] | None) -> Iterator[Any]:
        """From `Begun` to `Over`; the folder's status says how it ended."""
        spec = self.spec
        began = time.monotonic()
        self.folder.update_meta(status="running", reason="", monitor=self.monitor, better=self.better)
        (self.folder.path / TRIALS).mkdir(exist_ok=True)
        ledger = LedgerFile(self.folder.path)
        settings = {"sweep": str(self.folder.path.absolute()), "base": str(self.base.path), "origin": self.origin()}
        executor: Executor | None = None
        try:
            executor = executor_for(spec, self.config, settings)
            count = worker_count(spec, executor.places())
            yield self.begun(count, resumed, executor.notes())
            epochs = max(stage.epochs or self.config.experiment.training.epochs for stage in spec.stages)
            journal = Journal(self.folder.path, spec, self.better, epochs)
            if ledger.state.pending() or len(ledger.state.trials) < spec.trials:
                executor.start(count)
                self.prepare(executor)
            x = self.config.experiment
            coordinator = Coordinator(
                self.folder, spec, ledger, journal, executor, self.stop, self.better, x.training.epochs, x.seed, count
            )
            yield from coordinator.run()
            last = self.over(ledger, coordinator, time.monotonic() - began)
        except DnnlabError as error:
            self.end("failed", str(error))
            raise
        except (KeyboardInterrupt, GeneratorExit) as error:
            self.end(getattr(error, "status", "interrupted"), "cut off; runs go on from their last checkpoints")
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
        if spec.sampler not in KNOWN_AHEAD and workers > 1:
            notes.append(f"{spec.sampler} proposes by the results so far: with {workers} workers their order decides (workers: 1 repeats)")
        if spec.pruner is not None and workers > 1:
            notes.append(f"{spec.pruner} compares with the trials so far: with {workers} workers their order decides (workers: 1 repeats)")
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

    def prepare(self, executor: Executor) -> None:
        """Have the base's data prepared once, before the first trial; they must be those that the sweep began with."""
        changes = [change.text for change in self.spec.overrides(self.spec.set)]
        executor.submit({"kind": "data", "changes": changes})
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
                    if deaths >= 3:
                        from .executor import start_words

                        said = start_words(self.folder.path)
                        text = f"{deaths} workers in a row died before their first trial: {message['reason']}"
                        text += f"; they printed: {said}" if said else ""
                        fix = f"mend that, then `dnnlab resume {self.folder.path.name}`"
                        raise RunError(Problem(text, "expected workers that start", fix, code="workers"))
                    executor.submit({"kind": "data", "changes": changes})

    def check_data(self, fingerprint: str) -> None:
        """Note the data's fingerprint, or hold it against the one that was noted. Raises `RunError`."""
        meta = self.folder.meta()
        was = meta.get("fingerprint")
        if was is None:
            self.folder.update_meta(fingerprint=fingerprint)
        elif was != fingerprint:
            text = f"the data of {self.folder.path.name} have changed since the sweep began"
            raise RunError(Problem(text, "expected the same data", "put the old data back, or start a new sweep", code="data_changed"))

    def over(self, ledger: LedgerFile, coordinator: Coordinator, seconds: float) -> Over:
        """The last event; ranking, best config and status are on the disk."""
        state = ledger.state
        rows = ranking(self.spec, state, self.better)
        write_ending(self.folder, self.spec, self.base, rows, self.monitor)
        status, counts = self.stop.status or "done", state.counts()
        reason = "" if self.stop.status is None else "asked to end"
        if status == "done":
            remove_cache(self.folder.path)
            if not counts["done"]:
                status, reason = "failed", "no trial succeeded"
        moment = {"epoch": None, "metrics": {self.monitor: rows[0]["value"]}} if rows else {}
        self.end(status, reason, best=moment, counts=counts)
        return Over(self.folder.path, status, reason, counts, seconds, coordinator.moment().rate)

    def end(self, status: str, reason: str, **more: Any) -> None:
        """Write the status down; a full disk is what the error on its way says already."""
        try:
            times = {**self.folder.meta().get("times", {}), "ended": now()}
            self.folder.update_meta(status=status, reason=reason, times=times, **more)
        except StorageError:
            if status in ("done", "interrupted", "terminated"):
                raise

    def origin(self) -> dict[str, Any]:
        """What each run's meta.json says of where it comes from."""
        meta = self.folder.meta()
        return {"command": meta.get("command", ""), "folder": meta.get("folder", "."), "git": meta.get("git")}


def executor_for(spec: Spec, config: Config, settings: dict[str, Any]) -> Executor:
    """Where the trials of a sweep are trained. Raises `DnnlabError` where that cannot be reached."""
    training = config.experiment.training
    cpus, device = training.threads if isinstance(training.threads, int) else 1, str(training.device)
    if spec.executor.name == "local":
        return LocalExecutor(settings, cpus, device)
    from .ray_executor import RayExecutor

    return RayExecutor(settings, spec.executor.address, spec.workers, cpus, device)


def worker_count(spec: Spec, places: int) -> int:
    """How many workers: as many as were asked for, else as there are places. Never more than there are runs."""
    return max(1, min(spec.workers or places, max(stage.trials for stage in spec.stages) * spec.seeds))
