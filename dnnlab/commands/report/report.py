"""Write the page of a run as one HTML file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...rundir import digits, find_run
from ...rundir.atomic import storing, write_text
from ..output_file import PAGES, checked_out
from .records import read_records

NAME = "report.html"


@dataclass(frozen=True)
class Report:
    """A page that was written."""

    path: Path
    """The file."""
    run: Path
    """The run folder."""
    size: int
    """The size of the file in bytes."""
    left_out: tuple[str, ...]
    """Sentences about the content that the page could not show."""
    problems: tuple[str, ...]
    """Descriptions of damaged files of the run."""

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
    """Write the page of a run, by default as report.html into its folder.

    An earlier page is replaced; no other file is changed. called: RUN in the proposed commands, by default
    the six digits of the run. no_data: do not read the data. Raises `RunError` for a missing run,
    `UsageError` for an impossible path, `StorageError`.
    """
    run = find_run(word, runs_dir)
    path = run / NAME if out is None else checked_out(out, PAGES)
    from .page import make_page

    records = read_records(run)
    made = make_page(
        records, called or digits(records.run.name), no_data=no_data, trust_plugins=trust_plugins
    )
    with storing(path):
        write_text(path, made.html)
    return Report(path, run, path.stat().st_size, tuple(made.left_out), tuple(records.problems))
