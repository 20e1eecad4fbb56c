"""One training from its first event to its exit code: the screen hears the events, signals and errors become an `Outcome`."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..commands.events import Finished, Note, Started
from ..engine.records import Epoch
from ..errors import DnnlabError, Problem, UsageError
from ..render.advice import after_failure, after_training
from ..render.answers import Answers
from ..render.facts import Facts, facts_of
from ..render.result import result_lines, run_word
from ..render.train import TrainScreen
from .signals import EXIT, Halt, Interrupts, Stop

Events = Iterator[Any]


@dataclass
class Outcome:
    """How a training went. path None: it never began. result: the JSON face, where it came to an end that is no error."""

    path: Path | None = None
    facts: Facts | None = None
    batch_size: int = 1
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


def drive(events: Events, stop: Stop, screen: TrainScreen | None, interrupts: Interrupts, extendable: Callable[[Any], bool]) -> Outcome:
    """Drain the events of a training into the screen. Errors and signals are in the outcome; only a `Halt` before the start is raised on."""
    outcome = Outcome()
    asked = False
    try:
        for event in events:
            if type(event) is Started:
                interrupts.stop = stop
                outcome.path, outcome.facts = event.path, facts_of(event)
                outcome.batch_size, outcome.extendable = event.built.session.plan.batch_size, extendable(event.config)
            elif type(event) is Epoch:
                outcome.over = event.final
            elif type(event) is Finished:
                outcome.result, outcome.reason = event.result, event.reason
            if screen is not None:
                show(screen, event, events)
                if not asked and stop.status is not None:
                    asked = True
                    screen(Note(f"{stop.status}: saving a checkpoint; the same again ends at once"))
    except DnnlabError as error:
        outcome.error = error
    except Halt as halt:
        outcome.halted = halt
    except Exception as error:
        outcome.error = unexpected(error, outcome.path)
    finally:
        interrupts.stop = None
        events.close()  # type: ignore[attr-defined]
        if screen is not None:
            screen.clear()
    return outcome


def show(screen: TrainScreen, event: Any, events: Events) -> None:
    """Hand an event to the screen; a fault of the screen ends the training with the status `failed`, not as if it had been killed."""
    try:
        screen(event)
    except Exception as error:
        events.throw(error)  # type: ignore[attr-defined]
        raise


def report(outcome: Outcome, answers: Answers, usual: bool, *, nothing: str = "nothing was created") -> int:
    """Say how a single training went, and return the exit code."""
    if outcome.path is None or outcome.facts is None:
        if outcome.error is not None:
            answers.refused(outcome.error, nothing)
        else:
            answers.stopped(f"interrupted; {nothing}", outcome.exit_code)
    elif outcome.result is not None and outcome.error is None:
        answers.result(outcome.result, lines_of(outcome, answers, usual), [str(outcome.path)])
    else:
        report_failure(outcome, answers, usual)
    return outcome.exit_code


def report_failure(outcome: Outcome, answers: Answers, usual: bool) -> None:
    """Say how a training that had begun came to a bad end."""
    assert outcome.path is not None
    word = run_word(outcome.path, usual)
    if outcome.error is not None:
        answers.failed(outcome.error, outcome.path, after_failure(outcome.error.code, outcome.facts, word, outcome.batch_size))
    else:
        words = f"ended at once; the last checkpoint stays: dnnlab resume {word}"
        answers.stopped(words, outcome.exit_code, {"run": str(outcome.path)})


def lines_of(outcome: Outcome, answers: Answers, usual: bool, advise: bool = True) -> list[str]:
    """The block below the table."""
    assert outcome.path is not None and outcome.facts is not None and outcome.result is not None
    word = run_word(outcome.path, usual)
    following = after_training(outcome.result, outcome.facts, word, outcome.over, outcome.extendable) if advise else []
    return result_lines(outcome.result, outcome.reason, outcome.facts, answers.streams.out.width, following)


def unexpected(error: Exception, run: Path | None = None) -> DnnlabError:
    """A fault of dnnlab as an error with one line; the traceback goes into the run's log.txt, or to stderr with DNNLAB_DEBUG=1."""
    if os.environ.get("DNNLAB_DEBUG"):
        traceback.print_exception(error)
    fix = "DNNLAB_DEBUG=1 shows where"
    if run is not None:
        with suppress(OSError), (run / "log.txt").open("a", encoding="utf-8", errors="backslashreplace") as log:
            log.write("".join(traceback.format_exception(error)))
            fix = f"{run / 'log.txt'} says where"
    words = str(error).strip().splitlines()
    what = f"{type(error).__name__}: {words[0]}" if words else type(error).__name__
    return DnnlabError(Problem(f"dnnlab failed: {what}", "this is a bug", fix, code="bug"))


def guarded(answers: Answers, action: Callable[[Interrupts], int], nothing: str = "nothing was created") -> int:
    """Run a command under the handlers; whatever it raises becomes lines and an exit code."""
    try:
        with Interrupts() as interrupts:
            return action(interrupts)
    except DnnlabError as error:
        answers.refused(error, nothing)
        return error.exit_code
    except KeyboardInterrupt as error:
        code = error.exit_code if isinstance(error, Halt) else 130
        answers.stopped(f"interrupted; {nothing}", code)
        return code
    except Exception as error:
        found = unexpected(error)
        answers.refused(found, nothing)
        return found.exit_code


__all__ = ["Events", "Outcome", "UsageError", "drive", "guarded", "lines_of", "report", "unexpected"]
