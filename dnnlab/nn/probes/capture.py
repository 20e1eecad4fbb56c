"""What the engine hands to probes on a logging step, and how it gets at the outputs inside a net."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from torch import Tensor, nn

from ..batch import Task

Needed = TypeVar("Needed")


@dataclass(frozen=True)
class ProbeBatch:
    """What the net makes of the fixed rows, after the update and in evaluation mode.

    The rows are of the training split, and the same on every logging step.
    """

    outputs: Tensor
    """(n, outputs) float32; logits if there are classes."""
    targets: Tensor
    task: Task
    fired: Mapping[str, Tensor] = field(default_factory=dict)
    """(units,) bool of each layer whose units can die: whether a unit was ever other than 0, at any place."""


@dataclass(frozen=True)
class Captured:
    """One logging step. What no probe needs is None.

    Tensors are on the device, and valid only during the call.
    """

    step: int
    """Counted from 1, as the epoch."""
    epoch: int
    sizes: Mapping[str, Tensor] | None = None
    """The norm of each weight (role "weight") before the update, by name."""
    changes: Mapping[str, Tensor] | None = None
    """Each weight after the update and the constraints, minus the weight before."""
    gradients: Mapping[str, Tensor] | None = None
    """By parameter name, before clipping."""
    activations: Mapping[str, Tensor] | None = None
    """(n, units, ...) by layer, after its activation, on the training batch; last the outputs, as `output`.

    Of accumulated gradients it is the first batch; of several evaluations in a step, the first one.
    """
    flat: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """The flat ends of the activations that have any."""
    fixed: ProbeBatch | None = None


def needed(captured: Needed | None) -> Needed:
    """What a probe has asked for in its flags. Raises `RuntimeError` if the engine did not capture it."""
    if captured is None:
        raise RuntimeError("a probe needs what its flags do not name")
    return captured


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
