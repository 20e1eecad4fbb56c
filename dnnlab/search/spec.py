"""A sweep as its YAML says it, checked strictly: everything that is wrong is said at once, at its place in the file."""
# ruff: noqa: B006 (the defaults are never changed)

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from pydantic import ValidationError

from ..config.address import Override, parse_address
from ..config.check import place
from ..config.node import Node, Place, tree
from ..config.sections import ROOT
from ..errors import ConfigError, Problem
from ..registry import NonNegativeInt, PositiveInt, close_key, inline, problems_of, section
from ..registry.values import Value
from .parse import parse_space
from .points import grid_size
from .ranges import Choice
from .space import Dimension, Point, Space
from .stages import Stage, check_stages

CASE = "case"  # the one dimension of a sweep of named variants
_SPAN = re.compile(r"\s*(\d+(?:\.\d*)?)\s*(seconds?|s|minutes?|min|hours?|h)\s*")
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}
KNOWN_AHEAD = ("random", "grid", "quasi_random")
"""Samplers whose points are functions of (seed, number)."""


class Span(Value):
    """A time with its unit, `30 seconds`, `2 minutes`, `1 hour`. The value is a number of seconds."""

    @classmethod
    def parse(cls, raw: Any) -> float:
        match = _SPAN.fullmatch(raw) if isinstance(raw, str) else None
        if match is None or float(match[1]) <= 0:
            number = isinstance(raw, int | float) and not isinstance(raw, bool)
            raise ValueError("a time with its unit, such as `2 minutes`" + (f"; did you mean `{raw} seconds`?" if number else ""))
        return float(match[1]) * _SECONDS[match[2][0]]


@dataclass(frozen=True)
class Executor(Value):
    """Where trials are trained: `local`, `ray`, or `{name: ray, address: auto}`."""

    name: str = "local"
    address: str = "local"

    @classmethod
    def parse(cls, raw: Any) -> Executor:
        keys = {"name": raw} if isinstance(raw, str) else raw
        if keys == {"name": "local"}:
            return cls()
        if isinstance(keys, dict) and keys.get("name") == "ray" and keys.keys() <= {"name", "address"}:
            address = keys.get("address", "local")
            if isinstance(address, str) and (address in ("auto", "local") or (":" in address and "//" not in address)):
                return cls("ray", address)
            raise ValueError("address: auto (a cluster that runs), local (one of this machine) or HOST:PORT")
        raise ValueError("local, ray, or {name: ray, address: auto}")

    def plain(self) -> Any:
        return {"name": self.name, "address": self.address} if self.name == "ray" else self.name


def _stage(
    *,
    trials: PositiveInt | None = None,
    epochs: PositiveInt | None = None,
    zoom: PositiveInt | None = None,
    keep: PositiveInt | None = None,
) -> None:
    """One stage of a sweep.

    trials: points to draw. epochs: of each run, by default the base's. zoom: draw in the box of so many best points of the stage before.
    keep: train so many best points of the stage before again, from scratch.
    """


StageKeys = section(_stage)


def _sweep(
    *,
    base: str,
    name: str = "",
    set: dict[str, Any] = {},
    search: dict[str, Any] = {},
    cases: dict[str, dict[str, Any]] = {},
    sampler: Literal["random", "grid", "quasi_random", "tpe", "gp"] = "random",
    seed: NonNegativeInt = 0,
    seeds: PositiveInt = 1,
    trials: PositiveInt | None = None,
    stages: list[StageKeys] = [],  # type: ignore[valid-type]
    pruner: Literal["median", "successive_halving", "hyperband"] | None = None,
    executor: Executor = Executor(),
    workers: PositiveInt | Literal["auto"] = "auto",
    timeout: Span | None = None,
    retries: NonNegativeInt = 1,
) -> None:
    """A sweep.

    base: the config that all trials share, relative to this file. set: addresses that differ from it in all trials. search: addresses and
    their ranges; or cases: named variants, each a mapping of addresses. seed: of the points. seeds: runs of a point, averaged.
    timeout: of one run. retries: how often a run whose process died goes on from its checkpoint.
    """


