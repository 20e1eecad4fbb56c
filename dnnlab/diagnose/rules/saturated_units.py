"""Units whose outputs lie on the flat ends of sigmoid or tanh."""

from __future__ import annotations

from ..advice import activation, chosen_by_keys, normalized
from ..chance_level import final, skills
from ..curves import groups, median, of_group
from ..records import Records
from ..verdict import Advice, Finding, rule

SATURATED = 0.5  # share of a layer's outputs; the study: benchmarks/thresholds/README.md
LEARNED = 0.5
WELL = 0.8  # of the way from chance to perfect, in both parts: the flat ends did no harm


def saturation(records: Records) -> dict[str, float]:
    """By layer, the share of its outputs on flat ends: the median over all looks."""
    shares = {
        layer: median(v for _, v in of_group(records.activations, layer, "saturated"))
        for layer in groups(records.activations)
    }
    return {layer: share for layer, share in shares.items() if share is not None}


def worst_saturation(records: Records) -> float | None:
    """That of the layer with the largest share."""
    return max(saturation(records).values(), default=None)


@rule(
    why="on its flat ends a unit has almost no slope, so that no gradient passes through it",
    source="LeCun, Bottou, Orr & Muller 1998, Efficient BackProp, 4.4; Glorot & Bengio 2010",
    needs=("activations",),
    follows=("unscaled_inputs", "unscaled_targets", "learning_rate_too_high"),
)
def saturated_units(records: Records) -> Finding | None:
    """A layer whose outputs lie mostly where its activation is flat."""
    shares = {layer: share for layer, share in saturation(records).items() if share >= SATURATED}
    if not shares:
        return None
    worst = max(shares, key=shares.__getitem__)
    evidence = [f"{shares[worst]:.0%} of the outputs of {worst} are on the flat ends".replace("%", " %")]
    evidence += [
        f"{share:.0%} of {layer}".replace("%", " %") for layer, share in shares.items() if layer != worst
    ][:3]
    since = next(
        epoch for epoch, share in of_group(records.activations, worst, "saturated") if share >= SATURATED
    )
    return Finding(severity(records), tuple(evidence), cures(records), since)


def severity(records: Records) -> str:
    """By what was learned all the same."""
    trained, beside = final(skills(records)), final(skills(records, "val"))
    if trained is None:
        return "warning"
    worse = trained if beside is None else min(trained, beside)
    return "note" if worse >= WELL else "critical" if trained < LEARNED else "warning"


def cures(records: Records) -> tuple[Advice, ...]:
    """Smaller initial weights, an activation without flat ends, normalization."""
    if not chosen_by_keys(records):
        return (
            Advice(
                "give the layers of the list another activation, such as elu", command="dnnlab show {run}"
            ),
        )
    advice = []
    if str(records.config.get("initializer", "auto")) != "auto" and not records.has(
        "initializer", "small_sums"
    ):
        advice.append(Advice("initial weights that keep the sums small", ("initializer=auto",)))
    if activation(records) != "elu":
        advice.append(Advice("an activation without flat ends", ("activation=elu", "initializer=he_normal")))
    if normalized(records) is None:
        advice.append(Advice("normalize the sums before the activation", ("normalization=batch",)))
    return tuple(advice)
