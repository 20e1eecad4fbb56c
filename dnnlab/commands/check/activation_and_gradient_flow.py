"""Activations and gradients of the untrained net: one batch forward and backward."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ...lazy_torch import torch
from .bench import Bench

if TYPE_CHECKING:
    from ...engine.session import Session

ROWS = 256
FADING = 1 / 400  # about exp(-6)
"""Depth in units of the length over which signals fade by e: beyond 6 of them nets are found not to train.
Source: Schoenholz, Gilmer, Ganguli & Sohl-Dickstein 2017, Deep information propagation, arXiv:1611.01232."""


@dataclass(frozen=True)
class Signals:
    """Measurements by layer, in the order of the net, `output` last."""

    deviations: dict[str, float]
    """Standard deviation of a unit's outputs over the rows (root mean square over units)."""
    gradients: dict[str, float]
    """Norm of the gradient of the layer's weight, without layers that do not learn."""
    alike: dict[str, int]
    """Number of units with the same weights and the same gradient as another unit of the layer."""
    output_is_zero: bool
    """Whether all weights of the output layer are 0."""

    def hidden(self, numbers: dict[str, float]) -> dict[str, float]:
        """Without the output layer."""
        return {layer: number for layer, number in numbers.items() if layer != "output"}


@lru_cache(maxsize=1)  # two checks read it
def signals_of(bench: Bench) -> Signals:
    """Send some training rows through a fresh net without regularization."""
    from ...nn.probes.numeric_gradient import settle

    session = bench.session(bench.sample(ROWS))
    settle(session.net)
    kept: dict[str, torch.Tensor] = {}
    layers = staged_layers(session)
    hooks = [layer.register_forward_hook(keeper(name, kept)) for name, layer in layers.items()]
    batch = session.train.rows(slice(None))
    torch.autograd.backward(session.loss(session.net(batch.inputs), batch))
    for hook in hooks:
        hook.remove()
    weights = {e.layer: e.parameter for e in session.table.of_role("weight")}
    slopes = {layer: weight.grad for layer, weight in weights.items() if weight.grad is not None}
    return Signals(
        {name: deviation(kept[name]) for name in layers if name in kept},
        {name: float(slopes[name].norm()) for name in layers if name in slopes},
        {
            name: count
            for name, slope in slopes.items()
            if name != "output" and (count := count_alike(weights[name], slope))
        },
        "output" in slopes and not bool(weights["output"].any()),
    )


def staged_layers(session: Session) -> dict[str, Any]:
    """The layers with a linear part, by name, in their order."""
    from ...nn.layers.linear_maps import Staged

    modules = {name: session.net.get_submodule(name) for name in session.table.layers}
    return {name: module for name, module in modules.items() if isinstance(module, Staged)}


def keeper(name: str, kept: dict[str, torch.Tensor]) -> Any:
    """A forward hook that keeps what a layer gives."""

    def keep(layer: object, inputs: object, outputs: torch.Tensor) -> None:
        kept[name] = outputs.detach()

    return keep


def deviation(outputs: torch.Tensor) -> float:
    """(n, units, ...): of each unit over rows and places, then the root mean square over units."""
    units = outputs.double().transpose(0, 1).flatten(1)
    return float(units.var(1, correction=0).mean().sqrt())


def count_alike(weight: torch.Tensor, gradient: torch.Tensor) -> int:
    """Units with the incoming weights and the gradient of another unit: they would stay equal for ever."""
    rows, slopes = weight.detach().flatten(1), gradient.flatten(1)
    if len(rows) < 2:
        return 0
    _, group, counts = torch.unique(rows, dim=0, return_inverse=True, return_counts=True)
    numbers = torch.arange(len(rows), device=rows.device)
    firsts = torch.full_like(counts, len(rows)).scatter_reduce(0, group, numbers, "amin")
    same = (slopes - slopes[firsts[group]]).abs().amax(1) <= 1e-5 * slopes.abs().max()
    return int((same & (counts[group] > 1)).sum())


def range_words(numbers: dict[str, float]) -> str:
    """`0.9 ... 0.6 over 20 layers`, `0.9 in hidden1`."""
    values = list(numbers.items())
    if len(values) == 1:
        return f"{values[0][1]:.2g} in {values[0][0]}"
    return f"{values[0][1]:.2g} ... {values[-1][1]:.2g} over {len(values)} layers"
