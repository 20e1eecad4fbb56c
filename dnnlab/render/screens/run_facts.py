"""What the screen needs to know of a training, read once when it starts."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from ...commands.train.events import Started
from ...config import Config
from ...config.peak_rate import peak_rate, rate_changes, typed
from ...registry import find


@dataclass(frozen=True)
class Facts:
    """metrics: their names in order; main: the measure of the monitor without its prefix; better: "max" or "min" of main.

    averages: suffixes of the averaged weights. rows: training rows. seconds: of training before this process.
    halved, tenth: KEY=VALUE that make the learning rate so much lower, "" where there is none.
    """

    epochs: int
    steps_per_epoch: int
    rows: int
    metrics: tuple[str, ...] = ()
    main: str = "loss"
    better: str = "min"
    monitor: str = "val_loss"
    validated: bool = True
    averages: tuple[str, ...] = ()
    keeps_best: bool = True
    tested: bool = False
    halved: str = ""
    tenth: str = ""
    batch_size: int = 32
    seconds: float = 0.0


def facts_of(started: Started) -> Facts:
    """Read the facts from a session that is about to train."""
    session = started.built.session
    plan = session.plan
    metrics = tuple(session.metrics())
    main = main_measure(plan.monitor, metrics)
    entry = find("metrics", main)
    return Facts(
        epochs=plan.epochs,
        steps_per_epoch=session.steps_per_epoch,
        rows=len(session.train),
        metrics=metrics,
        main=main,
        better="min" if entry is None else entry.flags["better"],
        monitor=plan.monitor,
        validated=session.validation is not None,
        averages=tuple(a.suffix for a in session.averages),
        keeps_best=session.stopper is None or session.stopper.restore_best,
        tested="test" in started.built.described["rows"],
        halved=lower_rate(started.config, 0.5),
        tenth=lower_rate(started.config, 0.1),
        batch_size=plan.batch_size,
        seconds=session.progress.seconds,
    )


def lower_rate(config: Config, factor: float) -> str:
    """`optimizer.lr=0.0005`: the learning rate times a factor, with two figures at most; "" where there is none."""
    lr = peak_rate(config)[1]
    changes = rate_changes(config, float(f"{lr * factor:.2g}")) if lr else {}
    return shlex.join(typed(changes))


def main_measure(monitor: str, metrics: tuple[str, ...]) -> str:
    """The metric to show: the monitor's where it is one, else the first, else the loss."""
    word = monitor.removeprefix("val_").removeprefix("train_")
    named = [m for m in metrics if word == m or word.startswith(f"{m}_")]
    return max(named, key=len) if named else metrics[0] if metrics else "loss"
