"""Importance: the share of the spread of the results that each searched value explains."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from .ranges import Choice, Numbers
from .space import Point, Space

FEWEST = 10
"""Trials; fewer do not show the importance of several values."""


def importance(space: Space, results: Sequence[tuple[Point, float]], direction: str) -> dict[str, float]:
    """Dimension -> share of the spread, from 0 to 1, the largest first; empty for fewer than 10 results.

    Only dimensions that every point has. Source: PED-ANOVA (Watanabe, Bansal & Hutter 2023), as in optuna.
    """
    keys = [d.key for d in space.dimensions if all(d.key in point for point, _ in results)]
    if len(results) < FEWEST or not keys or len({value for _, value in results}) == 1:
        return {}
    if len(keys) == 1:
        return {keys[0]: 1.0}
    import optuna

    way: Any = {"max": "maximize", "min": "minimize"}[direction]
    ranges = {key: distribution(space[key].range) for key in keys}
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)  # it logs the creation of every study
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        study = optuna.create_study(direction=way)
        for point, value in results:
            params = {key: point[key] for key in keys}
            study.add_trial(optuna.trial.create_trial(params=params, distributions=ranges, value=value))
        found = optuna.importance.get_param_importances(
            study, evaluator=optuna.importance.PedAnovaImportanceEvaluator(), params=keys
        )
    optuna.logging.set_verbosity(before)
    return {key: float(value) for key, value in sorted(found.items(), key=lambda item: -item[1])}


def distribution(range_: Numbers | Choice) -> Any:
    """The range as a distribution of optuna; choices by their index."""
    import optuna

    if isinstance(range_, Choice):
        return optuna.distributions.CategoricalDistribution(range_.grid())
    if range_.whole:
        step = 1 if range_.step is None else int(range_.step)
        return optuna.distributions.IntDistribution(
            int(range_.low), int(range_.high), log=range_.log, step=step
        )
    return optuna.distributions.FloatDistribution(range_.low, range_.high, log=range_.log, step=range_.step)
