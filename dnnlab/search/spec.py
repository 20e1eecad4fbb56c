"""The specification of a sweep: its YAML, checked, with all problems in one error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..config.address import Override, parse_address
from ..config.tree import Node, Place, tree
from ..errors import ConfigError
from ..registry import inline
from .ranges import Choice
from .space import Point, Space
from .spec_keys import CASE, KNOWN_AHEAD, Executor
from .spec_reader import Reading
from .stages import Stage

__all__ = ["CASE", "KNOWN_AHEAD", "Executor", "Spec", "read_spec"]


@dataclass(frozen=True)
class Spec:
    """A sweep. The keys of its YAML are explained in `spec_keys.py`."""

    base: str
    """The config that all trials share."""
    name: str
    """The name of the sweep."""
    set: dict[str, Any]
    """Address -> value, in all trials."""
    space: Space
    """What is searched; for `cases`, one choice of their names."""
    cases: dict[str, dict[str, Any]]
    """Name -> the changes of a variant."""
    sampler: str
    """How points are drawn."""
    seed: int
    """The seed of the points."""
    seeds: int
    """Runs of each point."""
    stages: tuple[Stage, ...]
    """At least one stage."""
    pruner: str | None
    """How unpromising trials are ended early."""
    executor: Executor
    """Where trials are trained."""
    workers: int | None
    """Trials at the same time; None for as many as the machine has room for."""
    timeout: float | None
    """Seconds of one run."""
    retries: int
    """How often a run whose process died is resumed."""
    places: dict[str, Place] = field(default_factory=dict)
    """Address -> its position in the YAML."""
    trials_written: bool = True
    """Whether `trials` is written, and not `stages`."""

    @property
    def trials(self) -> int:
        """Points of all stages."""
        return sum(stage.trials for stage in self.stages)

    @property
    def known_ahead(self) -> bool:
        """Whether the points are functions of (seed, number) alone."""
        return self.sampler in KNOWN_AHEAD

    @property
    def plugins(self) -> list[str]:
        """The plugin files that `set`, the cases and the options of a choice name."""
        options = (
            d.range.options
            for d in self.space.dimensions
            if isinstance(d.range, Choice) and d.address == "plugins"
        )
        values = [changes.get("plugins") for changes in (self.set, *self.cases.values())]
        values += [option for found in options for option in found]
        return [
            item
            for value in values
            for item in (value if isinstance(value, list) else [value])
            if isinstance(item, str)
        ]

    def changes(self, space: Space, point: Point, stage: Stage) -> dict[str, Any]:
        """Address -> value of all differences between a trial and its base."""
        own = self.cases[list(self.cases)[int(point[CASE])]] if self.cases else space.overrides(point)
        return {**self.set, **own, **({} if stage.epochs is None else {"training.epochs": stage.epochs})}

    def overrides(self, changes: Mapping[str, Any]) -> list[Override]:
        """Changes as overrides; the position of each is that of its range."""
        found = []
        for address, value in changes.items():
            where = self.places.get(address, Place())
            found.append(
                Override(parse_address(address), "set", tree(value, where), f"{address}={inline(value)}")
            )
        return found

    def with_trials(self, trials: int) -> Spec:
        """The same sweep of one stage with more trials."""
        return replace(self, stages=(replace(self.stages[0], trials=trials),))

    def plain(self) -> dict[str, Any]:
        """The sweep as plain YAML data with all defaults."""
        searched = {"cases": self.cases} if self.cases else {"search": self.space.plain()}
        staged = (
            {"trials": self.stages[0].trials}
            if self.trials_written
            else {"stages": [_plain_stage(s) for s in self.stages]}
        )
        rest = {key: getattr(self, key) for key in ("seed", "seeds")}
        return {
            "base": self.base,
            "name": self.name,
            "set": self.set,
            **searched,
            **({} if self.cases else {"sampler": self.sampler}),
            **rest,
            **({} if self.cases else staged),
            "pruner": self.pruner or "none",
            "executor": self.executor.plain(),
            "workers": self.workers or "auto",
            "timeout": "none" if self.timeout is None else f"{self.timeout:g} s",
            "retries": self.retries,
        }


def _plain_stage(stage: Stage) -> dict[str, int]:
    keys = {
        "zoom": stage.zoom,
        "trials": None if stage.keep else stage.trials,
        "keep": stage.keep,
        "epochs": stage.epochs,
    }
    return {key: value for key, value in keys.items() if value is not None}


def read_spec(root: Node, name: str = "sweep") -> Spec:
    """The sweep of a YAML tree. name: if the tree has none. Raises one `ConfigError` with all problems."""
    reading = Reading(root)
    keys = reading.keys()
    space, cases = reading.searched()
    stages = reading.stages(keys, space, bool(cases)) if keys is not None else ()
    if reading.problems or keys is None:
        raise ConfigError(*sorted(reading.problems, key=lambda p: (p.line or 0, p.column or 0)))
    return Spec(
        base=keys.base,
        name=keys.name or name,
        set=keys.set,
        space=space,
        cases=cases,
        sampler="grid" if cases else keys.sampler,
        seed=keys.seed,
        seeds=keys.seeds,
        stages=stages,
        pruner=keys.pruner,
        executor=keys.executor,
        workers=None if keys.workers == "auto" else keys.workers,
        timeout=keys.timeout,
        retries=keys.retries,
        places=reading.places(),
        trials_written=not keys.stages,
    )
