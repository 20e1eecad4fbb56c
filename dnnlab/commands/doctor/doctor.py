"""Read the records of a run, apply the rules, and write the verdicts into its folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...diagnose import Diagnosis, judge
from ...errors import Problem, RunError
from ...rundir import RunFolder, RunStatus, digits, find_run
from ...rundir.run_record import VERDICTS, RunRecord, read_record
from .read_records import records_of


@dataclass(frozen=True)
class Examined:
    """A run and its verdicts."""

    path: Path
    """The run folder."""
    status: RunStatus
    """The status of the run."""
    monitor: str
    """The metric that selects the best epoch."""
    epochs: int
    """The number of finished epochs."""
    best: dict[str, Any]
    """{epoch, metrics} of the best epoch."""
    diagnosis: Diagnosis
    """The verdicts."""
    problems: tuple[str, ...] = ()
    """Descriptions of damaged and missing files."""

    def json(self) -> dict[str, Any]:
        """The JSON face of `doctor`."""
        answer = self.diagnosis.json()
        del answer["format"]
        return {"run": str(self.path), "status": self.status, **answer, "problems": list(self.problems)}


def examine(word: str, runs_dir: Path, called: str = "") -> Examined:
    """The verdicts on the run that RUN names; nothing is written.

    called: RUN in the proposed commands, by default the six digits of the run. Raises `RunError` if there is
    no such run, or if it has no records.
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


def write_verdicts(folder: RunFolder) -> None:
    """Write the verdicts on a run that has just ended into its folder.

    A failure becomes a note and does not change the result of the run.
    """
    try:
        answer = examined(read_record(folder.path)).diagnosis.json()
        folder.write_json(VERDICTS, answer)
    except Exception as error:
        folder.log(f"no verdicts: {type(error).__name__}: {error}")
