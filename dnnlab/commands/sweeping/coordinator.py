"""The coordinator: hands runs to workers, hears what became of them, and writes that into the ledger. It never trains."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from ...errors import DnnlabError, Problem, RunError, StorageError
from ...registry import inline
from ...rundir import RunFolder, reopen
from ...rundir.names import trial_name
from ...rundir.view import TRIALS
from ...search.ledger import Trial
from ...search.space import Point, Space
from ...search.spec import Spec
from ...search.stages import Stage
from ..events import Note
from .events import Moment, StageBegun, TrialOver
from .executor import Executor, Message, start_words
from .folder import LedgerFile
from .journal import Journal
from .naming import job_of
from .points import changes_in_words, drawn, narrowed, seeds_of, space_of, unfinished, why


class Stop(Protocol):
    """A request from outside to end; `status` is what the sweep ends with ("interrupted", "terminated")."""

    status: str | None


BEAT = 0.1  # seconds between two looks at the clock
GRACE = 3.0  # seconds that a run has to end by itself when its time is over
PATIENCE = 60.0  # seconds that workers have to save their runs when the sweep is asked to end
STARTS = 3  # workers in a row that die before they are ready
ALIKE = 5  # trials in a row that fail for the same reason
ENDED_WELL = ("done", "stopped_early")


@dataclass
class Job:
    """A run that a worker has. began: on the clock; epoch: as far as is known; asked: why it was asked to end (timeout, cancelled)."""

    trial: Trial
    seed: int
    began: float | None = None
    epoch: int = 0
    asked: str = ""
    asked_at: float = 0.0


@dataclass
class Coordinator:
    """Runs a sweep whose folder is held. epochs, first_seed: of the base. direction: "max" or "min"."""

    folder: RunFolder
    spec: Spec
    ledger: LedgerFile
    journal: Journal
    executor: Executor
    stop: Stop
    direction: str
    epochs: int
    first_seed: int
    workers: int
    jobs: dict[str, Job] = field(default_factory=dict)
    queue: deque[tuple[int, int]] = field(default_factory=deque)
    stage: Stage = field(default_factory=lambda: Stage(0, 0))
    space: Space = field(default_factory=lambda: Space(()))
    first: int = 0
    early_deaths: int = 0
    alike: tuple[str, int] = ("", 0)
    began: float | None = None
    told_at: float = 0.0
    trials_ended: int = 0
    epochs_ended: int = 0
    shown_best: tuple[int, float] | None = None

    def run(self) -> Iterator[Any]:
        """Train everything that the ledger lacks. Yields events; raises `DnnlabError`. Whoever calls closes the executor."""
        for stage in self.spec.stages:
            yield from self.begin(stage)
            while not self.stage_over():
                if self.stop.status is not None:
                    self.drain()
                    return
                self.fill()
                yield from self.hear(BEAT)
                self.watch_time()
                if time.monotonic() - self.told_at >= BEAT:
                    self.told_at = time.monotonic()
                    yield self.moment()
        self.ledger.sync()

    def begin(self, stage: Stage) -> Iterator[Any]:
        """Plan a stage, or take up what was planned; its events are durable before its first trial starts."""
        state, direction = self.ledger.state, self.direction
        if stage.number and not state.results(stage.number - 1):
            text = f"no trial of stage {stage.number} succeeded, so stage {stage.number + 1} has nothing to go on from"
            raise RunError(Problem(text, "expected a result", f"dnnlab resume {self.folder.path.name} --retry-failed", code="no_result"))
        self.stage, self.space = stage, space_of(self.spec, stage, state, direction)
        there = state.of_stage(stage.number)
        self.first = there[0].number if there else len(state.trials)
        if not any(event["stage"] == stage.number for event in state.stages):
            changed = changes_in_words(narrowed(self.spec, stage, state, direction))
            reason = why(stage, state, direction)
            self.ledger.add("stage", stage=stage.number, space=self.space.plain(), narrowed=changed, reason=reason)
            if len(self.spec.stages) > 1:
                yield StageBegun(stage.number, len(self.spec.stages), stage.trials, stage.epochs or self.epochs, reason, changed)
        if self.spec.known_ahead or stage.keep:
            for point in drawn(self.spec, stage, self.space, state, direction, self.first)[len(there) :]:
                self.plan(point)
        self.ledger.sync()
        trials = state.of_stage(stage.number)
        self.journal.open_stage(stage.number, self.space, trials)
        # Seeds after the first wait for it where trials are pruned: the first one decides.
        pairs = unfinished(trials)
        self.queue = deque((t.number, seed) for t, seed in pairs if self.spec.pruner is None or seed == t.missing()[0])

    def plan(self, point: Point) -> Trial:
        """One more trial."""
        number = len(self.ledger.state.trials)
        seeds = seeds_of(self.spec, self.first_seed)
        self.ledger.add("planned", trial=number, stage=self.stage.number, point=point, seeds=list(seeds))
        return self.ledger.state.trials[number]

    def stage_over(self) -> bool:
        """Whether nothing of the stage is left, running or to be proposed."""
        return not self.jobs and not self.queue and not self.to_propose()

    def to_propose(self) -> bool:
        """Whether the sampler has points to propose yet."""
        adaptive = not self.spec.known_ahead and not self.stage.keep
        return adaptive and len(self.ledger.state.trials) - self.first < self.stage.trials

    def fill(self) -> None:
        """Give workers something to do. What is known ahead waits at the worker, so that it never waits itself."""
        ahead = 1 if self.spec.known_ahead or self.stage.keep else 0
        while self.executor.room(ahead) > 0:
            if not self.queue and self.to_propose():
                self.propose()
            if not self.queue:
                return
            number, seed = self.queue.popleft()
            trial = self.ledger.state.trials[number]
            if trial.state in ("pending", "running"):
                self.submit(trial, seed)

    def propose(self) -> None:
        """Ask the sampler for a point."""
        place = len(self.ledger.state.trials) - self.first
        trial = self.plan(self.journal.propose(self.stage.number, self.space, place, self.workers))
        self.queue.extend((trial.number, seed) for seed in (trial.seeds if self.spec.pruner is None else trial.seeds[:1]))

    def submit(self, trial: Trial, seed: int) -> None:
        """Hand a run to the executor."""
        changes = self.spec.changes(self.space, trial.point, self.stage)
        texts = [f"{address}={inline(value)}" for address, value in changes.items()]
        job = job_of(trial.number, seed)
        self.jobs[job] = Job(trial, seed)
        path = f"{TRIALS}/{trial_name(trial.stage, trial.number, seed)}"
        verdicts = self.spec.pruner is not None and seed == trial.seeds[0]
        self.executor.submit({"kind": "run", "job": job, "path": path, "changes": [*texts, f"seed={seed}"], "verdicts": verdicts})

    def hear(self, seconds: float) -> Iterator[Any]:
        """Take in what the workers say."""
        for message in self.executor.events(seconds):
            kind, job = message["kind"], self.jobs.get(str(message.get("job")))
            if kind == "ready":
                self.early_deaths = 0
            elif kind == "died":
                yield from self.died(message, job)
            elif job is None:
                continue
            elif kind == "started":
                self.started(job)
            elif kind == "epoch":
                self.epoch(message, job)
            elif kind == "ended":
                del self.jobs[message["job"]]
                yield from self.ended(message, job)

    def started(self, job: Job) -> None:
        """A worker has begun with a run."""
        job.began = time.monotonic()
        self.began = self.began or job.began
        if job.trial.state in ("pending", "running"):
            self.ledger.add("started", trial=job.trial.number, seed=job.seed, run=trial_name(job.trial.stage, job.trial.number, job.seed))

    def epoch(self, message: Message, job: Job) -> None:
        """An epoch is over. Where trials are pruned the worker waits for the answer, but for the last one's."""
        job.epoch = message["epoch"]
        if self.spec.pruner is not None and job.seed == job.trial.seeds[0]:
            place = job.trial.number - self.first
            bad = not message["last"] and self.journal.pruned(self.stage.number, place, job.epoch, message["value"])
            self.executor.verdict(message["job"], not bad)

    def ended(self, message: Message, job: Job) -> Iterator[Any]:
        """A run has ended; what that means for its trial."""
        status, reason = message["status"], message.get("reason", "")
        if status == "storage":
            raise StorageError(
                Problem(reason, "nothing of the sweep is lost", f"then `dnnlab resume {self.folder.path.name}`", code="storage")
            )
        if job.trial.state not in ("pending", "running") or status == "cancelled":
            return
        if job.asked == "timeout" and status not in ENDED_WELL:
            status, reason = self.timed_out(job)
        if status in ("interrupted", "terminated"):
            return  # it goes on when the sweep does
        facts = {"trial": job.trial.number, "seed": job.seed, "status": status, "seconds": message.get("seconds", 0.0)}
        self.epochs_ended += message.get("epochs") or 0
        if status in ENDED_WELL:
            self.alike = ("", 0)
            value = {"value": message["value"], "epoch": message.get("epoch"), "epochs": message.get("epochs")}
            self.ledger.add("result", **facts, **value)
            if job.trial.state == "running" and self.spec.pruner is not None and job.seed == job.trial.seeds[0]:
                self.queue.extendleft((job.trial.number, seed) for seed in reversed(job.trial.missing()))
        else:
            self.ledger.add("pruned" if status == "pruned" else "failed", **facts, reason=reason)
        if job.trial.state not in ("pending", "running"):
            yield from self.trial_over(job.trial)

    def died(self, message: Message, job: Job | None) -> Iterator[Any]:
        """A worker is gone. Its run goes on from its checkpoint, unless that has happened too often."""
        for name in message["returned"]:
            waiting = self.jobs.pop(name)
            self.queue.appendleft((waiting.trial.number, waiting.seed))
        self.early_deaths = self.early_deaths + 1 if message["early"] else 0
        if self.early_deaths >= STARTS:
            raise self.no_start(message["reason"])
        if job is None or message["early"]:
            if job is not None:
                del self.jobs[message["job"]]
                self.queue.appendleft((job.trial.number, job.seed))
            return
        del self.jobs[message["job"]]
        if job.trial.state not in ("pending", "running"):
            return
        if self.stop.status is not None:
            return
        if job.asked == "timeout":
            yield from self.ended({"status": "killed", "seconds": self.spec.timeout}, job)
            return
        tried = job.trial.deaths.get(job.seed, 0)
        if tried < self.spec.retries:
            self.ledger.add("retry", trial=job.trial.number, seed=job.seed, reason=message["reason"])
            self.queue.appendleft((job.trial.number, job.seed))
            yield Note(f"trial {job.trial.number}: {message['reason']}; it goes on from its checkpoint", "warning")
            return
        status = "no_result" if message["code"] == 0 else "killed"
        again = f", {tried + 1} times" if tried else ""
        yield from self.ended({"status": status, "reason": f"{message['reason']}{again}"}, job)

    def trial_over(self, trial: Trial) -> Iterator[Any]:
        """A trial has its end: durable in the ledger, told to the journal, shown."""
        self.ledger.sync()
        self.journal.tell(self.stage.number, trial.number - self.first, trial)
        self.trials_ended += 1
        for name, job in self.jobs.items():
            if job.trial is trial:  # another seed, whose result would change nothing
                job.asked = "cancelled"
                self.executor.ask(name, "interrupted", f"seed {job.seed} of a trial that has {trial.state}")
        value, best = trial.value if trial.state == "done" else None, False
        if value is not None and (self.shown_best is None or self.better(value, self.shown_best[1])):
            self.shown_best, best = (trial.number, value), True
        shown = self.spec.space.shown(trial.point)
        yield TrialOver(trial.number, trial.stage, trial.state, trial.status, value, best, shown, trial.seconds, trial.reason)
        if trial.state == "failed" and trial.status in ("failed", "killed", "no_result"):
            self.count_alike(trial)

    def count_alike(self, trial: Trial) -> None:
        """Raise `RunError` after too many trials in a row that fail for one reason: the next ones will, too."""
        reason, count = self.alike
        self.alike = (trial.reason, count + 1 if trial.reason == reason else 1)
        if self.alike[1] >= ALIKE:
            text = f"{ALIKE} trials in a row failed for the same reason: {trial.reason}"
            fix = f"mend that, then `dnnlab resume {self.folder.path.name} --retry-failed`"
            raise RunError(Problem(text, "the others are not begun", fix, code="workers"))

    def no_start(self, reason: str) -> DnnlabError:
        """The error for workers that never get ready."""
        said = start_words(self.folder.path)
        text = f"{STARTS} workers in a row died before they were ready: {reason}" + (f"; they printed: {said}" if said else "")
        fix = f"mend that, then `dnnlab resume {self.folder.path.name}`"
        return RunError(Problem(text, "expected workers that start", fix, file=str(self.folder.path / "workers.log"), code="workers"))

    def watch_time(self) -> None:
        """Ask runs to end whose time is over; those that do not listen are killed."""
        now = time.monotonic()
        for name, job in self.jobs.items():
            if job.asked == "timeout" and now - job.asked_at > GRACE:
                job.asked_at = now
                self.executor.kill(name)
            elif not job.asked and self.spec.timeout is not None and job.began is not None and now - job.began > self.spec.timeout:
                job.asked, job.asked_at = "timeout", now
                self.executor.ask(name, "terminated", "its time is over")

    def timed_out(self, job: Job) -> tuple[str, str]:
        """Status and reason of a run whose time is over; its folder says so, too."""
        reason = f"it took longer than {self.spec.timeout:g} seconds (timeout)"
        path = self.folder.path / TRIALS / trial_name(job.trial.stage, job.trial.number, job.seed)
        with suppress(DnnlabError), reopen(path) as run:
            run.update_meta(status="terminated", reason=reason)
        return "timeout", reason

    def drain(self) -> None:
        """Ask all runs to save and end, and wait for them."""
        self.executor.ask(None, str(self.stop.status), "the sweep was asked to end")
        deadline = time.monotonic() + PATIENCE
        while self.jobs and time.monotonic() < deadline:
            for _ in self.hear(BEAT):
                pass
        self.ledger.sync()

    def better(self, value: float, other: float) -> bool:
        """Whether a value is better than another."""
        return value > other if self.direction == "max" else value < other

    def moment(self) -> Moment:
        """How things stand."""
        counts = self.ledger.state.counts()
        seconds = 0.0 if self.began is None else max(time.monotonic() - self.began, 1e-9)
        rate = 60 * self.trials_ended / seconds if self.trials_ended else None
        running = sum(job.began is not None for job in self.jobs.values())
        planned = max(self.spec.trials, counts["planned"])
        return Moment(planned, running, counts["done"], counts["pruned"], counts["failed"], self.best(), rate, self.left(seconds))

    def best(self) -> tuple[int, float] | None:
        """The best trial of the stage so far."""
        return self.shown_best

    def left(self, seconds: float) -> float | None:
        """Seconds until the end, if epochs go on taking what they took."""
        done = self.epochs_ended + sum(job.epoch for job in self.jobs.values())
        if not done or seconds < 1.0:
            return None
        state, spec = self.ledger.state, self.spec
        total = sum(stage.trials * spec.seeds * (stage.epochs or self.epochs) for stage in spec.stages)
        over = sum(
            (len(trial.seeds) if trial.state in ("done", "pruned", "failed") else len(trial.values))
            * (spec.stages[trial.stage].epochs or self.epochs)
            for trial in state.trials.values()
        )
        rest = total - over - sum(job.epoch for job in self.jobs.values())
        return max(0.0, rest * seconds / done)
