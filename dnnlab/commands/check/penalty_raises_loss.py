"""The objective rises with the strength of its penalties.

Source: CS231n, "Sanity checks": regularization raises the loss.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

from ...nn.parameter_table import ParameterTable
from ...registry import Bound
from .bench import Bench
from .initial_loss import untrained
from .result import Check
from .words import apart, number

NAME = "penalty_raises_loss"
FACTORS = (1.0, 10.0, 100.0)


def penalty_raises_loss(bench: Bench) -> Check:
    """Loss of the untrained net without penalties, and with them 1, 10 and 100 times as strong."""
    found = penalties(bench)
    if not found:
        return Check(NAME, None, "no penalty in the config (l1, l2)")
    table = bench.session(bench.sample(2)).table
    loss, _ = untrained(bench, bench.experiment.seed)
    values = [loss, *(loss + sum(raised_by(bound, table, factor) for bound in found) for factor in FACTORS)]
    words = " -> ".join(apart(values)) + f" with {in_words(found)}"
    if all(later > earlier for earlier, later in pairwise(values)):
        return Check(NAME, True, words)
    advice = (
        "the penalty does not act: its strength is too small to be seen, "
        "its weights are all 0, or its sign is wrong"
    )
    return Check(NAME, False, words, "a loss that rises with the strength", advice)


def penalties(bench: Bench) -> list[Bound]:
    """The penalties that are not switched off."""
    return [
        bound
        for bound in bench.regularizers.values()
        if bound.flag("effect") == "penalty"
        and (any(strengths(bound).values()) or bound.name not in bench.experiment.regularizers)  # of a layer
    ]


def raised_by(bound: Bound, table: ParameterTable, factor: float) -> float:
    """What a penalty that is `factor` times as strong adds to the loss."""
    from ...assembly.network.net import on_table
    from ...nn.regularizers.penalty import with_slopes

    return float(with_slopes(on_table(times(bound, factor), scaled(table, bound.name, factor))).value())


def strengths(bound: Bound) -> dict[str, float]:
    """The keys of a penalty that say how strong it is."""
    numbers = {
        key: value
        for key, value in bound.keys.items()
        if isinstance(value, float | int) and not isinstance(value, bool)
    }
    named = {key: value for key, value in numbers.items() if key in ("strength", "l1", "l2")}
    return named or dict(list(numbers.items())[:1])


def times(bound: Bound, factor: float) -> Bound:
    """The penalty with its strengths multiplied."""
    return replace(
        bound, keys={**bound.keys, **{key: value * factor for key, value in strengths(bound).items()}}
    )


def scaled(table: ParameterTable, name: str, factor: float) -> ParameterTable:
    """The table with the layers' own strengths multiplied, too."""
    settings: dict[str, Any] = {
        layer: {
            key: value * factor if key == name and value is not None else value for key, value in own.items()
        }
        for layer, own in table.settings.items()
    }
    return replace(table, settings=settings)


def in_words(found: list[Bound]) -> str:
    """`l2 1e-4, 1e-3, 1e-2`."""
    if len(found) > 1 or not strengths(found[0]):
        return " and ".join(bound.name for bound in found) + " x 1, 10, 100"
    first = next(iter(strengths(found[0]).values()))
    return f"{found[0].name} " + ", ".join(number(first * factor) for factor in FACTORS)
