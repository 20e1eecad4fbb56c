"""Parameter groups for the optimizer.

They also carry the l2 penalty for an optimizer that adds it itself: its kernel adds strength * w to the
gradient on the way, which saves a pass over the weights.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from torch import Tensor

from ...config.sections import Reuse
from ...errors import ConfigError, Problem
from ...nn.layers.running_statistics import freeze_statistics
from ...nn.parameter_table import ParameterInfo
from ...nn.regularizers.penalty import Penalty
from ...registry import Bound
from ..network.net import Network


def parameter_groups(network: Network, optimizer: Bound) -> list[dict[str, Any]]:
    """Groups of equal treatment: {params, names, lr_factor, weight_decay, role, matrix}, and perhaps {stage}.

    As few as possible, because each costs a kernel call: roles are separated only for an optimizer with a
    weight decay of its own, matrices of hidden layers only for one that works on matrices, layers that begin
    to learn later by their stage. Frozen parameters are left out. Raises `ConfigError`.
    """
    decays, by_matrix = not {"weight_decay", "l2"}.isdisjoint(optimizer.keys), optimizer.flag("min_ndim") >= 2
    groups: dict[tuple[Any, ...], dict[str, Any]] = {}
    decay = layer_decays(network)
    for entry in _trained(network):
        choice = network.choices(entry.layer)
        lr_factor = choice.lr_factor * decay[entry.layer]
        matrix = by_matrix and is_hidden_matrix(entry, optimizer.flag("min_ndim"))
        role = entry.role if decays else "all"
        kind = {"lr_factor": lr_factor, "weight_decay": 0.0, "role": role, "matrix": matrix}
        kind |= {"stage": choice.stage} if choice.stage else {}
        group = groups.setdefault(tuple(kind.values()), {"params": [], "names": [], **kind})
        group["params"].append(entry.parameter)
        group["names"].append(entry.name)
    _check_learning(groups.values(), network.choices.reuse)
    if not optimizer.flag("groups") and len(groups) > 1:
        raise ConfigError(_one_group_only(network, optimizer))
    return list(groups.values())


def layer_decays(network: Network) -> dict[str, float]:
    """Layer -> its factor of the learning rate by `reuse.layer_decay`: decay^(layers above it).

    Layers without a weight of their own count with the one before them, and all layers of a block together.
    Source: Bao et al. 2022, BEiT, arXiv:2106.08254, appendix (the output layer keeps the rate).
    """
    table, reuse = network.table, network.choices.reuse
    weighted = {entry.layer for entry in table.of_role("weight")}
    blocks: list[str] = []
    level = {}
    for layer in (entry.layer for entry in table.entries.values()):
        block = layer.partition(".")[0]
        if layer in weighted and block not in blocks:
            blocks.append(block)
        level[layer] = max(len(blocks) - 1, 0)
    decay = 1.0 if reuse is None else reuse.layer_decay
    return {layer: decay ** (len(blocks) - 1 - depth) for layer, depth in level.items()}


def _trained(network: Network) -> list[ParameterInfo]:
    """The parameters of layers that are not frozen; those of frozen layers stop learning here."""
    trained = []
    for entry in network.table.entries.values():
        if not network.choices(entry.layer).frozen:
            trained.append(entry)
            continue
        entry.parameter.requires_grad_(False)
        # A block may have an activation of its own, and layers below it that learn.
        if entry.role != "activation":
            freeze_statistics(network.net.get_submodule(entry.layer))
    return trained


def _check_learning(groups: Collection[Mapping[str, Any]], reuse: Reuse | None) -> None:
    """Raise `ConfigError` if no parameter would ever change."""
    first = [group for group in groups if "stage" not in group]
    if any(group["lr_factor"] for group in first):
        return
    text = "every layer is frozen or has lr_factor 0" if first else "every layer is frozen"
    text += " until the first moment of unfreeze" if len(first) < len(groups) else ""
    path = "per_layer" if reuse is None or reuse.freeze is None else "reuse.freeze"
    raise ConfigError(Problem(text, "expected at least one that learns", path=path, code="frozen"))


def _one_group_only(network: Network, optimizer: Bound) -> Problem:
    """The problem of several groups for an optimizer that takes one."""
    choices = network.choices
    if (reuse := choices.reuse) is not None and (reuse.unfreeze or reuse.layer_decay < 1):
        key = "unfreeze" if reuse.unfreeze else "layer_decay"
        text = f"{optimizer.name} takes all parameters at once, at one learning rate"
        fix = f"another optimizer, or remove {key}"
        return Problem(text, f"expected no {key}", fix, f"reuse.{key}", code="one_group")
    other = [e.layer for e in network.table.entries.values() if choices(e.layer).lr_factor != 1]
    return Problem(
        f"{optimizer.name} takes one learning rate for all parameters",
        "expected no lr_factor",
        "another optimizer, or remove lr_factor",
        choices.address(other[0], "lr_factor") if other else "per_layer",
        code="one_group",
    )


def is_hidden_matrix(entry: ParameterInfo, ndim: int) -> bool:
    """Whether a parameter is the weight of a hidden layer with at least so many axes."""
    return entry.role == "weight" and entry.layer != "output" and entry.parameter.ndim >= ndim


def l2_of_optimizer(
    penalties: Sequence[Any], optimizer: Bound, clipping: Bound | None
) -> dict[Tensor, float]:
    """Strengths, by parameter, of the l2 terms that the optimizer adds from now on instead of the penalties.

    Empty if the optimizer does not add them, or if a clipping must act on the sum of both gradients.
    """
    strengths: dict[Tensor, float] = {}
    if not optimizer.flag("adds_l2") or clipping is not None:
        return strengths
    for penalty in penalties:
        for weight, strength in penalty.hand_over_l2() if isinstance(penalty, Penalty) else ():
            strengths[weight] = strengths.get(weight, 0.0) + strength
    return strengths


def groups_with_decay(
    groups: Sequence[Mapping[str, Any]], strengths: Mapping[Tensor, float]
) -> list[dict[str, Any]]:
    """The optimizer's groups, split by the l2 strengths of their parameters."""
    parted: dict[tuple[int, float], dict[str, Any]] = {}
    for number, group in enumerate(groups):
        for parameter, name in zip(group["params"], group["names"], strict=True):
            decay = strengths.get(parameter, group["weight_decay"])
            part = parted.setdefault(
                (number, decay), {**group, "params": [], "names": [], "weight_decay": decay}
            )
            part["params"].append(parameter)
            part["names"].append(name)
    return list(parted.values())
