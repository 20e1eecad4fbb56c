"""One training from its first event to its end: the screen hears the events, signals and errors become an `Outcome`."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from ..commands.train.events import Finished, Note, Started
from ..config import Config
from ..engine.records import Epoch
from ..engine.runtime import prepare
from ..errors import DnnlabError
from ..render.screens.run_facts import RunFacts, run_facts
from ..render.screens.train import TrainScreen
from ..render.terminal.result_writer import Answers
from .errors import unexpected
from .signals import EXIT, Halt, Interrupts, Stop

Events = Generator[Any, None, None]


@dataclass
class Outcome:
    """How a training went.

    path, facts: None where it never began. extendable: whether more epochs would leave those that were as
    they are. over: no epoch is left. result: the JSON face, where the training came to its own end. error,
    halted: what ended it otherwise.
    """

    path: Path | None = None
    facts: RunFacts | None = None
    extendable: bool = False
    over: bool = False
    result: dict[str, Any] | None = None
    reason: str = ""
    error: DnnlabError | None = None
    halted: Halt | None = None

    @property
    def exit_code(self) -> int:
        """What the process is to end with."""
        if self.error is not None:
            return self.error.exit_code
        if self.halted is not None:
            return self.halted.exit_code
        return EXIT.get(str(self.result["status"]), 0) if self.result is not None else 1


def train_once(
    config: Config, runs_dir: Path, answers: Answers, interrupts: Interrupts, brief: bool = False
) -> Outcome:
    """One run of a checked config. Only here is torch imported.

    brief: leave out what the run before has shown.
    """
    prepare()
    from ..commands.train.resume import depends_on_total
    from ..commands.train.train import train
    from ..engine.session import Stop

    stop = Stop()
    screen = None if answers.quiet else TrainScreen(answers.streams.err, brief)
    events = cast("Events", train(config, runs_dir, stop=stop))
    return drive(events, stop, screen, interrupts, lambda c: not depends_on_total(c))


def drive(
    events: Events,
    stop: Stop,
    screen: TrainScreen | None,
    interrupts: Interrupts,
    extendable: Callable[[Any], bool],
) -> Outcome:
    """Drain the events of a training into the screen. extendable: asked once, with the config."""
    outcome = Outcome()
    asked = False
    try:
        for event in events:
            if type(event) is Started:
                interrupts.stop, interrupts.begun = stop, True
                outcome.path, outcome.facts, outcome.extendable = (
                    event.path,
                    run_facts(event),
                    extendable(event.config),
                )
            elif type(event) is Epoch:
                outcome.over = event.final
            elif type(event) is Finished:
                outcome.result, outcome.reason = event.result, event.reason
            if screen is not None:
                show(screen, event, events)
                if stop.status is not None and not asked:
                    asked = True
                    show(
                        screen,
                        Note(f"{stop.status}: saving a checkpoint; the same again ends at once"),
                        events,
                    )
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


def show(screen: TrainScreen, event: Any, events: Events) -> None:
    """Hand an event to the screen; a fault of the screen ends the training with the status `failed`, not as if it had been killed."""
    try:
        screen(event)
    except Exception as error:
        events.throw(error)
        raise
