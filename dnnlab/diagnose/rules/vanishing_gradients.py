"""Gradients that vanish on the way to the first layers."""

from __future__ import annotations

import math

from ..advice import chosen_by_keys, normalized, saturates
from ..chance_level import final, skills
from ..curves import median
from ..records import Records, Sample
from ..verdict import Advice, Finding, rule

# powers of ten between the last layer and the weakest of the first half; the study:
# benchmarks/thresholds/README.md
LOST = 2.5
LAYERS = 3
FAR = 30.0  # stands for infinitely many powers of ten
LEARNED = 0.5


def lost(row: Sample) -> float | None:
    """Powers of ten between the median gradient of the first half of the layers and the last layer's."""
    norms = [] if row.nonfinite else [v for v in row.values.values() if v is not None]
    if len(norms) < LAYERS or norms[-1] <= 0:
        return None
    early = median(norms[: len(norms) // 2]) or 0.0
    return math.log10(norms[-1]) - math.log10(early) if early > 0 else FAR


def typical_loss(records: Records) -> float | None:
    """The median of `lost` over the first half of the logged steps, when the net should be learning most."""
    return median(lost(row) for row in records.gradients[: (len(records.gradients) + 1) // 2])


@rule(
    why=(
        "each layer passes on only a part of the gradient (a sigmoid at most a quarter); "
        "many in a row leave nothing for the first"
    ),
    source="Glorot & Bengio 2010; Hochreiter 1991",
    needs=("gradients",),
    follows=(
        "symmetric_initialization",
        "unscaled_inputs",
        "unscaled_targets",
        "learning_rate_too_high",
        "dead_units",
    ),
)
def vanishing_gradients(records: Records) -> Finding | None:
    """The first layers' gradients are smaller than the last one's by powers of ten."""
    powers = typical_loss(records)
    if powers is None or powers < LOST:
        return None
    defined = [row for row in records.gradients if lost(row) is not None]
    row = defined[(len(defined) - 1) // 2]
    names = list(row.values)
    shown = dict.fromkeys([names[-1], names[len(names) // 2], names[0]])
    norms = ", ".join(f"{name} {v:.1e}" for name in shown if (v := row.values[name]) is not None)
    skill = final(skills(records))
    evidence = (f"gradient norm: {norms} (step {row.step})",)
    return Finding(
        "warning" if skill is not None and skill > LEARNED else "critical", evidence, cures(records), 1
    )


def cures(records: Records) -> tuple[Advice, ...]:
    """Normalization first, then better activations or initial weights.

    The rate was chosen for tiny gradients; with a better activation alone it can be too high.
    """
    if not chosen_by_keys(records):
        return (
            Advice(
                "give the layers of the list `activation: elu`, or put a normalization between them",
                command="dnnlab show {run}",
            ),
        )
    batch = ("normalization=batch",) if normalized(records) is None else ()
    advice = [Advice("normalize each layer", batch)] if batch else []
    if saturates(records):
        words = f"{'and with it ' if batch else ''}an activation that does not saturate on both sides"
        advice.append(Advice(words, (*batch, "activation=elu", "initializer=he_normal")))
    elif str(records.config.get("initializer", "auto")) != "auto":
        advice.append(Advice("initial weights that keep the variance", ("initializer=auto",)))
    return tuple(advice) or (
        Advice("shortcuts round the layers: a residual net", command="dnnlab show architecture.resnet"),
    )
