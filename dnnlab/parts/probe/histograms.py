"""How activations and gradients are distributed."""

from __future__ import annotations

from typing import Any

from ...registry import part


@part(
    "probe",
    source=(
        "Glorot & Bengio 2010, 'Understanding the difficulty of training deep feedforward neural networks', "
        "figures 2, 6 and 7"
    ),
    file="histograms.safetensors",
    needs=frozenset({"activations", "gradients"}),
    logging_key="histograms",
    large_rows=True,
)
def histograms() -> Any:
    """Histograms of activations and gradients, layer by layer, on a training batch.

    Gradients are those of weights and biases together, before clipping. 64 equal bins from the smallest to
    the largest value; of more than 65,536 values evenly spaced ones are counted. The file is written with
    each checkpoint: `activations/<layer>` and `gradients/<layer>` (k, 64), `.../edges` (k, 65), `epochs`
    (k,). Row: {step, epoch, activations: {layer: {counts, edges}}, gradients: {layer: {counts, edges}}}.
    """
    from ...nn.probes.histograms import histograms

    return histograms
