"""Make the charts of a run from its records. A page shows all of them, `dnnlab plot` one."""

from __future__ import annotations

from dataclasses import replace

from ...report.charts import Chart, Series
from ...rundir.generalization_gap import generalization_gap
from ...rundir.json_values import number
from ...rundir.rows import Rows
from ..compare.metrics import is_better_high
from .records import Records

RATIO = 1e-3  # Karpathy 2015 (CS231n notes): where the ratio of updates to weights should be
_PARTS = (
    ("train", "training", "quiet", False),
    ("train_eval", "training, evaluation mode", "quiet", True),
    ("val", "validation", "main", False),
)
_BESIDE = ("penalty",)
_SHORT = ("mae", "mse", "rmse", "auc", "r2", "f1")


def measures(records: Records) -> list[str]:
    """The measures of each epoch: the loss first, then the metrics, without those of averaged weights."""
    keys = _keys(records)
    names = [
        key.removeprefix("train_")
        for key in keys
        if key.startswith("train_") and not key.startswith("train_eval_")
    ]
    names += [key.removeprefix("val_") for key in keys if key.startswith("val_") and not _average(key, keys)]
    return [name for name in dict.fromkeys(names) if name not in _BESIDE]


def metrics(records: Records) -> list[str]:
    """All measures but the loss, at most four; the one that is monitored first."""
    names = [name for name in measures(records) if name != "loss"]
    monitored = (records.summary.monitor or "").removeprefix("val_").removeprefix("train_")
    return sorted(names, key=lambda name: name != monitored)[:4]


def titled(name: str) -> str:
    """`Top k accuracy`, `MAE`."""
    return name.upper() if name in _SHORT else name.replace("_", " ").capitalize()


def measure_chart(records: Records, name: str) -> Chart | None:
    """A measure over the epochs: training, validation, averaged weights; the best epoch is marked."""
    keys = _keys(records)
    averages = [key for key in keys if key.startswith(f"val_{name}_") and _average(key, keys)]
    lines = [(f"{prefix}_{name}", label, look, dashed) for prefix, label, look, dashed in _PARTS]
    lines += [(key, f"validation, {key.removeprefix(f'val_{name}_')}", "main", True) for key in averages]
    curves = [(label, *records.curve("metrics", key), look, dashed) for key, label, look, dashed in lines]
    series = [
        Series(label, x, y, look, dashed)
        for label, x, y, look, dashed in curves
        if any(v is not None for v in y)
    ]
    if not series:
        return None
    best = records.best_epoch()
    marks = [(float(best), f"best: {best}")] if best is not None else []
    log = None if "loss" in name else False
    return Chart(titled(name), "epoch", name, series, log=log, marks=marks, steps=records.steps_per_epoch)


def better_of(records: Records, name: str) -> str:
    """Whether `max` or `min` of a measure is good."""
    return "max" if is_better_high(f"val_{name}", [records.summary]) else "min"


def gap_chart(records: Records, name: str) -> Chart | None:
    """The generalization gap in a measure over the epochs."""
    rows = [
        row for row in records.run.metrics if f"val_{name}" in row and number(row.get("epoch")) is not None
    ]
    better = better_of(records, name)
    gaps = [generalization_gap(row, name, better) for row in rows]
    known = [gap for gap in gaps if gap is not None]
    if not known:
        return None
    words = (
        "in evaluation mode"
        if known[0].evaluated
        else "as measured while the weights still moved, with dropout and augmentation"
    )
    difference = "training − validation" if better == "max" else "validation − training"
    note = f"How much worse validation is than training ({words})."
    note += " A loss gap that grows while training goes on is overfitting." if name == "loss" else ""
    epochs = [float(row["epoch"]) for row in rows]
    series = [Series(difference, epochs, [None if gap is None else gap.value for gap in gaps], "main")]
    title = f"Gap in {name if name not in _SHORT else name.upper()}".replace("_", " ")
    return Chart(
        title,
        "epoch",
        difference,
        series,
        levels=[(0.0, "")],
        steps=records.steps_per_epoch,
        note=note,
    )


def batch_chart(records: Records) -> Chart | None:
    """The loss of single batches, and the penalty if there is one."""
    x, loss = records.curve("steps", "loss")
    _, penalty = records.curve("steps", "penalty")
    series = [Series("loss of the batch", x, loss, "main")] if any(v is not None for v in loss) else []
    if any(penalty):
        series.append(Series("penalty", x, penalty, "quiet"))
    note = "Single batches on the logged steps: noisier than the epoch's mean."
    if not series:
        return None
    return Chart(
        "Batch loss",
        records.unit,
        "loss",
        series,
        log=None,
        steps=records.steps_per_epoch,
        span=records.span,
        note=note,
    )


def rate_chart(records: Records) -> Chart | None:
    """The learning rate on the logged steps, or of each epoch."""
    kind = max(("steps", "metrics"), key=lambda kind: len(records.run.rows(kind)))
    x, y = records.curve(kind, "lr")
    if not any(v is not None for v in y):
        return None
    unit = records.unit if kind == "steps" else "epoch"
    note = "Constant." if len({v for v in y if v is not None}) == 1 else ""
    series, steps = [Series("learning rate", x, y, "main")], records.steps_per_epoch
    return Chart(
        "Learning rate", unit, "learning rate", series, zero=True, steps=steps, span=records.span, note=note
    )


