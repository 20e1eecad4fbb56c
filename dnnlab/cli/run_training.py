"""One training: its events go to the screen, errors and signals become an `Outcome`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from ..commands.train.events import Finished, Note, Started, TrainEvent, TrainEvents
from ..config import Config
from ..engine.records import Epoch
from ..engine.runtime import prepare
from ..engine.stop import Halt, Stop
from ..errors import DnnlabError
from ..render.screens.run_facts import RunFacts, run_facts
from ..render.screens.train import TrainScreen
from ..rundir.status import RunStatus
from .context import Context
from .errors import unexpected
from .signals import Interrupts


@dataclass
class Outcome:
    """How a training went."""

    path: Path | None = None
    """The run folder; None, like `facts`, if the training never began."""
    facts: RunFacts | None = None
    extendable: bool = False
    """Whether more epochs would leave the epochs so far as they are."""
    over: bool = False
    """Whether no epoch is left."""
    result: dict[str, Any] | None = None
    """The result as JSON, if the training came to its own end."""
    reason: str = ""
    error: DnnlabError | None = None
    """The error that ended the training."""
    halted: Halt | None = None
    """The signal that ended the training at once."""

    @property
    def exit_code(self) -> int:
        """The exit code of the process."""
        if self.error is not None:
            return self.error.exit_code
        if self.halted is not None:
            return self.halted.exit_code
        return 1 if self.result is None else RunStatus(self.result["status"]).exit_code

    def note(self, event: TrainEvent, extendable: Callable[[Config], bool]) -> None:
        """Keep what an event says about the training. extendable: asked once, with the config."""
        match event:
            case Started():
                self.path, self.facts = event.path, run_facts(event)
                self.extendable = extendable(event.config)
            case Epoch():
                self.over = event.final
            case Finished():
                self.result, self.reason = event.result, event.reason
            case _:
                pass


T = TypeVar("T")


def known(value: T | None) -> T:
    """A field of an outcome that its other fields imply."""
    if value is None:
        raise RuntimeError("the outcome of a training lacks a field")
    return value


def train_once(context: Context, config: Config, runs_dir: Path, brief: bool = False) -> Outcome:
    """One run of a checked config. Only here is torch imported.

    brief: leave out what the run before has shown.
    """
    prepare()
    from ..commands.train.resume import depends_on_total
    from ..commands.train.train import train

    stop = Stop()
    answers = context.answers
    screen = None if answers.quiet else TrainScreen(answers.streams.err, brief)
    events = train(config, runs_dir, stop=stop)
    return run_training(events, stop, screen, context.interrupts, lambda config: not depends_on_total(config))


def run_training(
    events: TrainEvents,
    stop: Stop,
    screen: TrainScreen | None,
    interrupts: Interrupts,
    extendable: Callable[[Config], bool],
) -> Outcome:
    """Drain the events of a training into the screen; errors and signals become part of the outcome."""
    outcome = Outcome()
    try:
        for event in with_stop_note(events, stop):
            if isinstance(event, Started):
                interrupts.stop, interrupts.begun = stop, True
            outcome.note(event, extendable)
            if screen is not None:
                show(screen, event, events)
    except DnnlabError as error:
        outcome.error = error
    except Halt as halt:
        outcome.halted = halt
    except Exception as error:
        outcome.error = unexpected(error, outcome.path)
    finally:
        interrupts.stop = None
        events.close()
        if screen is not None:
            screen.clear()
    return outcome


def with_stop_note(events: TrainEvents, stop: Stop) -> Iterator[TrainEvent]:
    """The events, and a note after the first event at which the training was asked to stop."""
    noted = False
    for event in events:
        yield event
        if stop.status is not None and not noted:
            noted = True
            yield Note(f"{stop.status}: saving a checkpoint; the same again ends at once")


def show(screen: TrainScreen, event: TrainEvent, events: TrainEvents) -> None:
    """Hand an event to the screen.

    An error of the screen ends the training with the status `failed`, not as if the training had been killed.
    """
    try:
        screen(event)
    except Exception as error:
        events.throw(error)
        raise
