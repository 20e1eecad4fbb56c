"""Cross-entropy over classes."""

from __future__ import annotations

from typing import Any

from ...nn.batch import Task
from ...registry import part


@part(
    "loss",
    targets=frozenset({"index", "soft"}),
    chance="entropy",
    source="Goodfellow, Bengio & Courville 2016, Deep Learning, section 6.2.2.3",
    conversions={
        "torch": "torch.nn.CrossEntropyLoss: the same, on logits",
        "keras": (
            "SparseCategoricalCrossentropy(from_logits=True), CategoricalCrossentropy(from_logits=True) for "
            "shares: no softmax at the end of the net"
        ),
    },
    traits=frozenset({"entropy", "shares"}),
)
def cross_entropy(task: Task) -> Any:
    """Minus the log probability of the right class, in nats; with soft targets the mean over their shares.

    Shapes: outputs (n, classes) are logits; targets (n,) classes or (n, classes) shares that sum to 1.
    With C classes and equal logits it is ln C. Rows are weighted by `batch.weights`.
    """
    from ...nn import losses

    return losses.cross_entropy
