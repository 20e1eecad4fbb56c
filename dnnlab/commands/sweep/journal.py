"""Optuna's journal, kept with the ledger: it proposes points for `tpe` and `gp`, and prunes.

optuna-dashboard opens the same file.

A study a stage; trial `place` of a study is the stage's trial of that place. The ledger is the truth: a
journal that cannot be read is put aside, and written anew from the ledger.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import Problem, UsageError
from ...rundir.jsonl import cut_torn_line
from ...search.importance import distribution
from ...search.ledger import Trial
from ...search.ranges import DIGITS, Choice, Range
from ...search.space import Point, Space
from ...search.spec import Spec

FILE = "journal.log"
_STATES = {"done": "COMPLETE", "pruned": "PRUNED", "failed": "FAIL"}


class Journal:
    """The studies of one sweep.

    direction: "max" or "min". epochs: the most that a run trains, for hyperband.
    """

    def __init__(self, folder: Path, spec: Spec, direction: str, epochs: int) -> None:
        self.path, self.spec, self.direction, self.epochs = folder / FILE, spec, direction, epochs
        self.studies: dict[int, Any] = {}
        self.lengths: dict[int, int] = {}  # trials of each study
        with _quiet():
            self.storage = self._open()

    def open_stage(self, stage: int, space: Space, trials: Sequence[Trial], *, known_ahead: bool) -> None:
        """Get a stage's study ready.

        It learns what became of these trials, and of points that are not known ahead it learns all.
        """
        import optuna

        with _quiet():
            study = optuna.create_study(
                storage=self.storage,
                study_name=f"{self.spec.name} stage {stage}",
                direction="maximize" if self.direction == "max" else "minimize",
                sampler=optuna.samplers.RandomSampler(seed=0),
                pruner=self._pruner(),
                load_if_exists=True,
            )
            self.studies[stage] = study
            known = study.get_trials(deepcopy=False)
            self.lengths[stage] = len(known)
            over = [place for place, trial in enumerate(trials) if trial.state in _STATES or not known_ahead]
            if over:
                self.reach(stage, space, lambda _: trials, over[-1])
            for place in over:
                if trials[place].state in _STATES and (
                    place >= len(known) or not known[place].state.is_finished()
                ):
                    self.tell(stage, place, trials[place])

    def reach(self, stage: int, space: Space, trials: Callable[[int], Sequence[Trial]], place: int) -> None:
        """Make trials of the study from the points that dnnlab has drawn, up to the one at a place.

        trials: of a stage, in order.
        """
        import optuna

        running = optuna.trial.TrialState.RUNNING
        while self.lengths[stage] <= place:
            point = trials(stage)[self.lengths[stage]].point
            ranges = {key: distribution(space[key].range) for key in point}
            with _quiet():
                self.studies[stage].add_trial(
                    optuna.trial.create_trial(state=running, params=dict(point), distributions=ranges)
                )
            self.lengths[stage] += 1

    def propose(self, stage: int, space: Space, place: int, workers: int) -> Point:
        """The next point of `tpe` or `gp`, given all that was told.

        With one worker it is a function of the seed and these results.

        A trial that the study has already, from a process that died before it wrote its ledger, is handed out
        again.
        """
        study = self.studies[stage]
        with _quiet():
            known = study.get_trials(deepcopy=False)
            if place < len(known):
                self.lengths[stage] = max(self.lengths[stage], place + 1)
                return {
                    key: rounded(space[key].range, known[place].params[key]) for key in known[place].params
                }
            study.sampler = self._sampler(place, workers)
            trial = study.ask()
            self.lengths[stage] = trial.number + 1
            return space.fill(
                lambda dimension: rounded(dimension.range, suggested(trial, dimension.key, dimension.range))
            )

    def pruned(self, stage: int, place: int, epoch: int, value: float | None) -> bool:
        """Whether the trial is to end after this epoch."""
        import optuna

        if value is None:
            return False
        study = self.studies[stage]
        with _quiet():
            frozen = study.get_trials(deepcopy=False)[place]
            if frozen.state.is_finished():
                return False
            study.sampler = optuna.samplers.RandomSampler(
                seed=0
            )  # nothing is drawn here, and others would look at all trials
            trial = optuna.trial.Trial(study, frozen._trial_id)
            if epoch not in frozen.intermediate_values:
                trial.report(value, epoch)
            return bool(trial.should_prune())

    def tell(self, stage: int, place: int, trial: Trial) -> None:
        """What became of a trial."""
        import optuna

        state = optuna.trial.TrialState[_STATES[trial.state]]
        value = trial.value if trial.state == "done" else None
        with _quiet():
            self.studies[stage].tell(place, value, state=state, skip_if_finished=True)

    def _open(self) -> Any:
        from optuna.storages import JournalStorage
        from optuna.storages.journal import JournalFileBackend

        for lock in self.path.parent.glob(
            f"{FILE}.lock*"
        ):  # of a process that was killed; the sweep's own lock is ours
            lock.unlink(missing_ok=True)
        if self.path.exists():
            handle = os.open(self.path, os.O_RDWR)
            try:
                cut_torn_line(handle)
            finally:
                os.close(handle)
        try:
            storage = JournalStorage(JournalFileBackend(str(self.path)))
            storage.get_all_studies()
        except Exception:  # whatever a damaged line makes of optuna
            number = len(list(self.path.parent.glob(f"{FILE}.damaged*")))
            self.path.rename(self.path.with_name(f"{FILE}.damaged-{number}"))
            storage = JournalStorage(JournalFileBackend(str(self.path)))
        return storage

    def _sampler(self, place: int, workers: int) -> Any:
        import optuna

        # A fresh one for each trial, seeded by its number: so what a restart forgets plays no part.
        seed = int(np.random.SeedSequence([self.spec.seed, place]).generate_state(1)[0])
        if self.spec.sampler == "tpe":
            return optuna.samplers.TPESampler(seed=seed, constant_liar=workers > 1)
        try:
            return optuna.samplers.GPSampler(seed=seed)
        except ImportError as error:
            problem = Problem(
                f"the sampler gp needs {error.name}",
                "expected it to be installed",
                f"pip install {error.name}",
                code="extra",
            )
            raise UsageError(problem) from None

    def _pruner(self) -> Any:
        import optuna

        name = self.spec.pruner
        if name == "median":
            return optuna.pruners.MedianPruner(n_startup_trials=5)
        if name == "successive_halving":
            return optuna.pruners.SuccessiveHalvingPruner()
        if name == "hyperband":
            return optuna.pruners.HyperbandPruner(min_resource=1, max_resource=max(1, self.epochs))
        return optuna.pruners.NopPruner()


def suggested(trial: Any, key: str, numbers: Range) -> float | int:
    """What optuna proposes for a range; a choice by its index."""
    if isinstance(numbers, Choice):
        return int(trial.suggest_categorical(key, numbers.grid()))
    if numbers.whole:
        step = 1 if numbers.step is None else int(numbers.step)
        return int(trial.suggest_int(key, int(numbers.low), int(numbers.high), log=numbers.log, step=step))
    return float(trial.suggest_float(key, numbers.low, numbers.high, log=numbers.log, step=numbers.step))


def rounded(numbers: Range, value: float | int) -> float | int:
    """A proposed number as a config shows it: six significant digits, inside its range."""
    if isinstance(numbers, Choice) or numbers.whole:
        return int(value)
    digits = 12 if numbers.step is not None else DIGITS
    return min(max(float(f"{value:.{digits}g}"), numbers.low), numbers.high)


@contextmanager
def _quiet() -> Iterator[None]:
    """A context in which optuna prints nothing: the screen is that of the sweep."""
    import optuna

    with suppress(AttributeError):
        optuna.logging.set_verbosity(optuna.logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