def ratio_chart(records: Records) -> Chart | None:
    """Size of the update over size of the weight, of each weight."""
    series = _by_name(records, "ratios")
    note = (
        "Size of one update over the size of the weight. About 1e-3 is healthy; far above, steps overshoot; "
        "far below, little is learned."
    )
    levels = [(RATIO, "1e-3")]
    return _layers(records, "Update ratio", "update / weight", series, log=True, levels=levels, note=note)


def gradient_chart(records: Records) -> Chart | None:
    """The gradient's norm in each layer, before clipping."""
    note = "Before clipping. Layers near the input that fall far below the others hardly learn."
    return _layers(
        records,
        "Gradient norm by layer",
        "gradient norm",
        _by_name(records, "gradients"),
        log=True,
        note=note,
    )


def whole_gradient_chart(records: Records) -> Chart | None:
    """The norm of the whole gradient on the logged steps."""
    x, y = records.curve("steps", "gradient_norm")
    if not any(v is not None for v in y):
        return None
    rows = records.run.steps
    clipped = rows.values("clipped") if isinstance(rows, Rows) else [row.get("clipped") for row in rows]
    said = [value for value in clipped if value is not None]
    active = sum(
        1 for value in said if value is True or (not isinstance(value, bool) and (number(value) or 1.0) < 1)
    )
    note = f"Clipping acted on {active:,} of {len(said):,} logged steps." if said else ""
    series = [Series("gradient norm", x, y, "main")]
    title, steps = "Gradient norm, whole net", records.steps_per_epoch
    return Chart(
        title, records.unit, "gradient norm", series, log=None, steps=steps, span=records.span, note=note
    )


ACTIVATIONS = {
    "mean": ("Mean activation", "mean", False, ""),
    "std": (
        "Deviation of activations",
        "standard deviation",
        False,
        "Falling from layer to layer: the signal dies out; rising: it explodes.",
    ),
    "zeros": ("Exact zeros", "share of outputs", True, "Behind ReLU about half is usual."),
    "saturated": (
        "Saturated",
        "share of outputs",
        True,
        "Outputs where the activation is flat, so that no gradient comes through.",
    ),
}


def activation_chart(records: Records, key: str) -> Chart | None:
    """A number of each layer's activations over time. key: one of `ACTIVATIONS`."""
    title, label, share, note = ACTIVATIONS[key]
    series = []
    for layer in records.names("activations"):
        x, y = records.layer_curve("activations", layer, key)
        if any(v is not None for v in y):
            series.append(Series(layer, x, y))
    log = None if key == "std" else False
    return _layers(records, title, label, series, log=log, percent=share, note=note)


def dead_chart(records: Records) -> Chart | None:
    """The share of units that never fired on the probe rows."""
    series = []
    for layer in records.names("dead_units"):
        x, dead = records.layer_curve("dead_units", layer, "dead")
        _, of = records.layer_curve("dead_units", layer, "of")
        y = [None if d is None or not n else d / n for d, n in zip(dead, of, strict=True)]
        if any(v is not None for v in y):
            series.append(Series(layer, x, y))
    note = "Units that fired for none of the probe rows: for these, no gradient reaches their weights."
    return _layers(records, "Dead units", "share of units", series, percent=True, note=note)


def prediction_chart(records: Records) -> Chart | None:
    """How often each class was predicted, over time."""
    names = records.names("predictions", "shares")
    if not names:
        return None
    series = [Series(name, *records.curve("predictions", name, "shares")) for name in names]
    steps = records.steps_per_epoch
    return Chart(
        "Predicted classes",
        records.unit,
        "share of predictions",
        series,
        percent=True,
        zero=True,
        steps=steps,
        span=records.span,
    )


def layers(records: Records) -> list[str]:
    """All layers that were looked at, from the input to the output."""
    ratios = [name.removesuffix(".weight") for name in records.names("ratios")]
    return list(dict.fromkeys([*records.names("gradients"), *records.names("activations"), *ratios]))


def _by_name(records: Records, kind: str) -> list[Series]:
    found = []
    for name in records.names(kind):
        x, y = records.curve(kind, name)
        if any(v is not None for v in y):
            found.append(Series(name.removesuffix(".weight"), x, y))
    return found


def _layers(
    records: Records,
    title: str,
    label: str,
    series: list[Series],
    *,
    log: bool | None = False,
    percent: bool = False,
    levels: list[tuple[float, str]] | None = None,
    note: str = "",
) -> Chart | None:
    if not series:
        return None
    order = layers(records)
    placed = [
        replace(s, place=order.index(s.label) / max(len(order) - 1, 1)) if s.label in order else s
        for s in series
    ]
    return Chart(
        title,
        records.unit,
        label,
        placed,
        percent=percent,
        log=log,
        levels=levels or [],
        zero=percent,
        steps=records.steps_per_epoch,
        span=records.span,
        note=note,
    )


def _keys(records: Records) -> list[str]:
    return list(dict.fromkeys(key for row in records.run.metrics for key in row))


def _average(key: str, keys: list[str]) -> bool:
    """Whether a key is a measure of averaged weights, such as `val_accuracy_ema` beside `val_accuracy`.

    Training measures have no averaged version.
    """
    name = key.removeprefix("val_")
    return f"train_{name}" not in keys and any(
        name.startswith(f"{other.removeprefix('val_')}_") for other in keys if other.startswith("val_")
    )
