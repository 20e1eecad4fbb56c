"""`repair`: what is damaged in the folder of a run or a sweep is set back, rebuilt, or said to be lost.

Of everything that is replaced the old file stays beside it. Nothing that is whole is touched, so that a
second repair finds nothing to do.
"""

from __future__ import annotations

from pathlib import Path

from ...rundir import find_run, is_sweep, list_runs, reopen
from ...rundir.reader import TRIALS
from .deeds import Deeds
from .run_files import repair_files


def repair(word: str, runs_dir: Path) -> Deeds:
    """Repair the run or the sweep that a word names; of a sweep its trials, too.

    Raises `RunError` if it is not there or a process works on it, and `StorageError`.
    """
    path = find_run(word, runs_dir, sweeps=True)
    deeds = Deeds(path)
    with reopen(path) as folder:
        for trial in sorted(list_runs(path / TRIALS)):
            with reopen(trial) as run:
                repair_files(run, deeds)
        repair_files(folder, deeds)
        if is_sweep(path):
            from .ledger import repair_ledger

            repair_ledger(folder, deeds)
    return deeds
