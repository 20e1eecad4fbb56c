"""The files that a sweep writes at its end: the ranking and the best config."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ....config import Config
from ....config.tree import Node
from ....data.locate import absolute_data
from ....rundir import RunFolder
from ....rundir.atomic import storing, write_text
from ....search.ledger import Ledger, Trial
from ....search.spec import Spec
from ...yaml_text import yaml_text
from ..base_config import Base
from ..points import point_words, ranked

RANKING, BEST = "ranking.json", "best.yaml"


def ranking(spec: Spec, ledger: Ledger, direction: str) -> list[dict[str, Any]]:
    """The finished trials, best first.

    Those of later stages, which were trained longer, come before those of earlier ones.

    Stages that train equally long are ranked together.
    """
    rows = []
    for epochs in dict.fromkeys(stage.epochs for stage in reversed(spec.stages)):
        alike = {stage.number for stage in spec.stages if stage.epochs == epochs}
        done = [
            trial
            for _, trial in sorted(ledger.trials.items())
            if trial.state == "done" and trial.stage in alike
        ]
        rows += [row_of(spec, trial) for trial in ranked(done, direction)]
    return rows


def row_of(spec: Spec, trial: Trial) -> dict[str, Any]:
    """One trial: `{trial, stage, point, shown, value, std, values, runs}`.

    std: of a sample, None for one seed.
    """
    values = [trial.values[seed] for seed in trial.seeds]
    return {
        "trial": trial.number,
        "stage": trial.stage,
        "point": trial.point,
        "shown": spec.space.shown(trial.point),
        "value": trial.value,
        "std": statistics.stdev(values) if len(values) > 1 else None,
        "values": {str(seed): value for seed, value in trial.values.items()},
        "runs": [trial.runs[seed] for seed in trial.seeds if seed in trial.runs],
    }


def write_ending(
    folder: RunFolder, spec: Spec, base: Base, rows: Sequence[Mapping[str, Any]], monitor: str
) -> Path | None:
    """Write ranking.json and best.yaml; the path of the latter, None if no trial succeeded.

    Raises `StorageError`.
    """
    folder.write_json(RANKING, {"format": 1, "monitor": monitor, "trials": list(rows)})
    if not rows:
        return None
    with storing(folder.path / BEST):  # no part of the manifest: it is the user's, and `show` writes it, too
        write_text(folder.path / BEST, best_text(folder.path.name, spec, base, rows[0], monitor))
    return folder.path / BEST


def best_text(name: str, spec: Spec, base: Base, best: Mapping[str, Any], monitor: str) -> str:
    """The config of a row of the ranking as a YAML text, which trains the same alone. name: of the sweep.

    Raises `ConfigError`.
    """
    changes = spec.changes(spec.space, best["point"], spec.stages[best["stage"]])
    config = base.config(spec.overrides(changes))
    spread = (
        "" if best["std"] is None else f" (mean of {len(best['values'])} seeds, deviation {best['std']:.4g})"
    )
    head = f"# Trial {best['trial']} of {name}: {monitor} {best['value']:.6g}{spread}\n"
    return head + f"# {point_words(best['shown'])}\n" + yaml_text(as_written(config))


def as_written(config: Config) -> dict[str, Any]:
    """A config with its bases and overrides as one mapping, of written keys only.

    Defaults that depend on them stay defaults.

    Relative paths become absolute.
    """
    found: dict[str, Any] = _written(config.root)
    data = found.get("data")
    for key in config.experiment.data.flag("files"):
        if isinstance(data, dict) and isinstance(data.get(key), str):
            data[key] = absolute_data(config.folder_of(f"data.{key}"), data[key])
    if isinstance(found.get("plugins"), list):
        found["plugins"] = [
            str(config.folder_of(("plugins", i)) / item) for i, item in enumerate(found["plugins"])
        ]
    return found


def _written(node: Node) -> Any:
    if node.mapping:
        return {
            key: _written(child)
            for key, child in node.value.items()
            if _holds_written(child) or key == "name"
        }
    return [_written(child) for child in node.value] if node.sequence else node.value


def _holds_written(node: Node) -> bool:
    children = node.value.values() if node.mapping else node.value if node.sequence else ()
    return any(map(_holds_written, children)) if children else node.written
