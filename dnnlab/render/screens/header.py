"""The block above the table: data, network, training, what stops it, where it runs."""

from __future__ import annotations

from typing import Any

from ...commands.train.events import Started
from ...rundir.run_record import read_record
from ..terminal.config_text import architecture_words, initializer_words, part_words, value_words
from ..terminal.numbers import counted
from ..terminal.text import labelled
from .reuse import reuse_labels

INDENT = 11


def header_lines(started: Started, width: int, brief: bool = False) -> list[str]:
    """The lines of the header.

    brief: leave out what the run before has shown (runs that differ only in the seed).
    """
    built, config = started.built, started.config
    parts: list[tuple[str, str, str]] = []
    if not brief:
        parts += [("data" if i == 0 else "", line, "") for i, line in enumerate(built.data.description)]
        parts.append(network(started))
        parts += [(label, text, "") for label, text in reuse_labels(read_record(started.path).reuse)]
        parts.append(("training", training(started), ""))
        parts += [
            (label, words, "")
            for label, words in (("regular.", regularizers(started)), ("stops", stops(started)))
            if words
        ]
    parts.append(("on", place(started), ""))
    if not brief:
        parts += [("warning", f"{f.text}: {f.reason}; {f.fix} ({f.code})", "") for f in config.findings]
        parts += [("note", note, "") for note in config.notes]
    parts.append(("run", str(started.path), "Ctrl-C saves; then resume"))
    lines = []
    for label, text, right in parts:
        lines += labelled(label, text, indent=INDENT, width=width, right=right, whole=label == "run")
    return lines


def network(started: Started) -> tuple[str, str, str]:
    """Label, words and the count of parameters."""
    x, built = started.config.experiment, started.built
    words = [architecture_words(x.architecture), part_words(x.activation)]
    words += (
        [initializer_words(built.initializers, x.initializer == "auto", x.activation)]
        if built.initializers
        else []
    )
    words += [f"{part_words(x.normalization)} normalization"] if x.normalization is not None else []
    words += (
        [f"other settings for {', '.join(pattern.text for pattern in x.per_layer)}"] if x.per_layer else []
    )
    total = sum(p.numel() for p in built.session.net.parameters())
    trained = sum(p.numel() for p in built.session.parameters)
    count = (
        counted(total, "parameter")
        if trained == total
        else f"{trained:,} of {counted(total, 'parameter')} trained"
    )
    return "network", ", ".join(words), count


def training(started: Started) -> str:
    """`nadam lr 5e-05, constant; batch 32, up to 100 epochs of 1,407 steps`."""
    x, plan, config = started.config.experiment, started.built.session.plan, started.config
    shown = ("lr",) if x.schedule.keys.get("max_lr") is None else ()  # beside max_lr only a written lr acts
    words = [
        part_words(x.optimizer, always=shown, written=lambda key: config.written(f"optimizer.{key}")),
        part_words(x.schedule),
    ]
    words += (
        [f"clipped by {part_words(x.gradient_clipping, bare=True)}"]
        if x.gradient_clipping is not None
        else []
    )
    batch = "full batch" if x.training.batch_size == "full" else f"batch {plan.batch_size}"
    batch += f" x {plan.accumulate}" if plan.accumulate > 1 else ""
    cut_short = started.built.session.stopper is not None or plan.max_seconds is not None
    epochs = f"{'up to ' if cut_short else ''}{counted(plan.epochs, 'epoch')}"
    return (
        f"{', '.join(words)}; {batch}, {epochs} of {counted(started.built.session.steps_per_epoch, 'step')}"
    )


def regularizers(started: Started) -> str:
    """The regularizers that do not stop the training, and the augmentations, which regularize too."""
    bounds = [b for b in started.built.regularizers.values() if b.flag("effect") != "stop"]
    augment: list[Any] = started.config.experiment.data.common.get("augment") or []
    return ", ".join(
        [
            *(part_words(b, bare=True) for b in bounds),
            *(f"augment {part_words(b, bare=True)}" for b in augment),
        ]
    )


def stops(started: Started) -> str:
    """What ends the training before its epochs are over."""
    from ...engine.session import (
        DescribedStopper,  # here, since a screen that shows no training needs no torch
    )

    session = started.built.session
    words = []
    if isinstance(session.stopper, DescribedStopper):
        names = [name for name, b in started.built.regularizers.items() if b.flag("effect") == "stop"]
        words.append(f"{', '.join(names)}: {session.stopper.words(session.plan.monitor)}")
    if session.plan.max_seconds is not None:
        words.append(f"max_minutes {value_words(session.plan.max_seconds / 60)}")
    return "; ".join(words)


def place(started: Started) -> str:
    """`cpu, 2 threads, fp32, seed 42`."""
    x, built = started.config.experiment, started.built
    words = [str(built.session.device)]
    words += [counted(built.threads, "thread")] if built.session.device.type == "cpu" else []
    words += [x.training.precision, f"seed {built.session.plan.seed}"]
    words += ["compiled"] if x.training.compile else []
    return ", ".join(words)
