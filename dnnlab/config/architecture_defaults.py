"""The normalization that an architecture brings along, next to the one that the config itself sets."""

from __future__ import annotations

from dataclasses import replace

from ..errors import Problem
from .sections import Experiment
from .tree import Node, located

OWN = ("architecture", "normalization")


def with_one_normalization(experiment: Experiment, root: Node) -> tuple[Experiment, list[Problem]]:
    """The experiment whose architecture has the normalization that the config sets.

    `none` counts as set if it is written. Two that are both written and differ are a problem; a `none` at the
    top does not contradict the architecture's own.
    """
    architecture, net = experiment.architecture, experiment.normalization
    if "normalization" not in architecture.keys or not root.writes(("normalization",)):
        return experiment, []
    if not root.writes(OWN):
        settled = replace(architecture, keys={**architecture.keys, "normalization": net})
        return experiment.model_copy(update={"architecture": settled}), []
    own = architecture.keys["normalization"]
    if net is None or str(own) == str(net):
        return experiment, []
    name = "none" if own is None else own.name
    text = f"received {name}, which cannot act next to the config's own normalization ({net.name})"
    problem = Problem(text, "expected one of the two", "remove one of them", ".".join(OWN), code="no_effect")
    return experiment, [located(problem, OWN, root)]
