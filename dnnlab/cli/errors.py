"""No tracebacks for users: exceptions become `DnnlabError`, errors become lines and an exit code."""

from __future__ import annotations

import errno
import os
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..data.progress_notes import listener
from ..engine.stop import halt_status
from ..errors import DnnlabError, OutOfMemoryError, Problem, StorageError, UsageError
from ..render.terminal.result_writer import ResultWriter
from ..render.terminal.streams import Streams
from ..render.terminal.text import INDENT, labelled
from .context import Context
from .signals import Interrupts

COMPLETE = "the run itself is whole"  # only the answer is lost


def new_answers(quiet: bool = False, as_json: bool = False) -> ResultWriter:
    """The writer of a command's results, on stdout and stderr."""
    return ResultWriter(Streams(), quiet, as_json)


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


def machine_trouble(error: Exception) -> DnnlabError | None:
    """What the machine refused, wherever it did so; None for faults of dnnlab."""
    if isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE):
        expected, fix = "expected room for a few dozen", "raise the limit: `ulimit -n 1024`"
        return StorageError(Problem("too many open files", expected, fix, code="storage"))
    if isinstance(error, FileNotFoundError) and _stands_nowhere():
        text, expected = "the working folder was removed", "expected to stand in a folder that is there"
        return UsageError(Problem(text, expected, "cd to a folder", code="no_folder"))
    words = str(error).strip().partition("\n")[0]
    if isinstance(error, MemoryError) or "can't allocate memory" in words:
        text = f"no memory left: {words or 'the machine refused more'}"
        fix = "take fewer rows (data.limit) or a smaller net"
        return OutOfMemoryError(Problem(text, "expected what fits", fix, code="out_of_memory"))
    return None


def _stands_nowhere() -> bool:
    try:
        Path.cwd()
    except OSError:
        return True
    return False


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
        found = machine_trouble(error) or unexpected(error)
    finally:
        listener.reset(before)
    answers.refused(found, COMPLETE if interrupts.begun else context.obj)
    return found.exit_code
