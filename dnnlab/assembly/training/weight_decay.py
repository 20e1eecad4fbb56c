"""The l2 penalty as an optimizer's own weight decay: its kernel adds strength * w on the way, and no pass over the weights is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from ...nn.regularizers.penalty import Penalty
from ...registry import Bound


def handed_over(penalties: Sequence[Any], optimizer: Bound, clipping: Bound | None) -> dict[Tensor, float]:
    """Strengths of the l2 terms that the optimizer adds from now on, by parameter; the penalties leave their slopes out.

    Empty where they have to join the gradient before: for an optimizer that does not add them, and with a
    clipping, which acts on the sum.
    """
    strengths: dict[Tensor, float] = {}
    if not optimizer.flag("adds_l2") or clipping is not None:
        return strengths
    for penalty in penalties:
        for weight, strength in penalty.hand_over_l2() if isinstance(penalty, Penalty) else ():
            strengths[weight] = strengths.get(weight, 0.0) + strength
    return strengths


def with_decays(
    groups: Sequence[Mapping[str, Any]], strengths: Mapping[Tensor, float]
) -> list[dict[str, Any]]:
    """The optimizer's groups, parted by the strengths of their parameters."""
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
