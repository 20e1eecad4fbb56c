"""A config written with its bases and overrides is the same config: its values and its written keys."""

from __future__ import annotations

import inspect
import os
import re
from pathlib import Path

import pytest

from dnnlab.commands.sweep.results.results_files import as_written
from dnnlab.commands.yaml_text import yaml_text
from dnnlab.config import load
from dnnlab.registry import entries

CONFIGS = Path(__file__).parents[3] / "configs"
SHIPPED = [
    path
    for path in sorted(CONFIGS.rglob("*.yaml"))
    if not {"search:", "cases:"} & set(path.read_text().split())
]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_what_is_written_out_is_the_same_config(path: Path, tmp_path: Path) -> None:
    config = load(path, ["optimizer.lr=0.0123", "training.epochs=3"])
    (tmp_path / f"{path.stem}.yaml").write_text(yaml_text(as_written(config)))
    again = load(tmp_path / f"{path.stem}.yaml")
    ours, theirs = config.flat(), again.flat()
    if "data.path" in ours:
        beside = config.folder_of("data.path") / ours["data.path"]
        shared = Path(os.environ.get("DNNLAB_DATA", beside.parent)) / ours["data.path"]
        ours["data.path"] = str(shared if shared.exists() and not beside.exists() else beside)
    assert theirs == ours
    assert [
        key for key in ours if config.written(key) != again.written(key) and not key.endswith("name")
    ] == []


@pytest.mark.parametrize(
    ("data", "key", "place"),
    [
        ({"name": "csv", "path": "t.csv", "target": "y"}, "path", "beside"),
        ({"name": "csv", "path": "t.csv", "target": "y"}, "path", "shared"),
        ({"name": "npy", "x": "t.csv", "y": "t.csv"}, "y", "shared"),
        ({"name": "idx", "x": "a", "y": "b", "test_x": "t.csv", "test_y": "d"}, "test_x", "shared"),
    ],
)
def test_files_are_named_by_where_they_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: dict[str, str], key: str, place: str
) -> None:
    for folder in ("beside", "shared"):
        (tmp_path / folder).mkdir()
    (tmp_path / place / "t.csv").write_text("x,y\n1,2\n")
    monkeypatch.setenv("DNNLAB_DATA", str(tmp_path / "shared"))
    config = tmp_path / "beside" / "x.yaml"
    config.write_text(yaml_text({"data": data}))
    assert as_written(load(config))["data"][key] == str(tmp_path / place / "t.csv")


def test_names_of_arrays_are_no_files(tmp_path: Path) -> None:
    config = tmp_path / "x.yaml"
    config.write_text("data: {name: npz, path: a.npz, x: inputs, y: labels}\n")
    written = as_written(load(config))["data"]
    assert written == {"name": "npz", "path": str(tmp_path / "a.npz"), "x": "inputs", "y": "labels"}


def test_data_parts_say_which_of_their_keys_name_files() -> None:
    for entry in entries("data"):
        source = inspect.getsource(entry.function)
        named = set(re.findall(r'find_data\(folder, path, "(\w+)"\)', source))
        assert named <= set(entry.flags["files"]) <= set(entry.fields), entry.name
        reads = "find_data" in source or "read_files(folder" in source or "root" in entry.own_fields
        assert reads == bool(entry.flags["files"]), entry.name