SweepKeys = section(_sweep)
FIELDS: Mapping[str, Any] = SweepKeys.dnnlab_fields  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Spec:
    """A sweep. space: what is searched; of `cases`, one choice of their names. places: where each address was written.

    timeout: seconds. workers: None for as many as the machine has room for.
    """

    base: str
    name: str
    set: dict[str, Any]
    space: Space
    cases: dict[str, dict[str, Any]]
    sampler: str
    seed: int
    seeds: int
    stages: tuple[Stage, ...]
    pruner: str | None
    executor: Executor
    workers: int | None
    timeout: float | None
    retries: int
    places: dict[str, Place] = field(default_factory=dict)
    trials_written: bool = True  # False where `stages` was

    @property
    def trials(self) -> int:
        """Points of all stages."""
        return sum(stage.trials for stage in self.stages)

    @property
    def known_ahead(self) -> bool:
        """Whether the points are functions of (seed, number) alone."""
        return self.sampler in KNOWN_AHEAD

    def changes(self, space: Space, point: Point, stage: Stage) -> dict[str, Any]:
        """Address -> value of everything in which a trial differs from its base."""
        own = self.cases[list(self.cases)[int(point[CASE])]] if self.cases else space.overrides(point)
        return {**self.set, **own, **({} if stage.epochs is None else {"training.epochs": stage.epochs})}

    def overrides(self, changes: Mapping[str, Any]) -> list[Override]:
        """Changes as overrides, each of whose values stands where its range was written."""
        found = []
        for address, value in changes.items():
            where = self.places.get(address, Place())
            found.append(Override(parse_address(address), "set", tree(value, where), f"{address}={inline(value)}"))
        return found

    def with_trials(self, trials: int) -> Spec:
        """The same sweep of one stage with more trials."""
        return replace(self, stages=(replace(self.stages[0], trials=trials),))

    def plain(self) -> dict[str, Any]:
        """The sweep as its YAML says it, all keys written out."""
        searched = {"cases": self.cases} if self.cases else {"search": self.space.plain()}
        staged = {"trials": self.stages[0].trials} if self.trials_written else {"stages": [_plain_stage(s) for s in self.stages]}
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
    keys = {"zoom": stage.zoom, "trials": None if stage.keep else stage.trials, "keep": stage.keep, "epochs": stage.epochs}
    return {key: value for key, value in keys.items() if value is not None}


def read_spec(root: Node, name: str = "sweep") -> Spec:
    """The sweep of a YAML tree. name: where the tree has none. Raises one `ConfigError` with everything that is wrong."""
    reading = _Reading(root)
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


