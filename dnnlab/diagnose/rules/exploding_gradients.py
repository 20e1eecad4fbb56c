"""Gradients that are far too large, although no update is the cause."""

from __future__ import annotations

import math

from ..advice import chosen_by_keys, clipping, normalized, rate
from ..chance_level import chance_loss
from ..records import Records
from ..verdict import Advice, Finding, rule
from .learning_rate_too_high import HIGH, peak_ratio

HUGE = 100.0  # the study: benchmarks/thresholds/README.md
GROWN = 1000.0
LAYERS_APART = 3.0  # powers of ten by which a layer's gradient is larger than the last one's


def first_norm(records: Records) -> float | None:
    """The norm of the whole gradient in the first logged step, in units in which a healthy net has a few.

    Squared errors: over the root of the loss, since their slope grows with the targets; others: as it is.
    """
    row = next((row for row in records.steps if row.values.get("gradient_norm") is not None), None)
    norm, loss = (None, None) if row is None else (row.values["gradient_norm"], row.values.get("loss"))
    if norm is None:
        return None
    squared = records.loss_has("squared")
    scale = chance_loss(records) or loss or 1.0
    return norm / math.sqrt(scale) if squared and scale > 0 else norm


def growth(records: Records) -> float | None:
    """The largest gradient norm that was logged over that of the first step."""
    norms = records.logged("gradient_norm")
    return max(norms) / norms[0] if len(norms) > 1 and norms[0] > 0 else None


def layers_apart(records: Records) -> float | None:
    """Powers of ten between the largest gradient of a layer and the last layer's in the first logged step."""
    norms = [v for v in records.gradients[0].values.values() if v is not None] if records.gradients else []
    return math.log10(max(norms)) - math.log10(norms[-1]) if len(norms) > 1 and norms[-1] > 0 else None


@rule(
    why=(
        "factors above 1 multiply from layer to layer: one step of such a gradient throws the weights "
        "anywhere"
    ),
    source="Pascanu, Mikolov & Bengio 2013; Glorot & Bengio 2010",
    needs=("steps",),
    follows=(
        "unscaled_inputs",
        "unscaled_targets",
    ),
)
def exploding_gradients(records: Records) -> Finding | None:
    """A gradient that is huge in the first step; or that grew a thousandfold although no update was large."""
    norm, grown, apart, peak = (
        first_norm(records),
        growth(records),
        layers_apart(records),
        peak_ratio(records),
    )
    at_start = norm is not None and norm > HUGE
    later = grown is not None and grown > GROWN and peak is not None and peak < HIGH
    through = apart is not None and apart > LAYERS_APART
    if not (at_start or later or through):
        return None
    evidence = []
    if at_start or through:
        largest_norm = next(
            ((row.step, v) for row in records.steps if (v := row.values.get("gradient_norm")) is not None),
            None,
        )
        evidence += (
            [f"gradient norm {largest_norm[1]:.2g} in step {largest_norm[0]}"]
            if largest_norm
            else [f"{apart or 0:.1f} powers of ten between the layers"]
        )
    if later:
        evidence.append(f"the gradient norm grew {grown:.2g}-fold while steps stayed small")
    evidence += layer_words(records)
    return Finding("critical" if at_start else "warning", tuple(evidence), cures(records), 1)


def layer_words(records: Records) -> list[str]:
    """Which layer has the largest gradient, and how the outputs of the layers spread at the start."""
    words = []
    norms = (
        {k: v for k, v in records.gradients[0].values.items() if v is not None} if records.gradients else {}
    )
    if norms:
        largest = max(norms, key=norms.__getitem__)
        words.append(f"the largest is that of {largest}: {norms[largest]:.2g}")
    first = records.activations[0].groups if records.activations else {}
    spread = [(name, v) for name, group in first.items() if (v := group.get("std")) is not None]
    if len(spread) > 1:
        words.append(
            f"outputs of {spread[0][0]} have deviation {spread[0][1]:.2g}, "
            f"of {spread[-1][0]} {spread[-1][1]:.2g}"
        )
    return words


def cures(records: Records) -> tuple[Advice, ...]:
    """Better initial weights, then clipping."""
    advice = []
    if str(records.config.get("initializer", "auto")) != "auto" and chosen_by_keys(records):
        advice.append(
            Advice("initial weights that keep the variance from layer to layer", ("initializer=auto",))
        )
    advice += clipping(records)
    if normalized(records) is None and chosen_by_keys(records):
        advice.append(Advice("normalize each layer", ("normalization=batch",)))
    return tuple(advice) or rate(records, 0.1)
