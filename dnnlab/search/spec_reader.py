"""From the YAML tree of a sweep to its keys, its space and its stages; all problems are gathered."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from ..config.address import parse_address
from ..config.sections import ROOT
from ..config.tree import Node, Place, located
from ..errors import ConfigError, Problem
from ..registry import close_key, problems_of
from .parse import parse_space
from .points import grid_size
from .ranges import Choice
from .space import Dimension, Space
from .spec_keys import CASE, FIELDS, StageKeys, SweepKeys
from .stages import Stage, check_stages


@dataclass
class Reading:
    """The reading of one sweep: call `keys`, `searched` and `stages`, then look at `problems`."""

    root: Node
    """The tree of the YAML."""
    problems: list[Problem] = field(default_factory=list)
    """The problems found so far."""

    def say(self, received: str, expected: str, fix: str, path: str, code: str) -> None:
        """Add a problem at the position of its path."""
        self.problems.append(
            located(
                Problem(received, expected, fix, path, code=code),
                parse_address(path) if path else (),
                self.root,
            )
        )

    def keys(self) -> SweepKeys | None:
        """The keys with their types, None if some are wrong."""
        try:
            return SweepKeys.model_validate(self.root.plain())
        except ValidationError as error:
            for location, problem in problems_of(error):
                self.problems.append(
                    located(
                        self._explained(problem, str(location[-1]) if location else ""), location, self.root
                    )
                )
        return None

    def _explained(self, problem: Problem, key: str) -> Problem:
        if problem.code == "missing_key" and key == "base":
            return replace(
                problem,
                expected="expected the config that all trials share",
                fix="write `base: experiment.yaml`",
            )
        if problem.code != "unknown_key":
            return problem
        known = list(StageKeys.yaml_keys if problem.path.startswith("stages") else FIELDS)
        close = close_key(key, known)
        fix = f"did you mean {close}?" if close else ""
        if not close and key in ROOT.fields:
            fix = f"keys of a config belong in the base, or under `set`: set: {{{key}: ...}}"
        return replace(problem, expected="" if close else f"expected one of: {', '.join(known)}", fix=fix)

    def searched(self) -> tuple[Space, dict[str, dict[str, Any]]]:
        """The space and the cases; one of the two is empty."""
        search, cases = self.root.child("search"), self.root.child("cases")
        nothing = Space(())
        if search is not None and cases is not None:
            self.say(
                "search and cases are both written", "expected one of them", "remove one", "cases", "sweep"
            )
            return nothing, {}
        if cases is not None:
            return self._cases(cases)
        if search is None:
            self.say(
                "nothing is searched",
                "expected search or cases",
                "search: {optimizer.lr: {log_uniform: [1e-5, 1e-1]}}",
                "",
                "sweep",
            )
            return nothing, {}
        try:
            space = parse_space(search)
        except ConfigError as error:
            self.problems += error.problems
            return nothing, {}
        for address in self._set():
            if address in search.value:
                self.say(
                    f"{address} is also searched",
                    "expected one of the two",
                    "remove it here",
                    f'set."{address}"',
                    "no_effect",
                )
        return space, {}

    def _cases(self, cases: Node) -> tuple[Space, dict[str, dict[str, Any]]]:
        plain = cases.plain()
        if (
            not isinstance(plain, dict)
            or not plain
            or not all(isinstance(case, dict) for case in plain.values())
        ):
            return Space(()), {}  # the check of the keys refuses it
        for name, case in plain.items():
            for address in case:
                self._address(address, cases.value[name].value[address].place)
        for key in ("sampler", "trials", "stages"):
            if key in self.root.value:
                self.say(
                    f"{key} has no effect with cases, which are each trained once",
                    "expected no such key",
                    "remove it",
                    key,
                    "no_effect",
                )
        return Space((Dimension(CASE, CASE, Choice(tuple(plain))),)), plain

    def _set(self) -> list[str]:
        node = self.root.child("set")
        found = list(node.value.items()) if node is not None and node.mapping else []
        return [address for address, child in found if self._address(address, child.place)]

    def _address(self, text: str, where: Place) -> bool:
        try:
            parse_address(text)
        except ConfigError as error:
            self.problems += [where.locate(problem) for problem in error.problems]
            return False
        return True

    def stages(self, keys: SweepKeys, space: Space, cases: bool) -> tuple[Stage, ...]:
        """The stages; a sweep without `stages` has one."""
        if cases or not space.dimensions:
            return (Stage(0, len(space.dimensions[0].range.grid() or ()) if cases else 1),)
        if keys.stages and keys.trials is not None:
            self.say(
                "trials and stages are both written",
                "expected one of them",
                "give each stage its trials",
                "trials",
                "sweep",
            )
            return ()
        if keys.stages:
            return self._several(keys)
        size = self._grid(keys, space)
        if size == 0 or (size is None and keys.trials is None):
            if size is None:
                self.say(
                    f"nothing says how many points {keys.sampler} draws",
                    "expected trials or stages",
                    "trials: 20",
                    "",
                    "sweep",
                )
            return ()
        if size is not None and keys.trials is not None and keys.trials > size:
            self.say(
                f"trials: {keys.trials}, but the grid has {size} points",
                f"expected at most {size}",
                f"trials: {size}",
                "trials",
                "grid",
            )
        return (Stage(0, keys.trials or size or 0),)

    def _grid(self, keys: SweepKeys, space: Space) -> int | None:
        """The number of grid points, 0 if the grid is impossible; None for other samplers."""
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
        return problem if found is None else found.place.locate(problem)

    def _several(self, keys: SweepKeys) -> tuple[Stage, ...]:
        stages: list[Stage] = []
        for i, stage in enumerate(keys.stages):
            path = f"stages.{i}"
            if stage.zoom and stage.keep:
                self.say(
                    "zoom and keep are both written", "expected one of them", "remove one", path, "stages"
                )
            elif stage.keep and stage.trials:
                self.say(
                    "keep trains the kept points, and trials draws new ones",
                    "expected one of them",
                    "remove trials",
                    path,
                    "stages",
                )
            elif not stage.keep and not stage.trials:
                self.say(
                    "nothing says how many points this stage has",
                    "expected trials",
                    "trials: 20",
                    path,
                    "stages",
                )
            elif i and not stage.keep and not stage.zoom:
                self.say(
                    "this stage looks at nothing before it",
                    "expected zoom or keep",
                    "zoom: 10",
                    path,
                    "stages",
                )
            stages.append(Stage(i, stage.keep or stage.trials or 1, stage.epochs, stage.zoom, stage.keep))
        if keys.sampler == "grid":
            self.say(
                "a grid has no stages", "expected another sampler", "sampler: random", "stages", "stages"
            )
        try:
            if not self.problems:
                check_stages(stages)
        except ConfigError as error:
            self.problems += [
                located(problem, parse_address(problem.path), self.root) for problem in error.problems
            ]
        return tuple(stages)

    def places(self) -> dict[str, Place]:
        """Address -> its position in the YAML."""
        found: dict[str, Place] = {}
        for key in ("set", "search"):
            node = self.root.child(key)
            found |= (
                {address: child.place for address, child in node.value.items()}
                if node is not None and node.mapping
                else {}
            )
        cases = self.root.child("cases")
        for case in cases.value.values() if cases is not None and cases.mapping else ():
            found |= {address: child.place for address, child in case.value.items()} if case.mapping else {}
        return found
