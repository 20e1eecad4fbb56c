"""What flows through the net."""

from __future__ import annotations

from typing import Any

from ...registry import part


@part(
    "probe",
    source=(
        "Glorot & Bengio 2010, 'Understanding the difficulty of training deep feedforward neural networks', "
        "section 3"
    ),
    file="activations.jsonl",
    needs=frozenset({"activations"}),
    logging_key="activations_every",
)
def activation_stats() -> Any:
    """Mean, deviation, zeros and saturation of layers' outputs: on a training batch, after the activation.

    zeros: share of exact zeros. saturated: share at the flat ends of the activation: below 0.01 or above 0.99
    for sigmoid, beyond 0.99 for tanh, beyond 0.86 for softsign, at the bounds for the hard ones and relu6;
    null where it has no such ends. The last layer is the output (logits). The batch is the one of that step,
    with dropout and augmentation. Row: {step, epoch, layers: {layer: {mean, std, zeros, saturated}}}.
    """
    from ...nn.probes.rows import activation_stats

    return activation_stats
