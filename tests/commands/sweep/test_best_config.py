"""A config written out with its bases and overrides is the same config: values, and what counts as written."""

from __future__ import annotations

from pathlib import Path

import pytest

from dnnlab.commands.sweep.results.results_files import as_written
from dnnlab.commands.yaml_text import yaml_text
from dnnlab.config import load

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
        ours["data.path"] = str(config.folder_of("data.path") / ours["data.path"])
    assert theirs == ours
    assert [
        key for key in ours if config.written(key) != again.written(key) and not key.endswith("name")
    ] == []
