"""The trials of a stage: which points it has, and what the stage before narrowed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...registry import inline
from ...search.ledger import Ledger, Trial
from ...search.points import grid_points, point
from ...search.ranges import Choice, Range
from ...search.space import Point, Space, name_of
from ...search.spec import Spec
from ...search.stages import Stage, best_points, narrow


def space_of(spec: Spec, stage: Stage, ledger: Ledger, direction: str) -> Space:
    """The space that a stage draws from: the whole, or the box of the best points of the stage before."""
    if stage.zoom is None:
        return spec.space if stage.number == 0 or stage.keep else space_before(spec, stage, ledger, direction)
    before = space_before(spec, stage, ledger, direction)
    return narrow(before, best_points(ledger.results(stage.number - 1), stage.zoom, direction)).space


def space_before(spec: Spec, stage: Stage, ledger: Ledger, direction: str) -> Space:
    """The space of the stage before."""
    return space_of(spec, spec.stages[stage.number - 1], ledger, direction) if stage.number else spec.space


def narrowed(spec: Spec, stage: Stage, ledger: Ledger, direction: str) -> dict[str, tuple[Range, Range]]:
    """What the box of a stage changed: dimension -> (before, now)."""
    if stage.zoom is None:
        return {}
    before = space_before(spec, stage, ledger, direction)
    return narrow(before, best_points(ledger.results(stage.number - 1), stage.zoom, direction)).changed


def drawn(spec: Spec, stage: Stage, space: Space, ledger: Ledger, direction: str, first: int) -> list[Point]:
    """All points of a stage that can be known ahead. first: the number of its first trial."""
    if stage.keep:
        return best_points(ledger.results(stage.number - 1), stage.keep, direction)
    if spec.sampler == "grid":
        return [found for found, _ in zip(grid_points(space), range(stage.trials), strict=False)]
    return [point(space, spec.sampler, spec.seed, first + place) for place in range(stage.trials)]


def stage_facts(spec: Spec, stage: Stage, space: Space, ledger: Ledger, direction: str) -> dict[str, Any]:
    """What the ledger says of a stage that begins."""
    changed = changes_in_words(narrowed(spec, stage, ledger, direction))
    reason = why(stage, ledger, direction)
    return {"stage": stage.number, "space": space.plain(), "narrowed": changed, "reason": reason}


def why(stage: Stage, ledger: Ledger, direction: str) -> str:
    """What a stage is made from: `the box of the 10 best of stage 1: trials 3, 17, ...`."""
    count = stage.keep or stage.zoom
    if count is None:
        return ""
    best = ranked([trial for trial in ledger.of_stage(stage.number - 1) if trial.state == "done"], direction)[
        :count
    ]
    numbers = ", ".join(str(trial.number) for trial in best[:10]) + (" ..." if len(best) > 10 else "")
    what = "the best" if stage.keep else "the box of the best"
    return (
        f"{what} {len(best)} of stage {stage.number} (trials {numbers})"
        if len(best) > 1
        else f"{what} of stage {stage.number}"
    )


def ranked(trials: list[Trial], direction: str) -> list[Trial]:
    """The best first; equal ones in the order of their numbers."""
    sign = -1 if direction == "max" else 1
    return sorted(
        trials,
        key=lambda trial: (sign * (trial.value if trial.value is not None else float("inf")), trial.number),
    )


def point_words(shown: Mapping[str, Any]) -> str:
    """`optimizer.lr 0.01, activation elu`."""
    return ", ".join(
        f"{address} {value if isinstance(value, str) else inline(value)}" for address, value in shown.items()
    )


def changes_in_words(changed: dict[str, tuple[Range, Range]]) -> dict[str, tuple[str, str]]:
    """Each range as YAML, before and now."""
    return {key: (range_words(old), range_words(new)) for key, (old, new) in changed.items()}


def range_words(numbers: Range) -> str:
    """A range as YAML, its numbers in four figures."""

    def short(value: Any) -> Any:
        if isinstance(value, float):
            return float(f"{value:.4g}")
        if isinstance(value, dict):
            return {key: short(item) for key, item in value.items()}
        return [short(item) for item in value] if isinstance(value, list) else value

    if isinstance(numbers, Choice):
        return inline([name_of(numbers, index) for index in numbers.grid()])
    return inline(short(numbers.plain())).strip("{}")


def seeds_of(spec: Spec, first: int) -> tuple[int, ...]:
    """The seeds of each trial. first: the base's own."""
    return tuple(range(first, first + spec.seeds))


def unfinished(trials: list[Trial]) -> Iterator[tuple[Trial, int]]:
    """(trial, seed) of every run that is still to do, in order."""
    for trial in trials:
        if trial.state in ("pending", "running"):
            for seed in trial.missing():
                yield trial, seed
