"""torch's L-BFGS, resting where the learning rate is zero."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch


class LBFGS(torch.optim.LBFGS):
    """As torch.optim.LBFGS; at a rate of 0 the loss is computed, and neither weights nor memory change.

    A warmup begins there and a decay ends there. torch's line search divides by the length of its first try,
    which is 0 then.
    """

    def step(self, closure: Callable[[], Any]) -> Any:  # type: ignore[override]  # the closure is not optional
        """One step of up to max_iter iterations; `closure` computes loss and gradients anew.

        Returns its first loss.
        """
        if self.param_groups[0]["lr"] == 0:
            with torch.enable_grad():
                return closure()
        return super().step(closure)  # type: ignore[no-untyped-call]  # torch's, without types
