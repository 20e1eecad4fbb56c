"""A case trained in a folder of its own, and what the rules say of it."""

from __future__ import annotations

from pathlib import Path

import yaml
from sick.trainings import Case, tables

from dnnlab.commands.doctor.doctor import examined
from dnnlab.commands.load_config import load_source
from dnnlab.commands.train.train import train
from dnnlab.config import load
from dnnlab.diagnose import Diagnosis
from dnnlab.errors import DivergedError
from dnnlab.rundir import RunView, list_runs, read_run
from dnnlab.rundir.run_record import RunRecord


def trained(case: Case, folder: Path, seed: int) -> RunView:
    """Train a case with its seed; a run that diverges is a run, too."""
    tables(folder, seed)
    config = folder / f"{case.name}.yaml"
    config.write_text(yaml.safe_dump({**case.config, "seed": seed}, sort_keys=False))
    try:
        for _ in train(load(config), folder / "runs"):
            pass
    except DivergedError:
        pass
    return read_run(list_runs(folder / "runs")[0])


def diagnosed(case: Case, folder: Path, seed: int) -> Diagnosis:
    """The verdicts on a case; every change that they propose is one that `train` takes."""
    run = trained(case, folder, seed)
    diagnosis = examined(RunRecord(run)).diagnosis
    for item in (item for verdict in diagnosis.verdicts for item in verdict.advice if item.changes):
        assert load_source(run.path, item.changes, run.path.parent, trust_plugins=True).overrides
    return diagnosis
