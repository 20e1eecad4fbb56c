"""Size of the gradients."""

from __future__ import annotations

from typing import Any

from ...registry import part


@part(
    "probe",
    source="Glorot & Bengio 2010; Pascanu, Mikolov & Bengio 2013",
    file="gradients.jsonl",
    needs=frozenset({"gradients"}),
    logging_key="gradient_norm_every",
)
def gradient_norm() -> Any:
    """The Euclidean norm of each layer's gradient, weights and biases together, before clipping.

    Row: {step, epoch, norms: {layer: number}}.
    """
    from ...nn.probes.rows import gradient_norms

    return gradient_norms
