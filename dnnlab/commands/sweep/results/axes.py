"""A sweep's trials as drawings take them: an axis for each searched value, dots, threads, the best so far."""

from __future__ import annotations

from collections.abc import Sequence

from ....report.sweep_charts import Axis, Dot, Points, Thread
from ....search.ledger import Trial
from ....search.ranges import Numbers
from ....search.space import Dimension, name_of
from .findings import Findings
from .text import cell_words

MOST_AXES = 24  # small charts of a page, and axes side by side
STEEP = 30  # times the smallest result: then a logarithmic axis comes first


def dimensions(found: Findings) -> list[Dimension]:
    """The searched values, those first that explain the most."""
    dims = list(found.view.space.dimensions)
    weight = found.importance
    return sorted(dims, key=lambda d: -weight.get(d.address, 0.0))[:MOST_AXES]


def axis_of(dimension: Dimension) -> Axis:
    """The axis of a searched value over its whole range."""
    numbers = dimension.range
    if isinstance(numbers, Numbers):
        return Axis(
            dimension.address,
            "log" if numbers.log else "linear",
            numbers.low,
            numbers.high,
            whole=numbers.whole,
        )
    words = [name_of(numbers, index) for index in range(len(numbers.options))]
    return Axis(dimension.address, "words", -0.5, len(words) - 0.5, tuple(map(cell_words, words)))


def stage_names(found: Findings) -> list[str]:
    """`stage 1`, ... for those with trials."""
    last = max((trial.stage for trial in found.view.trials), default=0)
    return [f"stage {n + 1}" for n in range(last + 1)]


def value_charts(found: Findings) -> list[Points]:
    """Each searched value against what came out."""
    steep = is_steep(found)
    over = [trial for trial in found.view.trials if trial.state not in ("pending", "running")]
    charts = []
    for dimension in dimensions(found):
        dots = [
            Dot(t.number, float(t.point[dimension.key]), result(t), t.stage)
            for t in over
            if dimension.key in t.point
        ]
        best = None if found.best is None else found.best.number
        names = stage_names(found)
        charts.append(
            Points(
                dimension.address,
                axis_of(dimension),
                found.view.monitor,
                dots,
                names,
                best=best,
                log=steep,
                bare=True,
            )
        )
    return [chart for chart in charts if any(dot.value is not None for dot in chart.dots)]


def history_chart(found: Findings) -> Points:
    """Results by the trial's number, and the best so far."""
    over = [trial for trial in found.view.trials if trial.state not in ("pending", "running")]
    dots = [Dot(trial.number, trial.number, result(trial), trial.stage) for trial in over]
    axis = Axis("trial", "linear", -0.5, max((dot.number for dot in dots), default=0) + 0.5, whole=True)
    best = None if found.best is None else found.best.number
    line = best_so_far(over, found.view.better)
    return Points(
        "Trial after trial", axis, found.view.monitor, dots, stage_names(found), line, best, is_steep(found)
    )


def best_so_far(trials: Sequence[Trial], better: str) -> list[tuple[float, float]]:
    """(number, best value until then) where it became better."""
    line: list[tuple[float, float]] = []
    for trial in trials:
        value = result(trial)
        if value is not None and (
            not line or (value > line[-1][1] if better == "max" else value < line[-1][1])
        ):
            line.append((float(trial.number), value))
    return line


def threads(found: Findings) -> tuple[list[Axis], list[Thread]]:
    """The axes, the last one for the results, and the trials, worst first.

    The positions are ranks, so that a few bad trials do not press the others together.
    """
    dims = [d for d in dimensions(found) if any(d.key in t.point for t in found.ranked)]
    values = [trial.value for trial in found.ranked if trial.value is not None]
    if not values:
        return [], []
    low, high = min(values), max(values)
    kind = "log" if is_steep(found) else "linear"
    outcome = Axis(found.view.monitor, kind, low, high if high > low else low + (abs(low) or 1.0) * 0.01)
    ordered = sorted(found.ranked, key=lambda t: t.value or 0.0, reverse=found.view.better == "min")
    steps = max(len(ordered) - 1, 1)
    lines = [
        Thread(
            t.number,
            [*(None if d.key not in t.point else float(t.point[d.key]) for d in dims), t.value],
            place / steps,
        )
        for place, t in enumerate(ordered)
    ]
    return [*map(axis_of, dims), outcome], lines


def is_steep(found: Findings) -> bool:
    """Whether a logarithmic axis suits the results.

    They are all above 0, lower is better, and a linear axis would press the good ones together.
    """
    values = [trial.value for trial in found.ranked if trial.value is not None]
    return (
        found.view.better == "min" and bool(values) and min(values) > 0 and max(values) > STEEP * min(values)
    )


def result(trial: Trial) -> float | None:
    """The trial's value once it is done."""
    return trial.value if trial.state == "done" else None
