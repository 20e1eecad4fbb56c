"""Units that do nothing any more."""

from __future__ import annotations

from typing import Any

from ...registry import part


@part(
    "probe",
    source=(
        "Maas, Hannun & Ng 2013, ICML, 'Rectifier nonlinearities'; Lu, Shin, Su & Karniadakis 2020, "
        "arXiv:1903.06733"
    ),
    file="dead_units.jsonl",
    needs=frozenset({"fixed"}),
    logging_key="dead_units_every",
)
def dead_units() -> Any:
    """Units that give 0 for every row of a fixed batch, counted in each layer.

    As long as they do, no gradient flows back through them. Counted where the activation can die, its output
    and slope both being 0 (relu, relu6, hard_sigmoid, hard_swish). The batch: 256 rows of the training part
    (all where there are fewer), the same for every look and every seed, without augmentation, in evaluation
    mode, after the step's update. A unit of a convolution is a channel, dead where it is 0 at all places.
    Row: {step, epoch, units: {layer: {dead: count, of: count}}}.
    """
    from ...nn.probes.rows import dead_units

    return dead_units
