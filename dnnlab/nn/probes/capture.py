"""What the engine hands to probes on a logging step, and how it gets at the outputs inside a net."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor, nn

from ..batch import Task


@dataclass(frozen=True)
class ProbeBatch:
    """What the net makes, after the update and in evaluation mode, of rows of the training part that are the same in every look.

    outputs: (n, outputs) float32, logits where there are classes. targets: theirs. task: what they are.
    fired: (units,) bool for each layer whose units can die: whether a unit had an output other than 0 on any
    row, at any place.
    """

    outputs: Tensor
    targets: Tensor
    task: Task
    fired: Mapping[str, Tensor] = field(default_factory=dict)


@dataclass(frozen=True)
class Captured:
    """One logging step. What no probe needs is None.

    step, epoch: counted from 1. sizes: the norm of each weight (role "weight") before the update, by name;
    changes: weight after the update and the constraints minus weight before. gradients: by parameter name,
    before clipping. activations: (n, units, ...) by layer, behind its activation, on the training batch (the
    first one where gradients are accumulated, the first evaluation where there are several); last the net's
    own outputs, as `output`. flat: the ends of the activations that have any. fixed: see `ProbeBatch`. All are on
    the device and valid only during the call.
    """

    step: int
    epoch: int
    sizes: Mapping[str, Tensor] | None = None
    changes: Mapping[str, Tensor] | None = None
    gradients: Mapping[str, Tensor] | None = None
    activations: Mapping[str, Tensor] | None = None
    flat: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    fixed: ProbeBatch | None = None


@contextmanager
def capture(
    modules: Mapping[str, nn.Module], reduce: Callable[[Tensor], Tensor] = Tensor.detach
) -> Iterator[dict[str, Tensor]]:
    """Within this, the first output of each module is kept under its name, as what `reduce` makes of it."""
    seen: dict[str, Tensor] = {}

    def keep(name: str) -> Callable[..., None]:
        def hook(module: nn.Module, inputs: Any, output: Tensor) -> None:
            if name not in seen:
                seen[name] = reduce(output)

        return hook

    handles = [module.register_forward_hook(keep(name)) for name, module in modules.items()]
    try:
        yield seen
    finally:
        for handle in handles:
            handle.remove()