@dataclass
class _Reading:
    root: Node
    problems: list[Problem] = field(default_factory=list)

    def say(self, received: str, expected: str, fix: str, path: str, code: str) -> None:
        self.problems.append(place(Problem(received, expected, fix, path, code=code), parse_address(path) if path else (), self.root))

    def keys(self) -> Any:
        """The keys with their types, None where some are wrong."""
        try:
            return SweepKeys.model_validate(self.root.plain())
        except ValidationError as error:
            for location, problem in problems_of(error):
                self.problems.append(place(self._explained(problem, str(location[-1]) if location else ""), location, self.root))
        return None

    def _explained(self, problem: Problem, key: str) -> Problem:
        if problem.code == "missing_key" and key == "base":
            return replace(problem, expected="expected the config that all trials share", fix="write `base: experiment.yaml`")
        if problem.code != "unknown_key":
            return problem
        known = list(StageKeys.dnnlab_fields if problem.path.startswith("stages") else FIELDS)  # type: ignore[attr-defined]
        close = close_key(key, known)
        fix = f"did you mean {close}?" if close else ""
        if not close and key in ROOT.fields:
            fix = f"keys of a config stand in the base, or under `set`: set: {{{key}: ...}}"
        return replace(problem, expected="" if close else f"expected one of: {', '.join(known)}", fix=fix)

    def searched(self) -> tuple[Space, dict[str, dict[str, Any]]]:
        """What is searched, in one of its two forms."""
        search, cases = self.root.child("search"), self.root.child("cases")
        nothing = Space(())
        if search is not None and cases is not None:
            self.say("search and cases are both written", "expected one of them", "remove one", "cases", "sweep")
            return nothing, {}
        if cases is not None:
            return self._cases(cases)
        if search is None:
            self.say("nothing is searched", "expected search or cases", "search: {optimizer.lr: {log_uniform: [1e-5, 1e-1]}}", "", "sweep")
            return nothing, {}
        try:
            space = parse_space(search)
        except ConfigError as error:
            self.problems += error.problems
            return nothing, {}
        for address in self._set():
            if address in search.value:
                self.say(f"{address} is searched, too", "expected one of the two", "remove it here", f'set."{address}"', "no_effect")
        return space, {}

    def _cases(self, cases: Node) -> tuple[Space, dict[str, dict[str, Any]]]:
        plain = cases.plain()
        if not isinstance(plain, dict) or not plain or not all(isinstance(case, dict) for case in plain.values()):
            return Space(()), {}  # the keys' types say so
        for name, case in plain.items():
            for address in case:
                self._address(address, cases.value[name].value[address].place)
        for key in ("sampler", "trials", "stages"):
            if key in self.root.value:
                self.say(f"{key} stands beside cases, which are all tried once", "expected no such key", "remove it", key, "no_effect")
        return Space((Dimension(CASE, CASE, Choice(tuple(plain))),)), plain

    def _set(self) -> list[str]:
        node = self.root.child("set")
        found = list(node.value.items()) if node is not None and node.mapping else []
        return [address for address, child in found if self._address(address, child.place)]

    def _address(self, text: str, where: Place) -> bool:
        try:
            parse_address(text)
        except ConfigError as error:
            self.problems += [p.at(where.file, where.line, where.column) for p in error.problems]
            return False
        return True

    def stages(self, keys: Any, space: Space, cases: bool) -> tuple[Stage, ...]:
        """The stages; a sweep without `stages` has one."""
        if cases or not space.dimensions:
            return (Stage(0, len(space.dimensions[0].range.grid() or ()) if cases else 1),)
        if keys.stages and keys.trials is not None:
            self.say("trials and stages are both written", "expected one of them", "give each stage its trials", "trials", "sweep")
            return ()
        if keys.stages:
            return self._several(keys)
        size = self._grid(keys, space)
        if size == 0 or (size is None and keys.trials is None):
            if size is None:
                self.say(f"nothing says how many points {keys.sampler} draws", "expected trials or stages", "trials: 20", "", "sweep")
            return ()
        if size is not None and keys.trials is not None and keys.trials > size:
            self.say(
                f"trials: {keys.trials}, but the grid has {size} points", f"expected at most {size}", f"trials: {size}", "trials", "grid"
            )
        return (Stage(0, keys.trials or size or 0),)

    def _grid(self, keys: Any, space: Space) -> int | None:
        """The points of a grid, 0 where it cannot be made; None for other samplers."""
        if keys.sampler != "grid":
            return None
        try:
            return grid_size(space)
        except ConfigError as error:
            self.problems += [self._placed(problem) for problem in error.problems]
            return 0

    def _placed(self, problem: Problem) -> Problem:
        key = problem.path.removeprefix("search.").partition("[")[0]
        node = self.root.child("search")
        found = node.child(key) if node is not None else None
        return problem if found is None else problem.at(found.place.file, found.place.line, found.place.column)

    def _several(self, keys: Any) -> tuple[Stage, ...]:
        stages: list[Stage] = []
        for i, stage in enumerate(keys.stages):
            path = f"stages.{i}"
            if stage.zoom and stage.keep:
                self.say("zoom and keep are both written", "expected one of them", "remove one", path, "stages")
            elif stage.keep and stage.trials:
                self.say("keep trains the kept points, and trials draws new ones", "expected one of them", "remove trials", path, "stages")
            elif not stage.keep and not stage.trials:
                self.say("nothing says how many points this stage has", "expected trials", "trials: 20", path, "stages")
            elif i and not stage.keep and not stage.zoom:
                self.say("this stage looks at nothing before it", "expected zoom or keep", "zoom: 10", path, "stages")
            stages.append(Stage(i, stage.keep or stage.trials or 1, stage.epochs, stage.zoom, stage.keep))
        if keys.sampler == "grid":
            self.say("a grid has no stages", "expected another sampler", "sampler: random", "stages", "stages")
        try:
            if not self.problems:
                check_stages(stages)
        except ConfigError as error:
            self.problems += [place(problem, parse_address(problem.path), self.root) for problem in error.problems]
        return tuple(stages)

    def places(self) -> dict[str, Place]:
        """Where each address was written."""
        found: dict[str, Place] = {}
        for key in ("set", "search"):
            node = self.root.child(key)
            found |= {address: child.place for address, child in node.value.items()} if node is not None and node.mapping else {}
        cases = self.root.child("cases")
        for case in cases.value.values() if cases is not None and cases.mapping else ():
            found |= {address: child.place for address, child in case.value.items()} if case.mapping else {}
        return found
