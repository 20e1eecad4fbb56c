"""A loss of your own.

In a config beside this file:

plugins: [my_loss.py]
loss: {name: my_loss, gamma: 2.0}
"""

from __future__ import annotations

from typing import Any

from dnnlab.registry import NonNegative, part


@part(
    "loss",
    source="Lin et al. 2017, arXiv:1708.02002 (focal loss)",
    targets=frozenset({"index"}),
    example={"gamma": 1.0},
)
def my_loss(task: Any, *, gamma: NonNegative = 2.0) -> Any:
    """Cross-entropy with less weight on rows that are right: -(1 - p)^gamma ln p, p of the right class.

    gamma: >= 0; 0 is plain cross-entropy. Shapes: outputs (n, classes) are logits, targets (n,) class
    numbers; a scalar comes back. `task` says what is to be learned; `targets` above, what the loss can take:
    index, soft, multi, real.
    """
    from torch.nn.functional import log_softmax

    def loss(outputs: Any, batch: Any) -> Any:
        right = log_softmax(outputs, dim=1).gather(1, batch.targets.unsqueeze(1)).squeeze(1)
        rows = -((1 - right.exp()) ** gamma) * right
        return rows.mean() if batch.weights is None else (batch.weights * rows).sum() / batch.weights.sum()

    return loss
