"""How much the outputs of each layer vary over the rows before training: not less or more with depth.

Source: Glorot & Bengio 2010; He et al. 2015, arXiv:1502.01852; the bound from Schoenholz et al. 2017
(`signals.FADING`).
"""

from __future__ import annotations

import math

from .activation_and_gradient_flow import FADING, range_words, signals_of
from .bench import Bench
from .result import Check

NAME = "initial_activations"


def initial_activations(bench: Bench) -> Check:
    """The deviation over rows, layer by layer, against that of the first layer."""
    numbers = signals_of(bench)
    found = numbers.hidden(numbers.deviations)
    if not found:
        return Check(NAME, None, "no hidden layer")
    words, expected = f"deviation {range_words(found)}", f"within {1 / FADING:.0f} times of the first layer's"
    first = next(iter(found.values()))
    if not all(map(math.isfinite, found.values())):
        layer = next(name for name, value in found.items() if not math.isfinite(value))
        return Check(
            NAME,
            False,
            words,
            expected,
            f"{layer} gives numbers that are not finite: smaller first weights (initializer=auto)",
        )
    silent = next((name for name, value in found.items() if value == 0), None)
    if silent is not None:
        return Check(NAME, False, words, expected, f"{silent} gives the same for every row: {remedy(bench)}")
    low, high = min(found, key=lambda name: found[name]), max(found, key=lambda name: found[name])
    if found[low] < FADING * first:
        return Check(
            NAME,
            False,
            words,
            expected,
            f"what the rows differ in is gone in {low} ({found[low]:.1e}): {remedy(bench)}",
        )
    if found[high] > first / FADING:
        return Check(
            NAME,
            False,
            words,
            expected,
            f"the outputs grow up to {found[high]:.1e} in {high}: {remedy(bench)}",
        )
    return Check(NAME, True, words, expected)


def remedy(bench: Bench) -> str:
    """What to change: the initializer if it was chosen by hand, else activation or normalization."""
    x = bench.experiment
    if x.initializer != "auto":
        return f"initializer=auto instead of {x.initializer.name}"
    if x.normalization is None:
        flat = x.activation.flag("flat")
        saturates = flat is not None and all(map(math.isfinite, flat))
        return "normalization=batch" + (", or activation=elu" if saturates else "")
    return "fewer layers, or residual ones"
