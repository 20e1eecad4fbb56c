"""What the engine hands to probes on a logging step."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class Captured:
    """One logging step. What no probe needs is None.

    step, epoch: counted from 1. sizes: the norm of each weight (role "weight") before the update, by name; changes: weight after the
    update and the constraints minus weight before. gradients: by parameter name, before clipping. All are on the device and valid only
    during the call.
    """

    step: int
    epoch: int
    sizes: dict[str, Tensor] | None = None
    changes: dict[str, Tensor] | None = None
    gradients: dict[str, Tensor] | None = None
