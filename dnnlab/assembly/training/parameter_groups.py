"""Parameter groups for the optimizer, read from the parameter table."""

from __future__ import annotations

from typing import Any

from ...errors import ConfigError, Problem
from ...nn.layers.freezing import rest
from ...nn.parameter_table import Entry, ParameterTable
from ...registry import Bound
from ..network.per_layer import Choices


def parameter_groups(table: ParameterTable, optimizer: Bound, choices: Choices) -> list[dict[str, Any]]:
    """Groups of equal treatment: {params, names, lr_factor, weight_decay, role, matrix}.

    As few as possible, since each costs a kernel call: roles are told apart only for an optimizer with a
    weight decay of its own, matrices of hidden layers only for one that works on matrices. Frozen layers are
    left out, and rest. Raises `ConfigError`.
    """
    decays, by_matrix = not {"weight_decay", "l2"}.isdisjoint(optimizer.keys), optimizer.flag("min_ndim") >= 2
    groups: dict[tuple[Any, ...], dict[str, Any]] = {}
    assert table.net is not None
    for entry in table.entries.values():
        choice = choices(entry.layer)
        if choice.frozen:
            entry.parameter.requires_grad_(False)
            if entry.role != "activation":  # a block may have one of its own, and layers below it that learn
                rest(table.net.get_submodule(entry.layer))
            continue
        matrix = by_matrix and is_hidden_matrix(entry, optimizer.flag("min_ndim"))
        role = entry.role if decays else "all"
        kind = {"lr_factor": choice.lr_factor, "weight_decay": 0.0, "role": role, "matrix": matrix}
        group = groups.setdefault((choice.lr_factor, role, matrix), {"params": [], "names": [], **kind})
        group["params"].append(entry.parameter)
        group["names"].append(entry.name)
    if not any(group["lr_factor"] for group in groups.values()):
        text = "every layer is frozen or has lr_factor 0" if groups else "every layer is frozen"
        raise ConfigError(Problem(text, "expected at least one that learns", path="per_layer", code="frozen"))
    if not optimizer.flag("groups") and len(groups) > 1:
        other = [entry.layer for entry in table.entries.values() if choices(entry.layer).lr_factor != 1]
        text, path = f"{optimizer.name} takes one learning rate for all parameters", "per_layer"
        path = choices.address(other[0], "lr_factor") if other else path
        raise ConfigError(
            Problem(
                text,
                "expected no lr_factor",
                "another optimizer, or remove lr_factor",
                path,
                code="one_group",
            )
        )
    return list(groups.values())


def is_hidden_matrix(entry: Entry, ndim: int) -> bool:
    """Whether a parameter is the weight of a hidden layer with at least so many axes."""
    return entry.role == "weight" and entry.layer != "output" and entry.parameter.ndim >= ndim
