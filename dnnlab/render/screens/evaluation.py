"""The screen of `evaluate`: metrics with intervals, classes, confusion matrix, the file it was saved to."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ...commands.inference.evaluate import Evaluation
from ...commands.inference.groups import FEW_ROWS
from ...rundir import run_word
from ..terminal.columns import Column, shown, table_lines
from ..terminal.numbers import counted, fitted
from ..terminal.text import INDENT, labelled, next_lines
from .confusion import confusion_lines

MOST_CLASSES = 20  # with more, only the worst are shown
WORST = 10
TITLES = {
    "accuracy": "accuracy",
    "exact_match": "all labels right",
    "cross_entropy": "cross-entropy",
    "auc": "AUC",
    "f1_macro": "F1, macro",
    "r2": "r2",
    "mae": "mae",
    "rmse": "rmse",
    "max_error": "max error",
}
IN_TABLE = ("precision_macro", "recall_macro", "precision_weighted", "recall_weighted", "f1_weighted")
TABLE = {
    "precision": "precision",
    "recall": "recall",
    "f1": "F1",
    "auc": "AUC",
    "accuracy": "accuracy",
    "support": "rows",
}
SPARE = {"auc": 4, "support": 3, "precision": 2, "recall": 1}
"""Columns of that table that are left out without room, the highest number first."""
Result = Mapping[str, Any]


def evaluation_lines(found: Evaluation, width: int, usual: bool = True) -> list[str]:
    """The whole screen. usual: whether the runs folder needs no naming."""
    result = found.result
    lines = labelled("", headline(result), indent=1, width=width)
    if result["split"] == "test":
        lines += labelled("", looked_words(found.earlier), indent=1, width=width)
    lines += [line for note in found.notes for line in labelled("note", note, indent=INDENT, width=width)]
    lines += ["", *metric_lines(result, width)]
    if result["per_class"]:
        lines += ["", *class_lines(result, width)]
    if result.get("per_target"):
        lines += ["", *target_lines(result["per_target"], width)]
    if "by" in result:
        lines += ["", *group_lines(result, width)]
    if result["task"] == "classes":
        lines += confusion_lines(result, width)
    word = run_word(found.path.parent.parent, usual)
    evaluated = result["split"] == "test" or not found.tested
    following = (
        f"dnnlab compare {word}{' --test' if found.tested else ''}"
        if evaluated
        else f"dnnlab evaluate {word}"
    )
    return [
        *lines,
        "",
        *next_lines([following], width),
        *labelled("saved", str(found.path), indent=INDENT, width=width, whole=True),
    ]


def headline(result: Result) -> str:
    """`test part of digits-7f3a1c: 360 rows, 10 classes; best weights (epoch 12)`."""
    units = {"classes": ("class", "classes"), "labels": ("label", "labels"), "numbers": ("target", "targets")}
    names = result["names"]
    what = (
        "inputs to reconstruct, scaled"
        if result["task"] == "reconstruction"
        else counted(len(names), *units[result["task"]])
    )
    what += f" ({shown(names[0])})" if result["task"] == "numbers" and len(names) == 1 else ""
    step = "" if result["step"] is None else f", step {result['step']:,}"
    weights = f"{result['weights']} weights (epoch {result['epoch']}{step})"
    rows = counted(result["rows"], "row")
    return f"{result['split']} part of {short_run(str(result['run']))}: {rows}, {what}; {weights}"


def short_run(name: str) -> str:
    """A run's name without its date and time."""
    from ...rundir.names import RUN_NAME

    return name[16:] if RUN_NAME.fullmatch(name) else name


def looked_words(earlier: int) -> str:
    """How often the test part was looked at before."""
    if earlier == 0:
        return "the test part was not looked at before"
    times = "once" if earlier == 1 else f"{earlier} times"
    return (
        f"the test part was looked at {times} before: "
        "runs chosen by it look better than they are; choose by validation"
    )


def metric_lines(result: Result, width: int) -> list[str]:
    """One line a metric: its value, its interval and a remark if it has them."""
    metrics, intervals = result["metrics"], result.get("intervals") or {}
    hidden = {*IN_TABLE, *(() if "loss" in shown_losses(metrics) else ("loss",))}
    keys: list[str] = [key for key in TITLES if key in metrics] + [
        key for key in metrics if key not in TITLES and key not in hidden
    ]
    low, high = ([fitted(intervals[key][i]) if key in intervals else "" for key in keys] for i in (0, 1))
    table = [
        Column("", tuple(TITLES.get(key, key) for key in keys)),
        Column("value", tuple(fitted(metrics[key]) for key in keys), right=True),
        Column("95 % from", tuple(low), right=True),
        Column("to", tuple(high), right=True),
        Column("", tuple(remark(key, result) for key in keys), spare=1, name="remarks"),
    ]
    return table_lines(table, width)


