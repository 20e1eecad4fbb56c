"""Units whose output is zero for every row, so that they stop learning."""

from __future__ import annotations

from ..advice import chosen_by_keys, dies, rate
from ..chance_level import final, skills
from ..curves import groups, of_group
from ..records import Records
from ..verdict import Advice, Finding, rule

DEAD = 0.5  # share of a layer; the study: benchmarks/thresholds/README.md
UNITS = 4  # a layer of fewer says nothing
LEARNED = 0.5


def dead_shares(records: Records) -> dict[str, float]:
    """By layer, the share of units that did not fire in any of the last three looks."""
    rows, found = records.dead_units[-3:], {}
    for layer in groups(rows):
        shares = [row.groups[layer] for row in rows if layer in row.groups]
        known = [
            (s["dead"], s["of"]) for s in shares if s.get("dead") is not None and (s.get("of") or 0) >= UNITS
        ]
        if known:
            found[layer] = min(dead / of for dead, of in known if dead is not None and of)
    return found


def worst_share(records: Records) -> float | None:
    """The share of dead units in the layer that has most."""
    return max(dead_shares(records).values(), default=None)


@rule(
    why=(
        "a rectifier below zero has no slope: a unit that is below zero for every row gets no gradient and "
        "stays there"
    ),
    source="CS231n, Neural networks 1: dying ReLU; Maas, Hannun & Ng 2013",
    needs=("dead_units",),
    follows=(
        "unscaled_inputs",
        "unscaled_targets",
        "exploding_gradients",
        "learning_rate_too_high",
        "symmetric_initialization",
        "penalty_dominates",
    ),
)
def dead_units(records: Records) -> Finding | None:
    """A layer more than half of whose units never fire on the probe batch."""
    shares = {layer: share for layer, share in dead_shares(records).items() if share > DEAD}
    if not shares:
        return None
    worst = max(shares, key=shares.__getitem__)
    evidence = [f"{shares[worst]:.0%} of {worst} never fire".replace("%", " %")]
    evidence += [
        f"{share:.0%} of {layer}".replace("%", " %") for layer, share in shares.items() if layer != worst
    ][:3]
    since = next(epoch for epoch, share in shares_of(records, worst) if share > DEAD)
    skill = final(skills(records))
    advice: tuple[Advice, ...] = ()
    if chosen_by_keys(records) and dies(records):
        advice = (Advice("an activation with a slope below zero", ("activation=leaky_relu",)),)
    severity = "critical" if skill is not None and skill < LEARNED else "warning"
    return Finding(severity, tuple(evidence), (*advice, *rate(records, 0.3)), since)


def shares_of(records: Records, layer: str) -> list[tuple[int, float]]:
    """(epoch, share of dead units) of a layer at each look."""
    dead, of = (dict(of_group(records.dead_units, layer, key)) for key in ("dead", "of"))
    return [(epoch, count / of[epoch]) for epoch, count in dead.items() if of.get(epoch)]
