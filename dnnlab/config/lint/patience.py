"""Patience that does not run out before training ends."""

from __future__ import annotations

from collections.abc import Iterator

from ..config import Config
from ..finding import Finding
from ..sections import Experiment
from .layers import stopping

_SOURCE = (
    "Prechelt 1998, Early stopping - but when?; "
    "Geron, Hands-On Machine Learning, ch. 11 (performance scheduling)"
)


def patience_too_long(config: Config) -> Iterator[Finding]:
    """A patience, or a cooldown, beyond the last epoch: the rate is never reduced, training never stopped.

    The first measurement is always an improvement. With one every epoch a patience of n runs out after epoch
    n + 1 at the earliest.
    """
    x = config.experiment
    epochs, every = x.training.epochs, _measured_every(x)
    # From the first measurement to the last one before the end.
    room = every * ((epochs - 1) // every) - every
    for address, part in {"schedule": x.schedule, **stopping(x.regularizers)}.items():
        path, patience, cooldown = (
            f"{address}.patience",
            part.keys.get("patience"),
            part.keys.get("cooldown", 0),
        )
        if patience is None:
            continue
        if patience > room:
            reason = (
                f"{part.name} waits for so many epochs without an improvement, "
                "which is never over before the last one"
            )
            yield Finding(
                "patience_too_long",
                path,
                _seen("patience", patience, epochs, every),
                reason,
                _fix(path, x, every, room),
                _SOURCE,
            )
        elif cooldown >= epochs:
            fix = f"write `schedule.cooldown: {epochs // 5}` or train longer"
            reason = "the rate falls once at most, since training ends before the cooldown does"
            yield Finding(
                "patience_too_long",
                "schedule.cooldown",
                _seen("cooldown", cooldown, epochs),
                reason,
                fix,
                _SOURCE,
            )


def _measured_every(x: Experiment) -> int:
    """Epochs between two values of the monitor; measures of the training rows are taken in every epoch."""
    monitor = x.training.monitor
    training = monitor.startswith("train_") or (monitor == "auto" and x.data.common["validation"] is None)
    return 1 if training else int(x.training.eval_every)


def _seen(word: str, number: int, epochs: int, every: int = 1) -> str:
    measured = f" that measures every {every} epochs" if every > 1 else ""
    return f"a {word} of {number} in a training of {epochs} epoch{'s' if epochs != 1 else ''}{measured}"


def _fix(path: str, x: Experiment, every: int, room: int) -> str:
    """The advice: a patience that runs out in time; if there is none, more measurements or more epochs."""
    epochs, patience = x.training.epochs, max(1, x.training.epochs // 5)
    if room >= 1:
        return f"write `{path}: {min(patience, room)}` or train longer"
    if every > 1 and epochs > 2:
        return f"write `training.eval_every: 1` and `{path}: {min(patience, epochs - 2)}`, or train longer"
    return f"write `{path}: 1` and `training.epochs: {2 * every + 1}` or more"
