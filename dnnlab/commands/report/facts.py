"""What stands at the top and at the end of a run's page: its numbers in short, its machine, its versions."""

from __future__ import annotations

from typing import Any

from ...report.figures import counted, duration, figure
from ...report.sections import Fact
from ...rundir.summary import number
from .curves import measures
from .records import Records


def top_facts(records: Records) -> list[Fact]:
    """The monitor at its best, the other measures there, how far apart training and validation are, size and time."""
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
    gap = _gap(records)
    if gap:
        facts.append(gap)
    done = run.last.get("epoch")
    if isinstance(done, int):
        planned = number(run.config.get("training.epochs"))
        of = f"of {planned:,.0f} planned" if planned is not None and planned != done else ""
        facts.append(Fact("epochs", f"{done:,}", of))
    facts.append(Fact("time", duration(run.seconds), _each(run.seconds_per_epoch)))
    if run.parameters is not None:
        facts.append(Fact("parameters", f"{run.parameters:,}", _frozen(records)))
    return facts


def _each(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.2g} s an epoch"


def _frozen(records: Records) -> str:
    counted_all = records.view.meta.get("parameters")
    trained = counted_all.get("trained") if isinstance(counted_all, dict) else None
    total = records.summary.parameters
    return f"{trained:,} of them trained" if isinstance(trained, int) and trained != total else ""


def _gap(records: Records) -> Fact | None:
    """Training against validation in the main measure."""
    run = records.summary
    name = (run.monitor or "").removeprefix("val_").removeprefix("train_")
    metrics = run.metrics
    again = number(metrics.get(f"train_eval_{name}"))
    train, validation = (
        again if again is not None else number(metrics.get(f"train_{name}")),
        number(metrics.get(f"val_{name}")),
    )
    if train is None or validation is None:
        return None
    how = "training" if again is None else "training, evaluation mode"
    return Fact("gap", figure(abs(train - validation)), f"{how} {figure(train)}")


def data_words(records: Records) -> str:
    """`digits 1x8x8: 1,079 train, 359 validation, 359 test`."""
    described = records.described
    shape, rows = described.get("in_shape"), described.get("rows")
    if not isinstance(shape, list) or not isinstance(rows, dict):
        return ""
    size = (
        "x".join(str(n) for n in shape)
        if len(shape) > 1
        else counted(shape[0], "feature")
        if shape and isinstance(shape[0], int)
        else ""
    )
    parts = ", ".join(f"{n:,} {part}" for part, n in rows.items() if isinstance(n, int))
    return f"{described.get('name', '')} {size}: {parts}"


def environment(records: Records) -> list[tuple[str, str]]:
    """Where and with what the run was made."""
    meta = records.view.meta
    found: list[tuple[str, Any]] = [
        ("Command", meta.get("command")),
        ("Folder", meta.get("folder")),
        ("Data", data_words(records)),
    ]
    found += [
        ("Fingerprint of the data", records.described.get("fingerprint")),
        ("Seed", records.summary.seed),
    ]
    versions, device, times, git = (_mapping(meta.get(key)) for key in ("versions", "device", "times", "git"))
    found.append(("Versions", ", ".join(f"{name} {version}" for name, version in versions.items())))
    found.append(
        (
            "Device",
            ", ".join(
                f"{value}" if key == "type" else f"{key.replace('_', ' ')} {value}"
                for key, value in device.items()
            ),
        )
    )
    found += [("Threads", meta.get("threads")), ("Host", meta.get("host"))]
    found += [("Git", ", ".join(f"{key} {value}" for key, value in git.items()))]
    found += [(key.capitalize(), when(value)) for key, value in times.items()]
    found += [("Ended because", meta.get("reason"))]
    return [(name, str(value)) for name, value in found if value not in (None, "")]


def when(value: Any) -> str:
    """`2026-11-22 10:10:06 UTC` of an ISO time."""
    return str(value)[:19].replace("T", " ") + (" UTC" if str(value).endswith("+00:00") else "")


def _mapping(value: Any) -> dict[str, Any]:
    return (
        {str(key): item for key, item in value.items() if item not in (None, "", [], {})}
        if isinstance(value, dict)
        else {}
    )
