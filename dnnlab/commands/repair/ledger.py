"""Rebuild the ledger of a sweep: its events that can be read, its plan, and the folders of its trials."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ...config import parse_override
from ...errors import Problem, RunError
from ...registry import address
from ...report.figures import counted
from ...rundir import RunFolder, RunStatus, read_run
from ...rundir.json_values import read_object
from ...rundir.jsonl import line_of
from ...rundir.names import trial_name
from ...rundir.reader import LEDGER, TRIALS
from ...rundir.run_record import RunRecord, read_record
from ...search.ledger import ENDS, Ledger, Trial
from ...search.space import Point, Space
from ...search.spec import Spec
from ...search.stages import Stage
from ..sweep.folder import RESOLVED, ledger_problem, resolved_spec
from ..sweep.points import drawn, space_of, stage_facts
from ..sweep.workers.messages import event_of, result_of
from .deeds import Deeds
from .keep_beside import keep_beside
from .rows import is_row
from .run_files import SET_BACK

Row = dict[str, Any]


def repair_ledger(folder: RunFolder, deeds: Deeds) -> None:
    """Set a flipped bit of the ledger back, or rebuild a damaged one.

    Raises `RunError` where nothing tells what was planned, and `StorageError`.
    """
    path = folder.path / LEDGER
    if ledger_problem(folder.path) is None:
        return
    there = path.is_file()
    mended, what = folder.manifest.unflipped(folder.path, LEDGER) if there else None, SET_BACK
    if mended is None:
        rebuilding = Rebuilding(folder, path.read_bytes() if there else b"")
        rows = list(rebuilding.rows())
        mended = b"".join(map(line_of, rows))
        made = rebuilding.made
        what = f"rebuilt: {counted(len(rows) - made, 'event')} as they were, {made} from plan and trials"
    kept = keep_beside(path) if there else None
    folder.write_bytes(LEDGER, mended)
    deeds.add(folder, LEDGER, what, kept)


class Rebuilding:
    """The events of a sweep, each after those that it needs; `made` counts those that the ledger had lost."""

    def __init__(self, folder: RunFolder, content: bytes) -> None:
        view = read_run(folder.path)
        resolved = view.json(RESOLVED) or {}
        self.better, self.began = str(resolved.get("direction")), RunRecord(view).times.get("started")
        lines = [line for line in content.split(b"\n")[:-1] if line.strip() and is_row(line)]
        self.events: list[Row] = [row for line in lines if "event" in (row := read_object(line))]
        self.runs = {path.name: read_record(path) for path in sorted((folder.path / TRIALS).glob("*-*-s*"))}
        self.state, self.made = Ledger(), 0
        self.spec = self._raised(resolved_spec(view))

    def rows(self) -> Iterator[Row]:
        """All events, in order. Raises `RunError` where nothing tells the point of a trial."""
        yield from self._take([event for event in self.events if event["event"] in ("raised", "note")])
        for stage in self.spec.stages:
            begun = [e for e in self.events if e["event"] == "stage" and e.get("stage") == stage.number]
            numbers = self._numbers(stage.number)
            if not begun and not numbers:
                return
            space = space_of(self.spec, stage, self.state, self.better)
            facts = stage_facts(self.spec, stage, space, self.state, self.better)
            yield from self._take(begun[:1]) if begun else self._make("stage", self.began, **facts)
            first = len(self.state.trials)
            ahead = self.spec.known_ahead or stage.keep is not None
            points = drawn(self.spec, stage, space, self.state, self.better, first) if ahead else []
            last = first + len(points) - 1 if ahead else max(numbers, default=first - 1)
            for number in range(first, last + 1):
                yield from self._trial(stage, space, number, points[number - first] if ahead else None)

    def _trial(self, stage: Stage, space: Space, number: int, point: Point | None) -> Iterator[Row]:
        """The plan of a trial and what became of it."""
        events = [event for event in self.events if event.get("trial") == number]
        planned = [event for event in events if event["event"] == "planned"][:1]
        if planned:
            yield from self._take(planned)
        else:
            found = self._point(stage, space, number) if point is None else point
            seeds = self._seeds()
            yield from self._make(
                "planned", self.began, trial=number, stage=stage.number, point=found, seeds=seeds
            )
        trial = self.state.trials[number]
        for event in (event for event in events if event["event"] != "planned"):
            if event["event"] in ("result", *ENDS):
                yield from self._started(trial, event.get("seed", trial.seeds[0]))
            yield from self._take([event])
        for seed in trial.missing():
            if trial.state not in ENDS:
                yield from self._run(trial, seed)

    def _run(self, trial: Trial, seed: int) -> Iterator[Row]:
        """What the folder of a run says of it."""
        run = self.runs.get(trial_name(trial.stage, trial.number, seed))
        if run is None or not run.readable:
            return
        yield from self._started(trial, seed)
        if run.status.settled or run.status in (RunStatus.FAILED, RunStatus.OUT_OF_MEMORY):
            result = result_of(run.view.meta, run.status, run.reason, run.seconds or 0.0)
            kind, facts = event_of(result)
            yield from self._make(kind, run.times.get("ended"), trial=trial.number, seed=seed, **facts)

    def _started(self, trial: Trial, seed: int) -> Iterator[Row]:
        """The beginning of a run, if the ledger has lost it."""
        name = trial_name(trial.stage, trial.number, seed)
        if name in self.runs and seed not in trial.runs and trial.state not in ENDS:
            began = self.runs[name].times.get("started")
            yield from self._make("started", began, trial=trial.number, seed=seed, run=name)

    def _point(self, stage: Stage, space: Space, number: int) -> Point:
        """The point of a trial of a sampler that goes by results, as one of its runs was told."""
        for name, run in self.runs.items():
            if name.startswith(trial_name(stage.number, number, 0)[:-1]):
                changes = {}
                for text in run.overrides:
                    override = parse_override(text)
                    changes[address(override.address)] = override.value.plain()
                if (point := space.point_of(changes)) is not None:
                    return point
        raise RunError(
            Problem(
                f"nothing says which point trial {number} was",
                f"expected its line in {LEDGER}, or its run in {TRIALS}/",
                "start a new sweep",
                code="damaged",
            )
        )

    def _take(self, events: Sequence[Row]) -> Iterator[Row]:
        """Those of these events that fit what stands before them."""
        for event in events:
            try:
                self.state.add(event)
            except (KeyError, TypeError, ValueError):
                continue
            yield event

    def _make(self, kind: str, time: Any, **facts: Any) -> Iterator[Row]:
        """An event that the ledger has lost."""
        event = {"event": kind, "time": time, **facts}
        self.state.add(event)
        self.made += 1
        yield event

    def _numbers(self, stage: int) -> set[int]:
        """The trials of a stage of which something is left."""
        planned = {e["trial"] for e in self.events if e["event"] == "planned" and e.get("stage") == stage}
        named = (name.split("-") for name in self.runs)
        return planned | {int(number) for of, number, _ in named if int(of) == stage}

    def _seeds(self) -> list[int]:
        """The seeds of each trial: those of another one, else those from the smallest that was trained on."""
        for event in self.events:
            if event["event"] == "planned":
                return list(event["seeds"])
        first = min((int(name.rpartition("-s")[2]) for name in self.runs), default=0)
        return list(range(first, first + self.spec.seeds))

    def _raised(self, spec: Spec) -> Spec:
        """The sweep with the trials that it was raised to, as an event or their numbers tell."""
        raised = [event["trials"] for event in self.events if event["event"] == "raised"]
        trials = max([spec.trials, *raised, *(number + 1 for number in self._numbers(0))])
        if spec.trials_written and trials > spec.trials and trials not in raised:
            self.events.insert(0, {"event": "raised", "time": self.began, "trials": trials})
        return spec.with_trials(trials) if spec.trials_written and not spec.cases else spec
