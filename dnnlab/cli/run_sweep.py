"""One sweep from its first event to its last: events go to the screen, then the results are printed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from ..commands.sweep.events import Begun, Over, SweepEvent, SweepEvents
from ..commands.train.events import Note
from ..engine.stop import Halt, Stop
from ..errors import DnnlabError
from ..render.screens.sweep import SweepScreen
from ..render.terminal.numbers import duration
from ..render.terminal.result_writer import ResultWriter
from ..render.terminal.text import INDENT, labelled
from .errors import unexpected
from .show_sweep import sweep_answer, sweep_word
from .signals import Interrupts


class Listener:
    """Hands the events of a sweep to the screen, and keeps its folder and its end."""

    def __init__(self, stop: Stop, screen: SweepScreen | None, interrupts: Interrupts) -> None:
        self.stop, self.screen, self.interrupts = stop, screen, interrupts
        self.path: Path | None = None
        self.over: Over | None = None

    def __call__(self, event: SweepEvent) -> None:
        """Take one event in. From `Begun` on, a signal asks the sweep to stop."""
        if isinstance(event, Begun):
            self.interrupts.stop, self.interrupts.begun, self.path = self.stop, True, event.path
        elif isinstance(event, Over):
            self.over = event
        if self.screen is not None:
            self.screen(event)

    def clear(self) -> None:
        """Take the moving line away."""
        if self.screen is not None:
            self.screen.clear()


def run_sweep(events_of: Callable[[Stop], SweepEvents], answers: ResultWriter, interrupts: Interrupts) -> int:
    """Drain a sweep into the screen, print its results, and return the exit code.

    events_of: from the request to stop, which signals set, to the events.
    """
    stop = Stop()
    listener = Listener(stop, None if answers.quiet else SweepScreen(answers.streams.err), interrupts)
    events = events_of(stop)
    try:
        for event in with_stop_note(events, stop):
            listener(event)
        if listener.over is None:
            raise RuntimeError("the events of a sweep ended without Over")
        return finish(listener.over, answers)
    except DnnlabError as error:
        failure: DnnlabError = error
    except Halt as halt:
        if listener.path is None:
            raise
        listener.clear()
        text = f"ended at once; what was saved stays: dnnlab resume {sweep_word(listener.path)}"
        answers.stopped(text, halt.exit_code, listener.path)
        return halt.exit_code
    except Exception as error:
        failure = unexpected(error, listener.path)
    finally:
        interrupts.stop = None
        events.close()
        listener.clear()
    if listener.path is None:
        raise failure
    answers.failed(failure, listener.path, [f"dnnlab resume {sweep_word(listener.path)}"])
    return failure.exit_code


def with_stop_note(events: SweepEvents, stop: Stop) -> Iterator[SweepEvent]:
    """The events, and a note after the first event at which the sweep was asked to stop."""
    noted = False
    for event in events:
        yield event
        if stop.status is not None and not noted:
            noted = True
            yield Note(f"{stop.status}: saving all runs; the same again ends at once")


def finish(event: Over, answers: ResultWriter) -> int:
    """Print what `dnnlab show SWEEP` prints; a finished sweep keeps its page and picture in its folder."""
    width = answers.streams.out.width
    answer, lines = sweep_answer(event.path, answers, keep=event.status in ("done", "failed"))
    place = labelled(
        "sweep", str(event.path), indent=INDENT, width=width, right=time_taken(event), whole=True
    )
    answers.result(answer, ["", *lines, *place], [str(event.path)])
    return event.exit_code


def time_taken(event: Over) -> str:
    """`done in 12 s, 98 trials/min`."""
    text = f"{'done in' if event.status == 'done' else 'after'} {duration(event.seconds)}"
    return f"{text}, {event.rate:,.0f} trials/min" if event.rate else text
