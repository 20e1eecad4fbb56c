"""Facts about a training that its screen needs, read once when it starts."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from ...commands.train.events import Started
from ...config import Config
from ...config.peak_rate import peak_rate, rate_changes, typed
from ...registry import find
from ...rundir.generalization_gap import main_measure


@dataclass(frozen=True)
class RunFacts:
    """The plan of a training and the names of what it measures."""

    epochs: int
    """Planned epochs."""
    steps_per_epoch: int
    """Optimizer steps in an epoch."""
    rows: int
    """Training rows."""
    metrics: tuple[str, ...] = ()
    """Names of the metrics, in order."""
    main: str = "loss"
    """The metric shown first: the monitor's, without its prefix."""
    better: str = "min"
    """Whether "min" or "max" of `main` is better."""
    monitor: str = "val_loss"
    """The measure by which the best epoch is chosen."""
    validated: bool = True
    """Whether there is a validation split."""
    averages: tuple[str, ...] = ()
    """Suffixes of the averaged weights' metrics."""
    keeps_best: bool = True
    """Whether the final weights are those of the best epoch."""
    tested: bool = False
    """Whether there is a test split."""
    halved: str = ""
    """KEY=VALUE that halves the learning rate; "" if there is no rate."""
    tenth: str = ""
    """KEY=VALUE that divides the learning rate by ten; "" if there is no rate."""
    batch_size: int = 32
    """Rows in a batch."""
    seconds: float = 0.0
    """Training time before this process."""


def run_facts(started: Started) -> RunFacts:
    """Read the facts from a session that is about to train."""
    session = started.built.session
    plan = session.plan
    metrics = tuple(session.metrics())
    main = main_measure(plan.monitor, metrics)
    entry = find("metrics", main)
    return RunFacts(
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
    """`optimizer.lr=0.0005`: the learning rate times a factor, rounded to two digits; "" without a rate."""
    lr = peak_rate(config)[1]
    changes = rate_changes(config, float(f"{lr * factor:.2g}")) if lr else {}
    return shlex.join(typed(changes))
