"""The current stage of a sweep: its trials are planned, or proposed one by one, before they are trained."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ...errors import DnnlabError, Problem
from ...search.ledger import Trial
from ...search.space import Point, Space
from ...search.spec import Spec
from ...search.stages import Stage
from .events import StageBegun
from .folder import LedgerFile
from .journal import Journal
from .points import drawn, seeds_of, space_of, stage_facts, unfinished


@dataclass
class StageWork:
    """Plans the stages of one sweep.

    epochs, first_seed: of the base config. space: of the stage. first: the number of its first trial.
    """

    spec: Spec
    ledger: LedgerFile
    journal: Journal
    direction: str
    epochs: int
    first_seed: int
    workers: int
    stage: Stage = field(default_factory=lambda: Stage(0, 0))
    space: Space = field(default_factory=lambda: Space(()))
    first: int = 0

    @property
    def ahead(self) -> bool:
        """Whether the points of the stage are known ahead."""
        return self.spec.known_ahead or self.stage.keep is not None

    @property
    def proposing(self) -> bool:
        """Whether the sampler has points to propose yet."""
        return not self.ahead and len(self.ledger.state.trials) - self.first < self.stage.trials

    def begin(self, stage: Stage, name: str) -> Iterator[StageBegun]:
        """Plan a stage, or continue a planned one; the plan is durable before the first trial starts.

        name: of the folder.

        Raises `DnnlabError` if the stage before has no result to go on from.
        """
        state, direction = self.ledger.state, self.direction
        if stage.number and not state.results(stage.number - 1):
            nothing = f"so stage {stage.number + 1} has nothing to go on from"
            text = f"no trial of stage {stage.number} succeeded, {nothing}"
            raise DnnlabError(
                Problem(text, "expected a result", f"dnnlab resume {name} --retry-failed", code="no_result")
            )
        self.stage, self.space = stage, space_of(self.spec, stage, state, direction)
        there = state.of_stage(stage.number)
        self.first = there[0].number if there else len(state.trials)
        if not any(event["stage"] == stage.number for event in state.stages):
            facts = stage_facts(self.spec, stage, self.space, state, direction)
            self.ledger.add("stage", **facts)
            if len(self.spec.stages) > 1:
                yield StageBegun(
                    stage.number,
                    len(self.spec.stages),
                    stage.trials,
                    stage.epochs or self.epochs,
                    facts["reason"],
                    facts["narrowed"],
                )
        if self.ahead:
            for point in drawn(self.spec, stage, self.space, state, direction, self.first)[len(there) :]:
                self.plan(point)
        self.ledger.sync()
        self.journal.open_stage(
            stage.number, self.space, state.of_stage(stage.number), known_ahead=self.ahead
        )

    def runs(self) -> Iterator[tuple[int, int]]:
        """(trial, seed) of all runs that can be started.

        Where trials are pruned, later seeds wait for the first one, which decides.
        """
        for trial, seed in unfinished(self.ledger.state.of_stage(self.stage.number)):
            if self.spec.pruner is None or seed == trial.missing()[0]:
                yield trial.number, seed

    def plan(self, point: Point) -> Trial:
        """One more trial."""
        number = len(self.ledger.state.trials)
        seeds = seeds_of(self.spec, self.first_seed)
        self.ledger.add("planned", trial=number, stage=self.stage.number, point=point, seeds=list(seeds))
        return self.ledger.state.trials[number]

    def propose(self) -> list[tuple[int, int]]:
        """Ask the sampler for a trial; its runs that can be started."""
        place = len(self.ledger.state.trials) - self.first
        trial = self.plan(self.journal.propose(self.stage.number, self.space, place, self.workers))
        return [
            (trial.number, seed) for seed in (trial.seeds if self.spec.pruner is None else trial.seeds[:1])
        ]

    def start(self, trial: Trial) -> None:
        """A trial is about to be trained: now at the latest it stands in the journal, too."""
        self.journal.reach(
            self.stage.number, self.space, self.ledger.state.of_stage, trial.number - self.first
        )

    def pruned(self, trial: Trial, epoch: int, value: float | None) -> bool:
        """Whether a trial is to end after this epoch."""
        return self.journal.pruned(self.stage.number, trial.number - self.first, epoch, value)

    def tell(self, trial: Trial) -> None:
        """A trial has its end: durable in the ledger, then told to the journal."""
        self.ledger.sync()
        self.journal.tell(self.stage.number, trial.number - self.first, trial)
