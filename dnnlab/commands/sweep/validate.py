"""Checks before the first trial: all ends of ranges and all drawn points are valid configs.

Torch is not loaded for this, but for parts that can be asked in no other way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ...assembly.network.without_torch import NeedsTorchError, without_torch
from ...assembly.training.objective import plan_objective
from ...config import Config
from ...data.prepare.choose_rows import Chosen
from ...errors import ConfigError, DnnlabError, Problem
from ...search.points import probe_points
from ...search.space import Point
from ...search.spec import Spec
from ..check.static import read_rows, walk
from .base_config import Base
from .folder import data_key
from .points import point_words

MOST_NAMED = 5  # points that are listed with what is wrong with them


@dataclass
class Checker:
    """Checks configs of one sweep. monitor, better: of the base, which those of every trial must be."""

    spec: Spec
    base: Base
    monitor: str = ""
    better: str = ""
    _rows: dict[str, Chosen] = field(default_factory=dict)

    def first(self) -> Config:
        """The config of the first trial-to-be: the base with what `set` changes; its data are read.

        Raises `DnnlabError`.
        """
        config = self.base.config(self.spec.overrides(self.spec.set))
        self.monitor, self.better = self.objective(config)
        return config

    def ranges(self) -> None:
        """Raise `ConfigError` if an end of a range, or an option of a choice, is not a value of its key."""
        problems: dict[str, Problem] = {}
        for point in probe_points(self.spec.space):
            try:
                self.config(point)
            except ConfigError as error:
                problems |= {str(problem): problem for problem in error.problems}
        if problems:
            raise ConfigError(*problems.values())

    def points(self, points: Mapping[int, Point]) -> None:
        """Raise `ConfigError` naming the points that cannot be built. points: trial -> point."""
        found = {
            number: error for number, point in points.items() if (error := self.wrong(point)) is not None
        }
        if not found:
            return
        problems = [
            replace(problem, received=f"trial {number} ({self.shown(points[number])}): {problem.received}")
            for number, error in list(found.items())[:MOST_NAMED]
            for problem in error.problems[:2]
        ]
        if len(found) > 1:
            more = f"{len(found)} of {len(points)} points cannot be built"
            problems.append(
                Problem(
                    more,
                    "expected ranges whose every point can be",
                    "narrow a range, or change the base",
                    code="points",
                )
            )
        raise ConfigError(*problems)

    def wrong(self, point: Point) -> DnnlabError | None:
        """What is wrong with a point, if anything."""
        try:
            config = self.config(point)
            monitor = self.built(config)
        except DnnlabError as error:
            return error
        if (monitor, self.better) == (self.monitor, self.better):
            return None
        text = f"it is measured by {monitor}, the base by {self.monitor}"
        return ConfigError(
            Problem(
                text,
                "expected one measure for all trials",
                "set training.monitor in the base",
                code="monitor",
            )
        )

    def config(self, point: Point) -> Config:
        """The config of a point of the first stage. Raises `ConfigError`."""
        spec = self.spec
        return self.base.config(spec.overrides(spec.changes(spec.space, point, spec.stages[0])))

    def built(self, config: Config) -> str:
        """Build the net of a config as shapes; its monitor. Raises `DnnlabError` as a build would."""
        try:
            data = self.rows(config)
            walk(config, data)
        except NeedsTorchError:
            return built_with_torch(config)
        return self.objective(config)[0]

    def objective(self, config: Config) -> tuple[str, str]:
        """Monitor and direction of a config."""
        try:
            facts = self.rows(config).facts()
        except NeedsTorchError:
            return objective_with_torch(config)
        with config.error_places(), without_torch():
            planned = plan_objective(config.experiment, facts)
        return planned.monitor, planned.better

    def rows(self, config: Config) -> Chosen:
        """The rows of a config's data; read once for all configs with the same data."""
        training = config.experiment.training
        if training.device not in ("auto", "cpu") or training.precision != "fp32":
            raise NeedsTorchError
        key = data_key(config, augment=True)
        if key not in self._rows:
            self._rows = {
                **dict(list(self._rows.items())[-1:]),
                key: read_rows(config),
            }  # two at most: they may be large
        return self._rows[key]

    def shown(self, point: Point) -> str:
        """A point in words."""
        return point_words(self.spec.space.shown(point))


def built_with_torch(config: Config) -> str:
    """The monitor of a config whose net was built in full. Raises `DnnlabError`."""
    from ..check.check import read_data, shapes

    return shapes(config, read_data(config)).rpartition("monitor ")[2]


def objective_with_torch(config: Config) -> tuple[str, str]:
    """Monitor and direction of a config whose data only torch can read."""
    from ...data.prepare.facts import facts_of
    from ..check.check import read_data

    planned = plan_objective(config.experiment, facts_of(read_data(config)))
    return planned.monitor, planned.better
