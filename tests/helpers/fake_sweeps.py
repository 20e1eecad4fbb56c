"""Sweep folders made without training: the points that a sweep draws, with results of a function of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from dnnlab.commands.sweep.base_config import find_base
from dnnlab.commands.sweep.folder import LedgerFile, make_folder
from dnnlab.commands.sweep.points import drawn, seeds_of, space_of
from dnnlab.config.yaml_reader import read_yaml
from dnnlab.rundir.names import trial_name
from dnnlab.search.space import Point
from dnnlab.search.spec import Spec, read_spec
from helpers.fake_runs import make_run

BASE: dict[str, Any] = {
    "data": {"name": "digits", "limit": 300},
    "architecture": {"name": "mlp", "hidden": [16]},
    "optimizer": {"name": "adam", "lr": 0.001},
    "training": {"epochs": 2},
}
LR: dict[str, Any] = {"optimizer.lr": {"log_uniform": [1e-6, 1]}}
SEVERAL: dict[str, Any] = {
    **LR,
    "activation": {"choice": ["relu", "elu", "tanh"]},
    "optimizer": {"choice": [{"name": "adam"}, {"name": "sgd", "momentum": {"uniform": [0.5, 0.99]}}]},
    "architecture.hidden": {"choice": [[16], [16, 16, 16], [32, 16]]},
}
Outcome = float | tuple[str, str, str]  # a value, or (pruned | failed, status, reason)


def spec_of(folder: Path, **keys: Any) -> tuple[Spec, str]:
    """A sweep of `base.yaml` in this folder, and its text."""
    text = yaml.safe_dump({"base": "base.yaml", **keys}, sort_keys=False, allow_unicode=True)
    node, problems = read_yaml(text, str(folder / "lr.yaml"), folder)
    assert node is not None and not problems
    return read_spec(node, "lr"), text


def made_sweep(
    folder: Path,
    outcome: Callable[[Point, int], Outcome],
    *,
    better: str = "max",
    monitor: str = "val_accuracy",
    status: str = "done",
    until: int | None = None,
    runs: bool = False,
    **keys: Any,
) -> Path:
    """The folder of a sweep. outcome: of a point and a seed. until: trials that are over. runs: whether
    trials have run folders.
    """
    (folder / "base.yaml").write_text(yaml.safe_dump(BASE))
    searched = {} if "cases" in keys else {"search": LR, **({} if "stages" in keys else {"trials": 12})}
    spec, text = spec_of(folder, **{**searched, **keys})
    base = find_base("base.yaml", folder, folder / "runs")
    resolved = {"base": str(base.path), "monitor": monitor, "direction": better, "spec": spec.plain()}
    with make_folder(folder / "runs", spec, base, text, None, resolved) as made:
        ledger = LedgerFile(made.path)
        for stage in spec.stages:
            state = ledger.state
            space = space_of(spec, stage, state, better)
            ledger.add("stage", stage=stage.number)
            for point in drawn(spec, stage, space, state, better, len(state.trials)):
                ledger.add(
                    "planned",
                    trial=len(state.trials),
                    stage=stage.number,
                    point=point,
                    seeds=list(seeds_of(spec, 0)),
                )
            for trial in state.of_stage(stage.number):
                if until is None or trial.number < until:
                    finish(ledger, trial.number, outcome, made.path if runs else None, monitor, better)
        ledger.close()
        made.update_meta(status=status, monitor=monitor, better=better)
    return made.path


def finish(
    ledger: LedgerFile,
    number: int,
    outcome: Callable[[Point, int], Outcome],
    sweep: Path | None,
    monitor: str,
    better: str,
) -> None:
    """All seeds of a trial, until one of them fails."""
    trial = ledger.state.trials[number]
    for seed in trial.seeds:
        run = trial_name(trial.stage, number, seed)
        ledger.add("started", trial=number, seed=seed, run=run)
        found = outcome(trial.point, seed)
        if isinstance(found, tuple):
            ledger.add(found[0], trial=number, seed=seed, status=found[1], reason=found[2], seconds=0.5)
            return
        ledger.add("result", trial=number, seed=seed, value=found, status="done", seconds=0.5)
        if sweep is not None:
            rising = [0.5 * found, 0.8 * found, found] if better == "max" else [4 * found, 2 * found, found]
            make_run(
                sweep / "trials",
                rising,
                {"seed": seed},
                number=number,
                folder=run,
                monitor=monitor,
                better=better,
            )
