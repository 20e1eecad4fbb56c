"""The net of a run, without its data: from the config and data.json alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..config import Config
from ..data.prepare.facts import DataFacts, facts_described
from .network.net import Network, build_network
from .training.objective import Objective, plan_objective


@dataclass(frozen=True)
class RebuiltNet:
    """A net whose weights are not set, and what was known of its data and its task."""

    facts: DataFacts
    objective: Objective
    network: Network


def rebuild_net(config: Config, described: Mapping[str, Any]) -> RebuiltNet:
    """Build the net of a run. described: the content of data.json. Raises `ConfigError`."""
    x = config.experiment
    facts = facts_described(described)
    objective = plan_objective(x, facts)
    return RebuiltNet(facts, objective, build_network(x, facts.in_shape, objective.task))
