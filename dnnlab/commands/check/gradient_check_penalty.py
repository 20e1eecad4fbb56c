"""The slopes of the penalties against centred differences, without the data loss, which would hide them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...lazy_torch import torch
from .bench import Bench
from .gradients import SUSPECT, Worst, in_double, in_words, limit, worst_of
from .penalty_raises_loss import penalties
from .result import Check

if TYPE_CHECKING:
    from ...registry import Bound

NAME = "gradient_check_penalty"


def gradient_check_penalty(bench: Bench) -> Check:
    """Each penalty by itself, over every weight, in float64."""
    found = {bound.name: compared(bench, bound) for bound in penalties(bench)}
    if not found:
        return Check(NAME, None, "no penalty in the config (l1, l2)")
    every = [w for ws in found.values() for w in ws]
    if not any(w.compared for w in every):
        return Check(NAME, None, "the slopes are too small to be told from rounding")
    name, worst = max(((n, w) for n, ws in found.items() for w in ws), key=lambda pair: pair[1].error)
    words = in_words(every)
    if worst.error <= SUSPECT:
        return Check(NAME, True, words, limit(every))
    at = worst.number()
    where = f"{worst.entry.name}: slope {at.analytic:.4g}, differences {at.numeric:.4g}"
    return Check(NAME, False, words, f"< {SUSPECT:.0e}", f"{where}. Look at the slope of {name}")


def compared(bench: Bench, bound: Bound) -> list[Worst]:
    """Each weight's worst number for one penalty."""
    from ...assembly.network.net import on_table
    from ...nn.regularizers.penalty import with_slopes

    session = bench.session(bench.sample(2))
    in_double(session)
    penalty = with_slopes(on_table(bound, session.table))
    session.net.zero_grad(set_to_none=True)
    penalty.add_slopes()

    def value() -> torch.Tensor:
        total: torch.Tensor = penalty.value().double()
        return total

    entries = {e.name: e for e in (*session.table.trained_weights(), *session.table.trained_weights("l2"))}
    return worst_of(value, list(entries.values()), session.plan.seed)
