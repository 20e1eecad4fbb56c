"""Units that start with equal weights, so that they stay equal."""

from __future__ import annotations

from ..advice import chosen_by_keys
from ..records import Records
from ..verdict import Advice, Finding, rule


def alike(records: Records) -> dict[str, str]:
    """Address -> initializer, for the hidden layers that start with equal weights by the config."""
    found = {}
    for key, name in records.part_names.items():
        if records.parts.has("initializer", name, "equal") and (
            key == "initializer" or key.endswith(".initializer")
        ):
            layer = key.removesuffix("initializer").strip(".").removeprefix("per_layer.")
            if layer != "output":
                found[key] = name
    return found


def zero_layers(records: Records) -> list[str]:
    """Hidden layers whose weights were all zero before the first update: their ratio is not defined there."""
    if not records.ratios or records.ratios[0].step != 1:
        return []
    first = records.ratios[0]
    undefined = [
        name for name, value in first.values.items() if value is None and name not in first.nonfinite
    ]
    names = [name.rpartition(".")[0] for name in undefined]
    last = records.layers[-1] if records.layers else ""
    return [name for name in names if name != last]


@rule(
    why="units with equal weights get equal gradients: a layer of them stays one unit, however wide it is",
    source="Goodfellow, Bengio & Courville 2016, Deep Learning, 8.4",
)
def symmetric_initialization(records: Records) -> Finding | None:
    """Hidden layers that start with equal weights, as the config or the first logged step says."""
    configured, zero = alike(records), zero_layers(records)
    if (not configured and not zero) or len(records.layers) == 1:
        return None
    evidence = [f"{key}: {name}" for key, name in configured.items()][:3]
    if zero:
        evidence.append(f"the weights of {', '.join(zero[:3])} were all 0 before the first step")
    gradients = records.gradients[0].values if records.gradients else {}
    without = [name for name, norm in gradients.items() if norm == 0]
    if without:
        evidence.append(
            f"no gradient at all reached {', '.join(without[:3])} in step {records.gradients[0].step}"
        )
    keys = list(configured) if chosen_by_keys(records) else []
    advice = Advice(
        "draw the initial weights",
        tuple(f"{key}=he_normal" if key != "initializer" else "initializer=auto" for key in keys),
    )
    return Finding("critical", tuple(evidence), (advice,), 1)
