"""A rule that ends the training.

In a config beside this file:

plugins: [my_stopping.py]
regularizers: {my_stopping: 0.95}
"""

from __future__ import annotations

from typing import Any

from dnnlab.registry import part


@part(
    "regularizers", source="where the idea comes from: a paper, a text", effect="stop", example={"score": 0.5}
)
def my_stopping(table: Any, *, score: float = 0.95, restore_best: bool = True) -> Any:
    """Training ends as soon as the monitor reaches `score`.

    score: in the monitor's units; of a loss, write it with a minus: higher is always better here.
    restore_best: the best weights come back at the end.
    """

    class Reached:
        """`observe` gets the monitor after each epoch (None: not measured); True ends the training."""

        def __init__(self) -> None:
            self.restore_best = restore_best

        def observe(self, value: float | None, epoch: int) -> bool:
            """Whether to stop now."""
            return value is not None and value >= score

        def state(self) -> dict[str, Any]:
            """Nothing to remember between epochs."""
            return {}

        def load(self, state: Any) -> None:
            """Nothing to put back."""

        def words(self, monitor: str) -> str:
            """For the screen."""
            return f"{monitor} reached {score:g}"

    return Reached()
