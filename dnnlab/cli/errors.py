"""No tracebacks for users: exceptions become `DnnlabError`, errors become lines and an exit code."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..data.progress_notes import listener
from ..engine.stop import halt_status
from ..errors import DnnlabError, Problem
from ..render.terminal.result_writer import Answers
from ..render.terminal.streams import Streams
from ..render.terminal.text import INDENT, labelled
from .context import Context
from .signals import Interrupts

COMPLETE = "the run itself is whole"  # only the answer is lost


def new_answers(quiet: bool = False, as_json: bool = False) -> Answers:
    """The writer of a command's results, on stdout and stderr."""
    return Answers(Streams(), quiet, as_json)


def unexpected(error: Exception, run: Path | None = None) -> DnnlabError:
    """A fault of dnnlab in one line.

    The traceback goes into the log.txt of the run, and to stderr with DNNLAB_DEBUG=1.
    """
    if os.environ.get("DNNLAB_DEBUG"):
        traceback.print_exception(error)
    fix = "DNNLAB_DEBUG=1 shows where"
    if run is not None:
        with (
            suppress(OSError),
            (run / "log.txt").open("a", encoding="utf-8", errors="backslashreplace") as log,
        ):
            log.write("".join(traceback.format_exception(error)))
            fix = f"{run / 'log.txt'} says where"
    words = str(error).strip().splitlines()
    what = f"{type(error).__name__}: {words[0]}" if words else type(error).__name__
    return DnnlabError(Problem(f"dnnlab failed: {what}", "this is a bug", fix, code="bug"))


def guarded(context: Context, action: Callable[[], Any]) -> int:
    """Run a command with its signal handlers, and print notes while it waits; the exit code."""
    given = context.params
    as_json = bool(given.get("json")) or given.get("format") == "json"
    answers = context.answers = new_answers(bool(given.get("quiet")), as_json)
    interrupts = context.interrupts = Interrupts()
    before = listener.set(
        lambda text: answers.say(labelled("note", text, indent=INDENT, width=answers.streams.err.width))
    )
    try:
        with interrupts:
            return action() or 0
    except DnnlabError as error:
        found = error
    except KeyboardInterrupt as error:
        code = halt_status(error).exit_code
        answers.stopped(f"interrupted; {COMPLETE if interrupts.begun else context.obj}", code)
        return code
    except Exception as error:
        found = unexpected(error)
    finally:
        listener.reset(before)
    answers.refused(found, COMPLETE if interrupts.begun else context.obj)
    return found.exit_code
