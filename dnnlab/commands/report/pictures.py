"""Draw the pictures of `dnnlab plot RUN`: the charts of its page, its first weights, its confusion matrix."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ...errors import Problem, RunError
from ...report.charts import Chart
from ...report.pictures import contact_sheet, weight_pixels
from ...rundir import digits
from ..plot.picture import Charts, Grid, Matrix, Picture
from . import curves
from .inside import weight_note
from .missing import missing
from .outcomes import kept_confusion, validation_outcome
from .records import Records, read_records
from .weights import FirstWeights, first_weights

ROW = 13  # pictures of weights side by side
_CHARTS: dict[str, tuple[str, Callable[[Records], list[Chart | None]]]] = {
    "loss": ("metrics", lambda records: [curves.measure_chart(records, "loss")]),
    "metric": (
        "metrics",
        lambda records: [curves.measure_chart(records, name) for name in curves.metrics(records)],
    ),
    "lr": ("metrics", lambda records: [curves.rate_chart(records)]),
    "ratios": ("ratios", lambda records: [curves.ratio_chart(records)]),
    "gradients": ("gradients", lambda records: [curves.gradient_chart(records)]),
    "activations": (
        "activations",
        lambda records: [told(curves.activation_chart(records, key)) for key in curves.ACTIVATIONS],
    ),
    "dead_units": ("dead_units", lambda records: [curves.dead_chart(records)]),
}


def told(chart: Chart | None) -> Chart | None:
    """The chart, None if all its shares are zero."""
    return chart if chart is not None and (any(chart.values()) or not chart.percent) else None


def run_picture(path: Path, what: str, *, trust_plugins: bool = False) -> Picture:
    """The picture of a run. what: a word of `showing.plot.WHAT`.

    Raises `RunError` if it has no such records; it says which key turns them on.
    """
    records = read_records(path)
    if what == "weights":
        return _weights(records)
    if what == "confusion":
        return _confusion(records, trust_plugins)
    kind, draw = _CHARTS[what]
    charts = [chart for chart in draw(records) if chart is not None]
    if not charts:
        gone = missing(records, kind, digits(records.run.name))
        fix = f"turn on logging.{gone.key}: `{gone.command}`" if gone.command else ""
        raise _nothing(records, what, gone.what.rstrip("."), fix)
    return Charts(f"{records.summary.name}: {what.replace('_', ' ')}", records.run.name, charts)


def _weights(records: Records) -> Grid:
    found = first_weights(records)
    if not isinstance(found, FirstWeights):
        raise _nothing(records, "weights", found.rstrip("."))
    sheet = contact_sheet([weight_pixels(unit) for unit in found.units], ROW)
    return Grid(f"{records.summary.name}: weights of {found.layer}", weight_note(found), [("", [sheet])])


def _confusion(records: Records, trust_plugins: bool) -> Matrix:
    kept = kept_confusion(records)
    outcome = None if kept is not None else validation_outcome(records, trust_plugins=trust_plugins)
    found = kept if kept is not None else outcome.confusion if outcome is not None else None
    if found is None or found.counts is None:
        why = (
            outcome.why
            if outcome is not None and outcome.why
            else "the net does not choose one of several classes, or of too many"
        )
        raise _nothing(records, "confusion", why)
    return Matrix(f"{records.summary.name}: confusion matrix", found.source, found.names, found.counts)


def _nothing(records: Records, what: str, why: str, fix: str = "") -> RunError:
    known = f"expected a run with something to draw for {what}"
    return RunError(
        Problem(
            f"{records.run.name}: {why[:1].lower()}{why[1:].rstrip('.')}",
            known,
            fix,
            code="nothing_to_draw",
        )
    )
