"""L-BFGS."""

from __future__ import annotations

from typing import Any, Literal

from ...registry import NonNegative, Positive, PositiveInt, part


@part(
    "optimizer",
    source=(
        "Liu & Nocedal 1989; Nocedal & Wright 2006, Numerical Optimization, ch. 3 (strong Wolfe conditions)"
    ),
    example={"lr": 0.5, "history": 5, "max_iter": 4},
    hints={
        "learning_rate": "optimizer: {name: lbfgs, lr: 1}",
        "weight_decay": "regularizers: {l2: 1e-4}",
        "history_size": "optimizer: {name: lbfgs, history: 100}",
        "line_search_fn": "optimizer: {name: lbfgs, line_search: strong_wolfe}",
    },
    closure=True,
    full_batch=True,
    groups=False,
    conversions={
        "torch": (
            "torch.optim.LBFGS(history_size, line_search_fn=None): history and line_search, which is "
            "strong_wolfe by default here"
        ),
        "keras": "no such optimizer",
    },
)
def lbfgs(
    groups: Any,
    *,
    lr: Positive = 1.0,
    history: PositiveInt = 100,
    max_iter: PositiveInt = 20,
    max_eval: PositiveInt | None = None,
    tolerance_grad: NonNegative = 1e-7,
    tolerance_change: NonNegative = 1e-9,
    line_search: Literal["strong_wolfe"] | None = "strong_wolfe",
) -> Any:
    """Quasi-Newton steps with a curvature made of the last gradients, on all data at once.

    Every batch must be the whole training split (`batch_size: full`). One optimizer step makes up to max_iter
    iterations and max_eval evaluations (none: 1.25 max_iter). lr: length of a step, or the line search's
    first try. history: pairs of steps and gradient changes that are kept. tolerance_grad: stop when no
    gradient is larger; tolerance_change: stop when weights or loss change less. line_search: strong_wolfe, or
    none for steps of fixed length. A step whose rate is 0 (the first of a warmup) moves nothing.
    """
    from ...optim.optimizers.lbfgs import LBFGS

    # A copy: torch writes its settings into the mapping that it is given.
    parameters = [{**group, "lr": lr * group.get("lr_factor", 1.0)} for group in groups]
    return LBFGS(
        parameters,
        lr=lr,
        max_iter=max_iter,
        max_eval=max_eval,
        tolerance_grad=tolerance_grad,
        tolerance_change=tolerance_change,
        history_size=history,
        line_search_fn=line_search,
    )
