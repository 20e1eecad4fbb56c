"""How evenly the classes occur, and whether the config allows for it.

Source: He & Garcia 2009, Learning from imbalanced data.
"""

from __future__ import annotations

from ...data.imbalance import LARGE
from .bench import Bench
from .result import Check

NAME = "class_balance"


def class_balance(bench: Bench) -> Check:
    """Fails for a class without training rows, and for very uneven classes that the config ignores.

    `data.balance` and a metric that the largest class alone does not make good allow for them.
    """
    measured, names = bench.data.imbalance, bench.data.names
    if measured is None:
        return Check(
            NAME,
            None,
            "no classes: the targets are " + ("labels" if bench.data.target == "multi" else "numbers"),
        )
    missing = [name for name, n in zip(names, measured.counts, strict=True) if n == 0]
    if missing:
        lost = ", ".join(missing[:5]) + (", ..." if len(missing) > 5 else "")
        return Check(
            NAME,
            False,
            f"no training row of {lost}",
            "rows of every class",
            "another data.split_seed, or leave data.limit out",
        )
    guess = f"{measured.baseline:.1%}".replace("%", " %")
    largest = names[measured.majority]
    words = "even" if measured.even else f"{measured.ratio:.3g} to 1"
    words = f"{len(names)} classes, {words}; the largest has {guess}"
    if not measured.large:
        return Check(NAME, True, words)
    metrics = [bound.name for bound in bench.objective.metric_parts if bound.flag("by_class")]
    if bench.data.balance is not None or metrics:
        done = (
            f"data.balance is {bench.data.balance}"
            if bench.data.balance is not None
            else f"{metrics[0]} is measured"
        )
        return Check(NAME, True, words, "", done)
    advice = (
        f"always answering {largest} is as good: data.balance=weights, or measure f1 (metrics=[accuracy,f1])"
    )
    return Check(NAME, False, words, f"less than {LARGE:g} to 1, or care taken of it", advice)
