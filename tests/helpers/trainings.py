"""Small trainings for the tests: configs, built sessions, whole and cut short runs, and what a folder holds
bit by bit.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from dnnlab.assembly.session import Built, build
from dnnlab.commands.train.resume import resume
from dnnlab.commands.train.train import train
from dnnlab.config import load, load_mapping
from dnnlab.engine.records import Step
from dnnlab.engine.stop import Stop
from dnnlab.errors import RunError
from dnnlab.rundir import Loaded, RunStatus, encode, read_run

TIMING = ("seconds", "samples_per_second")
SMALL: dict[str, Any] = {
    "data": {"name": "digits", "limit": 300},
    "architecture": {"name": "mlp", "hidden": [16]},
    "training": {"epochs": 3, "batch_size": 32},
    "checkpoint": {"every": 1},
    "logging": {"steps_every": "1 steps", "update_ratio_every": "2 steps", "gradient_norm_every": "7 steps"},
}


def small(**changes: Any) -> dict[str, Any]:
    """The small config of digits with other sections; a mapping without a name changes keys of a section."""
    config = {key: dict(section) for key, section in SMALL.items()}
    for key, value in changes.items():
        edits = isinstance(value, Mapping) and key in config and "name" not in value
        config[key] = {**config[key], **value} if edits else value
    return config


def built(**changes: Any) -> Built:
    """Everything that `build` makes of the small config with these changes."""
    return build(load_mapping(small(**changes)))


def write(folder: Path, config: Mapping[str, Any], name: str = "experiment.yaml") -> Path:
    """The config as a YAML file."""
    path = folder / name
    path.write_text(yaml.safe_dump(dict(config), sort_keys=False))
    return path


def drain(events: Iterator[Any], stop: Stop, after: int | None = None) -> list[Any]:
    """All events of a training; after so many steps of it a request to stop comes in."""
    seen, steps = [], 0
    for event in events:
        seen.append(event)
        steps += isinstance(event, Step)
        if steps == after:
            stop.status = RunStatus.INTERRUPTED
    return seen


def trained(folder: Path, *overrides: str, after: int | None = None, **changes: Any) -> Path:
    """The folder of a run of the small config; `after`: interrupted after so many steps."""
    stop = Stop()
    config = load(write(folder, small(**changes)), overrides)
    return drain(train(config, folder / "runs", stop=stop), stop, after)[0].path


def resumed(run: Path, after: int | None = None, **options: Any) -> list[Any]:
    """The events of going on with a run."""
    stop = Stop()
    return drain(resume(str(run), run.parent, stop=stop, **options), stop, after)


def refusal(run: Path, **options: Any) -> str:
    """The text with which going on is refused, the folder untouched."""
    before = {p: p.read_bytes() for p in run.rglob("*") if p.is_file() and p.name != "lock"}
    with pytest.raises(RunError) as caught:
        resumed(run, **options)
    assert {p: p.read_bytes() for p in run.rglob("*") if p.is_file() and p.name != "lock"} == before, (
        "a refused resume changes nothing"
    )
    assert caught.value.exit_code == 2
    return str(caught.value)


def checkpoint(run: Path) -> Loaded:
    """The newest whole checkpoint."""
    loaded = read_run(run).checkpoint()
    assert loaded is not None
    return loaded


def bits(run: Path) -> tuple[dict[str, bytes], Any]:
    """All tensors of the newest checkpoint as bytes, and the rest of it without times."""
    c = checkpoint(run).checkpoint
    tree = {
        "model": c.model,
        "best": c.best,
        "averages": c.averages,
        "optimizer": c.optimizer,
        "state": c.state,
    }
    tensors, rest = encode(tree)
    return {name: t.numpy().tobytes() for name, t in tensors.items()}, untimed(rest)


def untimed(value: Any) -> Any:
    """A tree without the keys that are times."""
    if isinstance(value, dict):
        return {key: untimed(item) for key, item in value.items() if key not in TIMING}
    return [untimed(item) for item in value] if isinstance(value, list) else value


def rows(run: Path, file: str = "metrics.jsonl") -> list[dict[str, Any]]:
    """The rows of a file without times."""
    return [untimed(json.loads(line)) for line in (run / file).read_text().splitlines()]


def histograms(run: Path) -> dict[str, Any]:
    """What histograms.safetensors holds, as lists; nothing where there is no such file."""
    return {
        name: tensor.tolist()
        for name, tensor in (read_run(run).tensors("histograms.safetensors") or {}).items()
    }


def assert_same(one: Path, other: Path) -> None:
    """Two runs hold the same: weights, optimizer, averages, counters and rows, to the last bit;
    times apart.
    """
    files = sorted(path.name for path in one.glob("*.jsonl"))
    assert files == sorted(path.name for path in other.glob("*.jsonl"))
    for file in files:
        assert rows(one, file) == rows(other, file), file
    assert histograms(one) == histograms(other)
    (tensors, rest), (other_tensors, other_rest) = bits(one), bits(other)
    assert rest == other_rest
    assert tensors.keys() == other_tensors.keys()
    assert [name for name in tensors if tensors[name] != other_tensors[name]] == []
