"""`dnnlab report`: the page of a run, written as one HTML file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...rundir import find_run
from ...rundir.atomic import storing, write_text
from ..doctor.doctor import digits
from ..output_file import checked_out
from .records import read_records

NAME = "report.html"
SUFFIXES = (".html", ".htm")


@dataclass(frozen=True)
class Report:
    """path: the file. run: the run's folder. size: of the file in bytes.

    left_out: what the page could not show; problems: what is damaged.
    """

    path: Path
    run: Path
    size: int
    left_out: tuple[str, ...]
    problems: tuple[str, ...]

    def json(self) -> dict[str, object]:
        """The JSON face."""
        return {
            "file": str(self.path),
            "run": str(self.run),
            "bytes": self.size,
            "left_out": list(self.left_out),
            "problems": list(self.problems),
        }


def report(
    word: str,
    runs_dir: Path,
    out: Path | None = None,
    *,
    called: str = "",
    no_data: bool = False,
    trust_plugins: bool = False,
) -> Report:
    """Write the page of a run, by default as report.html into its folder, where it replaces an earlier one; nothing else changes.

    called: RUN for the commands that the page proposes, by default its six digits. no_data: do not read the
    data. Raises `RunError` for a run that is not there, `UsageError` for a place that cannot be,
    `StorageError`.
    """
    run = find_run(word, runs_dir)
    path = run / NAME if out is None else checked_out(out, SUFFIXES)
    from .page import make_page

    records = read_records(run)
    made = make_page(
        records, called or digits(records.run.name), no_data=no_data, trust_plugins=trust_plugins
    )
    with storing(path):
        write_text(path, made.html)
    return Report(path, run, path.stat().st_size, tuple(made.left_out), tuple(records.problems))
