"""Select the weights of a run, and find the epoch and step at which they were saved."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from dnnlab.errors import Problem, RunError
from dnnlab.rundir.checkpoint import STATE, Checkpoint, Loaded, verify
from dnnlab.rundir.checkpoints import FOLDER, folders, step_of
from dnnlab.rundir.run_record import RunRecord
from dnnlab.rundir.status import RunStatus


def holds_weights(path: Path) -> bool:
    """Whether a path is a file, or the folder of a checkpoint."""
    return os.path.isfile(path) or os.path.exists(path / STATE)


def newest_checkpoint(run: RunRecord) -> Loaded:
    """The whole checkpoint of the highest step, also of a run that is still training.

    Raises `RunError` that says why there is none.
    """
    loaded = run.view.checkpoint()
    if loaded is not None:
        return loaded
    damaged = [words for words in run.problems if words.startswith("checkpoints/")]
    text = f"{run.name} ({run.status}) has no whole checkpoint" + (f": {damaged[0]}" if damaged else "")
    fix = "wait for its first checkpoint" if not run.status.over else f"`dnnlab resume {run.name}`"
    raise RunError(Problem(text, "expected a run with weights", fix, code="no_weights"))


def best_file(run: RunRecord) -> Path:
    """The file with a run's best weights, else the last, in its newest whole checkpoint; nothing is loaded.

    Raises `RunError` if there is none.
    """
    paths = folders(run.path / FOLDER)
    for path in sorted(paths, key=lambda path: (step_of(path), path.name), reverse=True):
        with suppress(RunError):
            verify(path)
            names = (path / f"{part}.safetensors" for part in ("best", "model"))
            return next(name for name in names if name.exists())
    text = f"{run.name} ({run.status}) has no whole checkpoint"
    raise RunError(Problem(text, "expected a run with weights", "", code="no_weights"))


def weights(name: str, checkpoint: Checkpoint, which: str) -> Mapping[str, Any]:
    """The state dict that `which` names: best, last, or an average by its suffix.

    Raises `RunError` naming those that are there.
    """
    averages: dict[str, dict[str, Any]] = {}
    for key, tensor in (checkpoint.averages or {}).items():
        suffix, _, parameter = key.partition(".")
        if parameter.startswith("module."):
            averages.setdefault(suffix, {})[parameter.removeprefix("module.")] = tensor
    best = checkpoint.model if checkpoint.best is None else checkpoint.best
    known: dict[str, Mapping[str, Any]] = {"best": best, "last": checkpoint.model, **averages}
    if which not in known:
        text = f"{name} has no weights called {which!r}"
        raise RunError(
            Problem(text, f"expected one of {', '.join(sorted(known))}", "--weights best", code="no_weights")
        )
    return known[which]


def moment(checkpoint: Checkpoint, which: str) -> tuple[int, int | None]:
    """(finished epochs, steps) of the weights; of the best ones only the epoch is known."""
    best = checkpoint.state.get("progress", {}).get("best") or {}
    if which == "best" and checkpoint.best is not None and "epoch" in best:
        return int(best["epoch"]), None
    return checkpoint.epoch, checkpoint.step


def notes_on(run: RunRecord, loaded: Loaded, which: str) -> list[str]:
    """What the user should know of weights that are not those of a run that came to its end."""
    epoch, step = moment(loaded.checkpoint, which)
    notes = [*loaded.skipped, *run.view.edits]
    if not run.status.good:
        words = {RunStatus.RUNNING: "still training", RunStatus.DAMAGED: "damaged (meta.json)"}.get(
            run.status, run.status.text
        )
        notes.append(
            f"this run is {words}; these weights are of epoch {epoch}"
            + (f", step {step:,}" if step is not None else "")
        )
    if which == "best" and loaded.checkpoint.best is None:
        notes.append("no epoch was ever the best, so these are the last weights")
    return notes
