"""Prices and other targets far from 0: the cause is named by `check`, by lint and by the doctor, in all
formats.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pytest
from pyarrow import parquet

import dnnlab
from dnnlab.commands.check import overfit_tiny_subset
from dnnlab.commands.check.all_checks import all_checks
from dnnlab.commands.check.check import static_checks
from dnnlab.rundir.run_record import read_record

NAMES = ("area", "rooms", "distance")


def prices(size: float = 1.0, rows: int = 120) -> tuple[np.ndarray, np.ndarray]:
    """Areas, rooms and distances, and prices near 260,000 times `size`."""
    draw = np.random.default_rng(0)
    inputs = np.column_stack(
        [draw.uniform(50, 200, rows), draw.integers(1, 6, rows), draw.uniform(0, 30, rows)]
    )
    return inputs, size * (inputs @ [2000.0, 15000.0, -3000.0] + draw.normal(0, 2e4, rows))


def written(folder: Path, kind: str, size: float = 1.0, more: str = "") -> Path:
    """The prices in a file, and a config for it."""
    inputs, targets = prices(size)
    table = {**dict(zip(NAMES, inputs.T, strict=True)), "price": targets}
    path, keys = folder / f"t.{kind}", "" if kind == "npz" else ", target: price"
    if kind == "npz":
        np.savez(path, x=inputs, y=targets)
    elif kind == "parquet":
        parquet.write_table(pyarrow.table(table), path)
    else:
        rows = zip(*table.values(), strict=True)
        path.write_text("\n".join([",".join(table), *(",".join(f"{v:.9g}" for v in row) for row in rows)]))
    config = folder / "c.yaml"
    config.write_text(f"data: {{name: {kind}, path: {path.name}{keys}{more}}}\ntraining: {{epochs: 3}}\n")
    return config


def advice(config: Path, *overrides: str) -> list[str]:
    """The codes of the lint's problems."""
    lint = list(static_checks(config, overrides, config.parent))[-1]
    return [problem.code for problem in lint.problems]


@pytest.mark.parametrize("kind", ["csv", "parquet", "npz"])
@pytest.mark.parametrize("size", [1.0, 1e-11])
def test_lint_fires_on_prices_and_on_tiny_targets(tmp_path: Path, kind: str, size: float) -> None:
    config = written(tmp_path, kind, size)
    assert advice(config) == ["unscaled_targets"]
    assert advice(config, "data.target_scale=standardize") == []
    assert advice(config, "training.precision=bf16") == ["unscaled_targets"], "prepared with torch, too"


def test_lint_is_silent_where_targets_are_of_the_size_of_outputs(tmp_path: Path) -> None:
    assert advice(written(tmp_path, "csv", 1e-5)) == []


@pytest.mark.parametrize("size", [1.0, 1e-11])
def test_check_names_the_cause(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: float) -> None:
    monkeypatch.setattr(
        overfit_tiny_subset, "STEPS", 1000
    )  # the end is in steps, not seconds of a busy machine
    monkeypatch.setattr(overfit_tiny_subset, "SECONDS", 100.0)
    found = {check.name: check for check in all_checks(written(tmp_path, "csv", size), [], tmp_path)}
    assert found["overfit_tiny_subset"].passed is False
    assert found["overfit_tiny_subset"].advice.startswith(
        "the targets are far from what a net starts with, and not scaled: "
        "with data.target_scale=standardize they are learned in "
    )
    mended = {
        check.name: check
        for check in all_checks(tmp_path / "c.yaml", ["data.target_scale=standardize"], tmp_path)
    }
    assert mended["overfit_tiny_subset"].passed


@pytest.mark.parametrize("size", [1.0, 1e-11])
def test_the_doctor_names_the_cause(tmp_path: Path, size: float) -> None:
    inputs, targets = prices(size)
    config: dict[str, Any] = {
        "data": {"name": "csv", "path": "none.csv", "target": "y"},
        "training": {"epochs": 30},
    }
    run = dnnlab.train(config, data=(inputs, targets), runs_dir=tmp_path)
    record = read_record(run.path)
    first = record.verdicts[0]
    assert (first["name"], first["severity"]) == ("unscaled_targets", "critical")
    assert first["evidence"][0].startswith("data.target_scale is none, and the target ")
    assert "target_scale: standardize" in first["advice"][0]["yaml"]
    assert record.data.target_spread == {
        "mean": [float(f"{targets[rows_of(run.path)].mean():.3g}")],
        "deviation": [float(f"{targets[rows_of(run.path)].std():.3g}")],
    }
    scaled = dnnlab.train(
        config, {"data.target_scale": "standardize"}, data=(inputs, targets), runs_dir=tmp_path
    )
    assert "unscaled_targets" not in [verdict["name"] for verdict in read_record(scaled.path).verdicts]


def rows_of(run: Path) -> np.ndarray:
    """The training rows of a run: all that went to no other part."""
    from safetensors.numpy import load_file

    return load_file(run / "data.safetensors")["split.train"]
