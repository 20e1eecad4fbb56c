"""An average of the weights.

In a config beside this file:

plugins: [my_average.py]
regularizers: {my_average: 100}
"""

from __future__ import annotations

from typing import Any

from dnnlab.registry import NonNegativeInt, part


@part("regularizers", source="Polyak & Juditsky 1992", effect="average", example={"start": 5})
def my_average(table: Any, *, start: NonNegativeInt = 0) -> Any:
    """The mean of the weights over all steps after `start`, evaluated as `val_<metric>_mean`.

    start: steps that are left out, >= 0; until then the average is the weights themselves.
    """
    from copy import deepcopy

    import torch

    class Mean:
        """The averaged net, the suffix of its metrics, and its state for checkpoints."""

        suffix = "mean"

        def __init__(self) -> None:
            self.net = deepcopy(table.net).eval().requires_grad_(False)
            self.steps = 0

        @torch.no_grad()
        def update(self) -> None:
            """Take in the weights of this step; other buffers are copied."""
            self.steps += 1
            share = 1 / max(1, self.steps - start)
            for average, live in zip(self.net.parameters(), table.net.parameters(), strict=True):
                average.lerp_(live, share)
            for average, live in zip(self.net.buffers(), table.net.buffers(), strict=True):
                average.copy_(live)

        def finish(self, batches: Any) -> None:
            """Called after each epoch, before the average is evaluated and saved.

            batches: the training inputs.
            """

        def state(self) -> dict[str, Any]:
            """Tensors by name; those of the net under `module.`, where `Run.model("mean")` reads them."""
            return {
                "steps": torch.tensor(self.steps),
                **{f"module.{k}": v for k, v in self.net.state_dict().items()},
            }

        def load(self, state: Any) -> None:
            """Continue from a checkpoint."""
            self.steps = int(state["steps"])
            self.net.load_state_dict({k.removeprefix("module."): v for k, v in state.items() if k != "steps"})

    return Mean()
