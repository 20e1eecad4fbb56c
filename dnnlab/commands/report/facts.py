"""The facts at the top and at the end of a run's page: its main numbers, its machine, its versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...report.figures import counted, duration, figure
from ...report.sections import Fact
from ...rundir.generalization_gap import generalization_gap, main_measure
from ...rundir.json_values import number
from .curves import better_of, measures
from .records import Records

_EMPTY: tuple[Any, ...] = (None, "", [], {})


def top_facts(records: Records) -> list[Fact]:
    """The best value of the monitor, other measures of that epoch, the gap to training, size and time."""
    run, metrics = records.summary, records.summary.metrics
    epoch = records.best_epoch()
    facts = []
    if run.monitor and number(metrics.get(run.monitor)) is not None:
        facts.append(Fact(run.monitor, figure(number(metrics[run.monitor])), f"best, at epoch {epoch}"))
    others = [
        key
        for name in measures(records)
        if (key := f"val_{name}") != run.monitor and number(metrics.get(key)) is not None
    ]
    for key in others[:2]:
        facts.append(Fact(key, figure(number(metrics[key])), f"at epoch {epoch}"))
    facts += [fact for fact in (_linear(records), _gap(records)) if fact]
    done = run.last.get("epoch")
    if isinstance(done, int):
        planned = number(run.config.get("training.epochs"))
        of = f"of {planned:,.0f} planned" if planned is not None and planned != done else ""
        facts.append(Fact("epochs", f"{done:,}", of))
    each = run.seconds_per_epoch
    words = "" if each is None else f"{each:.2g} s an epoch"
    facts.append(Fact("time", duration(run.seconds), words))
    if run.parameters is not None:
        facts.append(Fact("parameters", f"{run.parameters:,}", _frozen(records)))
    return facts


def _frozen(records: Records) -> str:
    trained = records.run.trained_parameters
    return f"{trained:,} of them trained" if trained not in (None, records.summary.parameters) else ""


def _linear(records: Records) -> Fact | None:
    """The linear model on the same rows, in the main measure."""
    linear = records.run.baseline
    if linear is None:
        return None
    key = records.summary.monitor or ""
    key = key if key in linear.metrics else next((k for k in linear.metrics if k.startswith("val_")), "")
    value = figure(linear.metrics[key]) if key else "-"
    return Fact("linear model", value, linear.skipped or f"{key} of {linear.model} regression, same rows")


def _gap(records: Records) -> Fact | None:
    """The gap in the main measure at the best epoch."""
    run = records.summary
    name = main_measure(run.monitor or "", [name for name in measures(records) if name != "loss"])
    found = generalization_gap(run.metrics, name, better_of(records, name))
    if found is None:
        return None
    how = "training, evaluation mode" if found.evaluated else "training"
    return Fact("gap", figure(found.value), f"in {name}; {how} {figure(found.training)}")


def data_words(records: Records) -> str:
    """`digits 1x8x8: 1,079 train, 359 validation, 359 test`."""
    data = records.run.data
    if data.in_shape is None or not data.rows:
        return ""
    features = counted(data.in_shape[0], "feature") if data.in_shape else ""
    size = "x".join(str(n) for n in data.in_shape) if len(data.in_shape) > 1 else features
    parts = ", ".join(f"{n:,} {part}" for part, n in data.rows.items())
    return f"{data.name} {size}: {parts}"


def environment(records: Records) -> list[tuple[str, str]]:
    """Where and with what the run was made."""
    run = records.run
    found: list[tuple[str, Any]] = [
        ("Command", run.command),
        ("Folder", run.folder),
        ("Data", data_words(records)),
        ("Fingerprint of the data", run.data.fingerprint),
        ("Seed", records.summary.seed),
        ("Versions", _listed(run.versions)),
        ("Device", _listed({key.replace("_", " "): value for key, value in run.device.items()}, "type")),
        ("Threads", run.threads),
        ("Host", run.host),
        ("Git", _listed(run.git)),
        *((key.capitalize(), when(value)) for key, value in run.times.items() if value not in _EMPTY),
        ("Ended because", run.reason),
    ]
    return [(name, str(value)) for name, value in found if value not in (None, "")]


def when(value: Any) -> str:
    """`2026-11-22 10:10:06 UTC` of an ISO time."""
    return str(value)[:19].replace("T", " ") + (" UTC" if str(value).endswith("+00:00") else "")


def _listed(facts: Mapping[str, Any], alone: str = "") -> str:
    """`numpy 2.1, torch 2.9`; of the fact `alone` the value only. Empty facts are left out."""
    shown = ((key, value) for key, value in facts.items() if value not in _EMPTY)
    return ", ".join(f"{value}" if key == alone else f"{key} {value}" for key, value in shown)
