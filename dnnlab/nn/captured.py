"""What the engine hands to probes on a logging step."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class Captured:
    """One logging step. What no probe needs is None.

    step, epoch: counted from 1. before, after: the weights (role "weight") by name, before the update and after the constraints.
    gradients: by parameter name, before clipping. All are on the device and valid only during the call.
    """

    step: int
    epoch: int
    before: dict[str, Tensor] | None = None
    after: dict[str, Tensor] | None = None
    gradients: dict[str, Tensor] | None = None
