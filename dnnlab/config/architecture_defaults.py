"""A normalization that an architecture brings along, beside the one that the config itself writes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..errors import Problem
from .check import place
from .tree import Node

OWN = ("architecture", "normalization")


def follow(experiment: Any, root: Node) -> list[Problem]:
    """Let an architecture's normalization that nobody wrote be the config's, `none` too, where that is written.

    Returns the problem of two that are both written and differ. A `none` at the top beside an architecture's
    own says nothing against it.
    """
    architecture, net = experiment.architecture, experiment.normalization
    if "normalization" not in architecture.keys or not written(root, "normalization"):
        return []
    if not written(root, *OWN):
        experiment.architecture = replace(architecture, keys={**architecture.keys, "normalization": net})
        return []
    own = architecture.keys["normalization"]
    if net is None or str(own) == str(net):
        return []
    name = "none" if own is None else own.name
    text = f"received {name}, which cannot act beside the config's own normalization ({net.name})"
    problem = Problem(text, "expected one of the two", "remove one of them", ".".join(OWN), code="no_effect")
    return [place(problem, OWN, root)]


def written(root: Node, *steps: str) -> bool:
    """Whether somebody wrote the key at this address."""
    along = list(root.along(steps))
    return len(along) == len(steps) + 1 and along[-1].written