def shown_losses(metrics: Mapping[str, float]) -> tuple[str, ...]:
    """The loss is shown if no other metric says the same: cross-entropy, or the errors of numbers."""
    return () if "cross_entropy" in metrics or "rmse" in metrics else ("loss",)


def remark(key: str, result: Result) -> str:
    """What a metric counts, if its name does not say so."""
    value, rows = result["metrics"][key], result["rows"]
    if (key == "accuracy" and result["task"] == "classes") or key == "exact_match":
        return f"{round(value * rows):,} of {rows:,} rows"
    if key == "accuracy" and result["task"] == "labels":
        return "of all labels"
    if key == "auc" and not two_classes(result):
        return "each class against the rest" if result["task"] == "classes" else "mean of the labels"
    return ""


def two_classes(result: Result) -> bool:
    """Whether there is one question alone, whose AUC is the same for both answers."""
    return result["task"] == "classes" and len(result["names"]) == 2


def class_lines(result: Result, width: int) -> list[str]:
    """The table of classes or labels, with both means below; of many classes the worst ones."""
    rows: Sequence[Mapping[str, Any]] = result["per_class"]
    many = len(rows) > MOST_CLASSES
    if many:
        rows = sorted(rows, key=lambda row: row["f1"] if row["support"] else math.inf)[:WORST]
    metrics, labels = result["metrics"], result["task"] == "labels"
    ranked = not two_classes(result) and any(row["auc"] is not None for row in rows)
    keys = [key for key in TABLE if key in result["per_class"][0] and (key != "auc" or ranked)]
    names = [*(row["name"] for row in rows), "macro", "weighted"]
    table = [Column("label" if labels else "class", tuple(names))]
    for key in keys:
        whole = key == "support"
        cells = [f"{row[key]:,}" if whole else fitted(row[key]) for row in rows]
        means = (
            ["", ""]
            if whole
            else [
                fitted(metrics[f"{key}_{m}"]) if f"{key}_{m}" in metrics else ""
                for m in ("macro", "weighted")
            ]
        )
        if key == "auc" and "auc" in metrics:
            means[0] = fitted(metrics["auc"])
        table.append(Column(TABLE[key], (*cells, *means), right=True, spare=SPARE.get(key, 0)))
    lines = table_lines(table, width, "a wider terminal, the file")
    if many:
        text = f"the {WORST} worst of {len(result['per_class'])}; all are in the file"
        lines += labelled("", text, indent=1, width=width)
    return lines


def target_lines(rows: Sequence[Mapping[str, Any]], width: int) -> list[str]:
    """The table of several targets, each in its own units."""
    table = [Column("target", tuple(row["name"] for row in rows))]
    table += [
        Column(TITLES[key], tuple(fitted(row[key]) for row in rows), right=True, spare=i)
        for i, key in enumerate(("r2", "mae", "rmse", "max_error"))
    ]
    return table_lines(table, width, "a wider terminal, the file")


def group_lines(result: Result, width: int) -> list[str]:
    """The metrics of each value of a column, the first with its interval; small groups are named below."""
    groups = result["groups"]
    keys = [key for key in TITLES if any(key in group["metrics"] for group in groups)]
    table = [
        Column(result["by"], tuple(group["name"] for group in groups)),
        Column("rows", tuple(f"{group['rows']:,}" for group in groups), right=True),
    ]
    for place, key in enumerate(keys):
        cells = tuple(fitted(group["metrics"].get(key)) for group in groups)
        table.append(Column(TITLES[key], cells, right=True, spare=place))
        if place == 0:
            ends = [group["intervals"].get(key) for group in groups]
            for i, title in enumerate(("95 % from", "to")):
                table.append(Column(title, tuple(fitted(end[i]) if end else "" for end in ends), right=True))
    lines = table_lines(table, width, "a wider terminal, the file")
    few = [shown(group["name"]) for group in groups if group["rows"] < FEW_ROWS]
    if few:
        names = ", ".join(few[:4]) + (f" and {len(few) - 4} more" if len(few) > 4 else "")
        text = f"fewer than {FEW_ROWS} rows, so the numbers say little: {names}"
        lines += labelled("", text, indent=1, width=width)
    return lines
