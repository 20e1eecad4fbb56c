"""Verdicts on a run: read from its folder, judged, kept in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...diagnose import Diagnosis, judge
from ...errors import Problem, RunError
from ...rundir import RunFolder, RunStatus, find_run
from ...rundir.run_record import RunRecord, read_record
from .read_records import records_of

FILE = "verdicts.json"


@dataclass(frozen=True)
class Examined:
    """A run and what the rules say of it. epochs: those that were finished. best: {epoch, metrics} of the monitor's best epoch."""

    path: Path
    status: RunStatus
    monitor: str
    epochs: int
    best: dict[str, Any]
    diagnosis: Diagnosis
    problems: tuple[str, ...] = ()

    def json(self) -> dict[str, Any]:
        """The JSON face of `doctor`."""
        told = self.diagnosis.json()
        del told["format"]
        return {"run": str(self.path), "status": self.status, **told, "problems": list(self.problems)}


def examine(word: str, runs_dir: Path, called: str = "") -> Examined:
    """Look at the run that RUN means; nothing is written. called: RUN for the commands that are proposed, by default its six digits.

    Raises `RunError` where there is no such run, or nothing in it says how it went.
    """
    return examined(read_record(find_run(word, runs_dir)), called)


def examined(run: RunRecord, called: str = "") -> Examined:
    """The same of a run that is being looked at."""
    name = run.name
    if not run.readable:
        text = f"{name} does not say how it went ({next(iter(run.problems), 'meta.json is empty')})"
        raise RunError(
            Problem(
                text, "expected a run with a readable meta.json", "look with `dnnlab runs`", code="damaged"
            )
        )
    records = records_of(run, called or digits(name))
    return Examined(
        run.path,
        run.status,
        records.monitor,
        records.epochs,
        run.best,
        judge(records),
        tuple(run.problems),
    )


def digits(name: str) -> str:
    """The six digits at the end of a run's name, or all of it: they mean the run on a command line."""
    last = name.rpartition("-")[2]
    return last if len(last) == 6 else name


def write_verdicts(folder: RunFolder) -> None:
    """Judge a run that has just ended and keep that in its folder; a fault here is noted and costs the run nothing."""
    try:
        told = examined(read_record(folder.path)).diagnosis.json()
        folder.write_json(FILE, told)
    except Exception as error:
        folder.log(f"no verdicts: {type(error).__name__}: {error}")
