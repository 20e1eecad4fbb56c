"""One gradient check of a net: every tensor of it, in float64."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...lazy_torch import torch
from ...nn.parameter_table import ParameterInfo

if TYPE_CHECKING:
    from ...engine.session import Session
    from ...nn.probes.numeric_gradient import Compared

GOOD, SUSPECT, WRONG = 1e-7, 1e-4, 1e-2  # CS231n: content, kinks or doubt, surely wrong
NUMBERS = 120  # to compare in all, at least MINIMUM in each tensor
MINIMUM, MAXIMUM = 2, 8


@dataclass(frozen=True)
class Worst:
    """The result of comparing some numbers of a tensor."""

    entry: ParameterInfo
    """The parameter."""
    error: float
    """The largest relative error among the numbers that are not at a kink."""
    at: Compared | None
    """The number with that error; None if every number is at a kink."""
    compared: int
    """How many numbers were compared."""
    kinks: int
    """How many of them are at a kink."""

    def number(self) -> Compared:
        """The number with the largest error. Raises `ValueError` if every number is at a kink."""
        if self.at is None:
            raise ValueError(f"no number of {self.entry.name} was compared")
        return self.at


def in_double(session: Session) -> None:
    """Turn the net into float64, with plain strides, and make it deterministic."""
    from ...nn.probes.numeric_gradient import settle

    net: Any = session.net  # torch's stubs have no overload with both arguments
    net.to(dtype=torch.float64, memory_format=torch.contiguous_format)
    settle(session.net)
    modules: list[Any] = list(session.net.modules())
    for module in modules:
        if hasattr(
            module, "spectral_u"
        ):  # the gradient of a spectral norm is right where its vector has arrived
            module.spectral_u.copy_(torch.linalg.svd(module.weight.detach().flatten(1)).U[:, 0])


def batch_of(session: Session) -> Any:
    """All rows of the session in float64."""
    batch = session.train.rows(slice(None))
    targets = batch.targets.double() if batch.targets.is_floating_point() else batch.targets
    return batch._replace(
        inputs=batch.inputs.double().contiguous(memory_format=torch.contiguous_format), targets=targets
    )


def entries_of(session: Session) -> list[ParameterInfo]:
    """The parameters that learn."""
    return [entry for entry in session.table.entries.values() if entry.parameter.requires_grad]


def worst_of(
    value: Callable[[], torch.Tensor], entries: Sequence[ParameterInfo], seed: int, size: float = 0.0
) -> list[Worst]:
    """Compare the gradients that the entries hold with differences of `value`. size: see `compare`."""
    from ...nn.probes.numeric_gradient import compare

    generator = torch.Generator().manual_seed(seed)
    count = min(MAXIMUM, max(MINIMUM, NUMBERS // max(len(entries), 1)))
    found = []
    for entry in entries:
        slope = entry.parameter.grad
        slope = torch.zeros_like(entry.parameter) if slope is None else slope
        settled = [c for c in compare(value, entry.parameter, slope, count, generator, size) if not c.weak]
        plain = [c for c in settled if not c.kink]
        at = max(plain, key=lambda c: c.error, default=None)
        found.append(
            Worst(entry, 0.0 if at is None else at.error, at, len(settled), len(settled) - len(plain))
        )
    return found


def in_words(found: Sequence[Worst]) -> str:
    """`3e-08 in 120 numbers, 2 at kinks`."""
    count, kinks = sum(w.compared for w in found), sum(w.kinks for w in found)
    return f"{max(w.error for w in found):.0e} in {count} numbers{f', {kinks} at kinks' if kinks else ''}"


def limit(found: Sequence[Worst]) -> str:
    """The bound that a passed check is below."""
    return f"< {GOOD:.0e}" if max(w.error for w in found) < GOOD else f"< {SUSPECT:.0e}"
