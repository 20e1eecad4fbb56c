"""How much each searched value matters, or why that cannot be said."""

from __future__ import annotations

from ....search.importance import FEWEST, importance
from .view import SweepView


def weighed(view: SweepView) -> tuple[dict[str, float], str]:
    """(address -> share of the spread, on what it was judged or why not).

    The first stage alone was drawn from the whole space.
    """
    if view.spec is not None and view.spec.cases:
        return {}, "cases are compared, not weighed"
    results = [
        (trial.point, trial.value)
        for trial in view.trials
        if trial.stage == 0 and trial.state == "done" and trial.value is not None
    ]
    of_stage = " of the first stage" if view.spec is not None and len(view.spec.stages) > 1 else ""
    if len(results) < FEWEST:
        return {}, f"too few trials to say: {len(results)} results{of_stage}, {FEWEST} are needed"
    try:
        shares = importance(view.space, results, view.better)
    except (
        ValueError,
        RuntimeError,
        ZeroDivisionError,
        IndexError,
    ) as error:  # of optuna, for results that cannot be judged
        return {}, f"cannot be judged: {error}"
    if not shares:
        return {}, "all results are the same" if len(
            {value for _, value in results}
        ) == 1 else "no value is in every trial"
    left = [d.address for d in view.space.dimensions if d.key not in shares]
    beside = f"; not in every trial: {', '.join(dict.fromkeys(left))}" if left else ""
    return {
        view.space[key].address: share for key, share in shares.items()
    }, f"PED-ANOVA on {len(results)} trials{of_stage}{beside}"
