"""The block below the table: how the run ended, its numbers at the best epoch, what to type next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from ...rundir import RunStatus
from ...rundir.generalization_gap import generalization_gap
from ...rundir.run_record import Row
from ..terminal.numbers import counted, duration, fitted, gap
from ..terminal.text import INDENT, clean, columns, labelled, next_lines
from .epoch_table import short
from .run_facts import RunFacts

LABEL = 12  # columns of the words before a row's numbers
INDENT_RIGHT = 6  # columns between a row's numbers and the words behind them

EMPTY: Mapping[str, Any] = MappingProxyType({})


def result_lines(
    result: Mapping[str, Any],
    reason: str,
    facts: RunFacts,
    width: int,
    following: list[str],
    word: str = "",
    told: Sequence[str] = (),
) -> list[str]:
    """The whole block.

    following: the commands to show at `next`. word: RUN for a command line. told: lines of verdicts.
    """
    best = result.get("best") or {}
    lines = ["", *labelled("", ending(result, reason, facts), indent=1, width=width)]
    if best.get("metrics"):
        lines += measures(best["metrics"], facts, width, word, result.get("baseline") or {})
    lines += [*told, *next_lines(following, width)]
    over = RunStatus(result["status"]).good
    took = f"{'done in' if over else 'after'} {duration(float(result.get('seconds') or 0.0))}"
    return [*lines, *labelled("run", str(result["run"]), indent=INDENT, width=width, right=took, whole=True)]


def ending(result: Mapping[str, Any], reason: str, facts: RunFacts) -> str:
    """`stopped early after 49 epochs; val_loss was best at epoch 29 (weights: best)`."""
    status, best, last = RunStatus(result["status"]), result.get("best") or {}, result.get("last") or {}
    epochs = int(last.get("epoch", 0))
    words = f"{status.text} after {counted(epochs, 'epoch')}"
    over = status is RunStatus.DONE or (status.good and " was best at epoch " in reason)
    if not over and reason:
        words += f" ({reason})"
    if not best:
        return f"{words}; {facts.monitor} was never measured" if epochs else words
    weights = f" (weights: {'best' if facts.keeps_best else 'last'})" if over else ""
    return f"{words}; {facts.monitor} was best at epoch {best['epoch']}{weights}"


def measures(
    metrics: Row, facts: RunFacts, width: int, word: str = "", baseline: Mapping[str, Any] = EMPTY
) -> list[str]:
    """Train, validation and averaged weights side by side, in as many blocks as the width asks for.

    baseline: a linear model; the last row says how it does on the same rows.
    """
    rows = {"train": ("train_", "")}
    if facts.validated:
        rows |= {"validation": ("val_", ""), **{suffix: ("val_", f"_{suffix}") for suffix in facts.averages}}
    if baseline.get("metrics"):
        model = str(baseline["model"])
        metrics = {**metrics, **{f"{key}_{model}": value for key, value in baseline["metrics"].items()}}
        rows[model] = ("val_" if facts.validated else "train_", f"_{model}")
    names = ["loss", *facts.metrics]
    lines: list[str] = []
    while names:
        titles: list[str] = []
        used = LABEL
        while names and (not titles or used + 10 <= width):
            titles.append(names.pop(0))
            used += width_of(titles[-1])
        lines += block(titles, rows, metrics)
    if not facts.validated:
        return lines
    unseen = "test: not looked at"
    right = [
        gap_words(metrics, facts),
        [f"{unseen} (dnnlab evaluate {clean(word)})", unseen] if facts.tested else [],
    ]
    for i, choices in enumerate(right, 1):
        room = width - columns(lines[i]) - INDENT_RIGHT
        fits = next((words for words in choices if words and columns(words) <= room), "")
        lines[i] += " " * INDENT_RIGHT + fits if fits else ""
    return lines


def width_of(title: str) -> int:
    """Columns of a measure; those of the loss follow the row's label closely."""
    return 6 if title == "loss" else 10


def block(titles: list[str], rows: Mapping[str, tuple[str, str]], metrics: Row) -> list[str]:
    """A title line and one line for each row that was measured."""
    widths = [width_of(title) for title in titles]
    shown = [clean(short(title, room=w if w == 6 else 9)) for title, w in zip(titles, widths, strict=True)]
    lines = [" " * LABEL + "".join(" " * (w - columns(t)) + t for t, w in zip(shown, widths, strict=True))]
    for label, (prefix, suffix) in rows.items():
        keys = [f"{prefix}{title}{suffix}" for title in titles]
        if any(key in metrics for key in keys):
            numbers = (
                fitted(metrics.get(key), min(w, 7)).rjust(w) for key, w in zip(keys, widths, strict=True)
            )
            lines.append(f" {clean(label)}".ljust(LABEL) + "".join(numbers))
    return lines


def gap_words(metrics: Row, facts: RunFacts) -> list[str]:
    """`gap 0.05 (in evaluation mode: 0.5213)` and a shorter form; [] if the gap is not known."""
    found = generalization_gap(metrics, facts.main, facts.better)
    if found is None:
        return []
    words = f"gap {gap(found.value)}"
    return [*([f"{words} (in evaluation mode: {fitted(found.training)})"] if found.evaluated else []), words]
