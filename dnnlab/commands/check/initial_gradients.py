"""How large the gradient of each layer is before training, and whether units of a layer get different ones.

Source: Glorot & Bengio 2010; Goodfellow, Bengio & Courville 2016, section 8.4 (symmetry); the bound from
`signals.FADING`.
"""

from __future__ import annotations

import math

from .activation_and_gradient_flow import FADING, range_words, signals_of
from .bench import Bench
from .initial_activations import remedy
from .result import Check

NAME = "initial_gradients"


def initial_gradients(bench: Bench) -> Check:
    """The norm of each weight's gradient, the first hidden layer's against the last's."""
    numbers = signals_of(bench)
    found = numbers.hidden(numbers.gradients)
    if not found:
        return Check(NAME, None, "no hidden layer that learns")
    words, expected = f"norm {range_words(found)}", f"within {1 / FADING:.0f} times of each other"
    if not all(map(math.isfinite, found.values())):
        layer = next(name for name, value in found.items() if not math.isfinite(value))
        return Check(
            NAME,
            False,
            words,
            expected,
            f"the gradient of {layer} is not finite: smaller first weights (initializer=auto)",
        )
    if numbers.alike:
        layer, units = next(iter(numbers.alike.items()))
        alike = f"{units} units of {layer} have the same weights and the same gradient"
        advice = f"{alike}, so they stay the same: initializer=auto"
        return Check(NAME, False, words, "units that differ", advice)
    if numbers.output_is_zero:
        return Check(NAME, None, "the output layer begins at 0, so the first step reaches no layer below it")
    low, high = min(found, key=lambda name: found[name]), max(found, key=lambda name: found[name])
    if found[low] >= FADING * found[high]:
        return Check(NAME, True, words, expected)
    order = list(found)
    way = "vanishes on its way down" if order.index(low) < order.index(high) else "explodes on its way down"
    sizes = f"{order[-1]} {found[order[-1]]:.1e}, {order[0]} {found[order[0]]:.1e}"
    sizes = (
        sizes if {low, high} == {order[0], order[-1]} else f"{high} {found[high]:.1e}, {low} {found[low]:.1e}"
    )
    return Check(NAME, False, words, expected, f"the gradient {way} ({sizes}): {remedy(bench)}")
