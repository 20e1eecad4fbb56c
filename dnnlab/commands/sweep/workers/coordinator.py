"""The coordinator: hands runs to workers, hears what became of them, and writes that into the ledger.

It never trains.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from ....engine.stop import Stop
from ....errors import DnnlabError, Problem, StorageError
from ....registry import inline
from ....rundir import RunFolder, RunStatus, reopen
from ....rundir.names import trial_name
from ....rundir.reader import TRIALS
from ....rundir.status import GOOD
from ....search.ledger import Ledger, Trial
from ....search.spec import Spec
from ...train.events import Note
from ..events import Moment, SweepEvent, TrialOver
from ..stage import StageWork
from .executor import Executor, last_output
from .log_capture import settle
from .messages import EpochEnded, TrialResult, WorkerDied, event_of, result_without_value
from .progress import BEAT, AssignedRun, Progress

STOP_GRACE_S = 3.0  # how long a run may take to end by itself after its timeout
SHUTDOWN_GRACE_S = 60.0  # how long workers may take to save their runs when the sweep is asked to end
MAX_FAILED_STARTS = 3  # workers in a row that die before they are ready
MAX_SAME_FAILURES = 5  # trials in a row that fail for the same reason


@dataclass
class Coordinator:
    """Runs a sweep whose folder is held."""

    folder: RunFolder
    spec: Spec
    work: StageWork
    executor: Executor[Any]
    stop: Stop
    progress: Progress
    jobs: dict[str, AssignedRun] = field(default_factory=dict)
    queue: deque[tuple[int, int]] = field(default_factory=deque)
    early_deaths: int = 0
    same_failures: tuple[str, int] = ("", 0)

    @property
    def ledger(self) -> Ledger:
        """What became of every trial so far."""
        return self.work.ledger.state

    def run(self) -> Iterator[SweepEvent]:
        """Train everything that the ledger lacks.

        Yields events; raises `DnnlabError`. Whoever calls closes the executor.
        """
        for stage in self.spec.stages:
            yield from self.work.begin(stage, self.folder.path.name)
            self.queue = deque(self.work.runs())
            self.progress.begin_stage(self.ledger.of_stage(stage.number))
            while self.jobs or self.queue or self.work.proposing:
                if self.stop.status is not None:
                    self.drain()
                    return
                self.fill()
                yield from self.receive(BEAT)
                self.watch_time()
                if self.progress.due():
                    yield self.moment()
        self.work.ledger.sync()

    def moment(self) -> Moment:
        """How things stand."""
        return self.progress.moment(self.ledger, self.jobs.values())

    def fill(self) -> None:
        """Give workers something to do.

        What is known ahead waits at the worker, so that it never waits itself.
        """
        while self.executor.room(1 if self.work.ahead else 0) > 0:
            if not self.queue and self.work.proposing:
                self.queue.extend(self.work.propose())
            if not self.queue:
                return
            number, seed = self.queue.popleft()
            job = AssignedRun(self.ledger.trials[number], seed)
            if job.wanted:
                self.submit(job)

    def submit(self, job: AssignedRun) -> None:
        """Hand a run to the executor."""
        self.work.start(job.trial)
        changes = self.spec.changes(self.work.space, job.trial.point, self.work.stage)
        texts = [f"{address}={inline(value)}" for address, value in changes.items()]
        name = f"{job.trial.number}.{job.seed}"
        self.jobs[name] = job
        self.executor.submit(
            {
                "kind": "run",
                "job": name,
                "path": f"{TRIALS}/{run_of(job)}",
                "changes": [*texts, f"seed={job.seed}"],
                "verdicts": self.prunes(job),
            }
        )

    def prunes(self, job: AssignedRun) -> bool:
        """Whether this run may be cut short: of several seeds the first decides."""
        return self.spec.pruner is not None and job.seed == job.trial.seeds[0]

    def receive(self, seconds: float) -> Iterator[SweepEvent]:
        """Act on the messages of the workers."""
        for message in self.executor.events(seconds):
            if message["kind"] == "ready":
                self.early_deaths = 0
            elif message["kind"] == "died":
                yield from self.on_death(message)
            elif (
                message["kind"] == "data"
                or message["kind"] == "refused"
                or (job := self.jobs.get(message["job"])) is None
            ):
                continue
            elif message["kind"] == "started":
                self.started(job)
            elif message["kind"] == "epoch":
                self.epoch(message, job)
            else:
                del self.jobs[message["job"]]
                yield from self.ended(message, job)

    def started(self, job: AssignedRun) -> None:
        """A worker has begun with a run."""
        job.began = time.monotonic()
        self.progress.began = self.progress.began or job.began
        if job.wanted:
            self.work.ledger.add("started", trial=job.trial.number, seed=job.seed, run=run_of(job))

    def epoch(self, message: EpochEnded, job: AssignedRun) -> None:
        """An epoch is over.

        Where trials are pruned the worker waits for the answer, but for the last one's.
        """
        job.epoch = message["epoch"]
        if self.prunes(job):
            bad = not message["last"] and self.work.pruned(job.trial, job.epoch, message["value"])
            self.executor.verdict(message["job"], not bad)

    def ended(self, message: TrialResult, job: AssignedRun) -> Iterator[SweepEvent]:
        """A run has ended; what that means for its trial."""
        status, reason = message["status"], message["reason"]
        if status == "storage":
            fix = f"then `dnnlab resume {self.folder.path.name}`"
            raise StorageError(Problem(reason, "nothing of the sweep is lost", fix, code="storage"))
        if not job.wanted or status == "cancelled":
            return
        if job.asked == "timeout" and status not in GOOD:
            status, reason = self.timed_out(job)
        if status in (RunStatus.INTERRUPTED, RunStatus.TERMINATED):  # it goes on when the sweep does
            self.queue.appendleft((job.trial.number, job.seed))
            return
        self.progress.epochs_ended += message["epochs"]
        event, facts = event_of({**message, "status": status, "reason": reason})
        self.work.ledger.add(event, trial=job.trial.number, seed=job.seed, **facts)
        if status in GOOD:
            self.same_failures = ("", 0)
            if job.wanted and self.prunes(job):
                self.queue.extendleft((job.trial.number, seed) for seed in reversed(job.trial.missing()))
        if not job.wanted:
            yield from self.trial_over(job.trial)

    def on_death(self, message: WorkerDied) -> Iterator[SweepEvent]:
        """Count a dead worker, and give back the runs that it had."""
        for name in reversed(message["returned"]):
            waiting = self.jobs.pop(name)
            self.queue.appendleft((waiting.trial.number, waiting.seed))
        self.early_deaths = self.early_deaths + 1 if message["early"] else 0
        if self.early_deaths >= MAX_FAILED_STARTS:
            raise no_start(self.folder, message["reason"])
        job = None if message["job"] is None else self.jobs.pop(message["job"], None)
        if job is not None and job.wanted and self.stop.status is None:
            yield from self.on_lost_run(message, job)

    def on_lost_run(self, message: WorkerDied, job: AssignedRun) -> Iterator[SweepEvent]:
        """Let the run of a dead worker go on from its checkpoint, unless that has happened too often."""
        if job.asked == "timeout":
            yield from self.ended(
                result_without_value(RunStatus.KILLED, seconds=self.spec.timeout or 0.0), job
            )
            return
        tried = job.trial.deaths.get(job.seed, 0)
        if message["early"] or tried < self.spec.retries:
            self.queue.appendleft((job.trial.number, job.seed))
        if not message["early"] and tried < self.spec.retries:
            self.work.ledger.add("retry", trial=job.trial.number, seed=job.seed, reason=message["reason"])
            yield Note(
                f"trial {job.trial.number}: {message['reason']}; it goes on from its checkpoint", "warning"
            )
        elif not message["early"]:
            status = "no_result" if message["code"] == 0 else RunStatus.KILLED
            reason = message["reason"] + (f", {tried + 1} times" if tried else "")
            yield from self.ended(result_without_value(status, reason), job)

    def trial_over(self, trial: Trial) -> Iterator[SweepEvent]:
        """A trial has its end."""
        self.work.tell(trial)
        self.progress.trials_ended += 1
        for name, job in self.jobs.items():
            if job.trial is trial:  # another seed, whose result would change nothing
                job.asked = "cancelled"
                self.executor.ask(name, RunStatus.INTERRUPTED, f"another seed of the trial has {trial.state}")
        for seed in trial.seeds if trial.state == "failed" else ():
            settle(self.folder.path / TRIALS / trial_name(trial.stage, trial.number, seed))
        best = self.progress.over(trial)
        shown = self.spec.space.shown(trial.point)
        value = trial.value if trial.state == "done" else None
        yield TrialOver(
            trial.number,
            trial.stage,
            trial.state,
            trial.status,
            value,
            best,
            shown,
            trial.seconds,
            trial.reason,
        )
        if trial.state == "failed" and trial.status in (RunStatus.FAILED, RunStatus.KILLED, "no_result"):
            self.count_same_failures(trial)

    def count_same_failures(self, trial: Trial) -> None:
        """Raise `DnnlabError` after too many trials in a row that fail for one reason.

        The next trials would fail, too.
        """
        reason, count = self.same_failures
        self.same_failures = (trial.reason, count + 1 if trial.reason == reason else 1)
        if self.same_failures[1] >= MAX_SAME_FAILURES:
            text = f"{MAX_SAME_FAILURES} trials in a row failed for the same reason: {trial.reason}"
            fix = f"mend that, then `dnnlab resume {self.folder.path.name} --retry-failed`"
            raise DnnlabError(Problem(text, "the others are not begun", fix, code="workers"))

    def watch_time(self) -> None:
        """Ask runs to end whose time is over; those that do not listen are killed."""
        now = time.monotonic()
        for name, job in self.jobs.items():
            if job.asked == "timeout" and now - job.asked_at > STOP_GRACE_S:
                job.asked_at = now
                self.executor.kill(name)
            elif (
                not job.asked
                and self.spec.timeout is not None
                and job.began is not None
                and now - job.began > self.spec.timeout
            ):
                job.asked, job.asked_at = "timeout", now
                self.executor.ask(name, RunStatus.TERMINATED, "its time is over")

    def timed_out(self, job: AssignedRun) -> tuple[str, str]:
        """Status and reason of a run whose time is over; its folder says so, too."""
        reason = f"it took longer than {self.spec.timeout:g} seconds (timeout)"
        with suppress(DnnlabError), reopen(self.folder.path / TRIALS / run_of(job)) as run:
            run.update_meta(status=RunStatus.TERMINATED, reason=reason)
        return "timeout", reason

    def drain(self) -> None:
        """Ask all runs to save and end, and wait for them."""
        self.executor.ask(None, str(self.stop.status), "the sweep was asked to end")
        deadline = time.monotonic() + SHUTDOWN_GRACE_S
        while self.jobs and time.monotonic() < deadline:
            for _ in self.receive(BEAT):
                pass
        self.work.ledger.sync()


def run_of(job: AssignedRun) -> str:
    """The folder of a run in `trials/`."""
    return trial_name(job.trial.stage, job.trial.number, job.seed)


def no_start(folder: RunFolder, reason: str) -> DnnlabError:
    """The error for workers that never get ready."""
    printed = last_output(folder.path)
    text = f"{MAX_FAILED_STARTS} workers in a row died before they were ready: {reason}" + (
        f"; they printed: {printed}" if printed else ""
    )
    fix = f"mend that, then `dnnlab resume {folder.path.name}`"
    return DnnlabError(
        Problem(
            text, "expected workers that start", fix, file=str(folder.path / "workers.log"), code="workers"
        )
    )
