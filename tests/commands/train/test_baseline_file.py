"""baseline.json: written at the end of a training on a table, and shown by the commands that read a run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import dnnlab
from dnnlab.assembly import linear_baseline
from dnnlab.commands.report.facts import top_facts
from dnnlab.commands.report.records import read_records
from dnnlab.commands.show.describe import describe_run
from dnnlab.render.screens.show_config import described_lines
from dnnlab.rundir.run_record import Baseline, read_record

TABLE: dict[str, Any] = {"data": "iris", "architecture": {"hidden": [4]}, "training": {"epochs": 2}}


def test_a_table_has_one_and_the_commands_show_it(tmp_path: Path) -> None:
    run = dnnlab.train(TABLE, runs_dir=tmp_path)
    kept = json.loads((run.path / "baseline.json").read_text())
    assert set(kept) == {"format", "model", "rows", "metrics", "skipped"}
    record = read_record(run.path)
    assert record.baseline == Baseline("logistic", kept["metrics"])
    accuracy = kept["metrics"]["val_accuracy"]
    (fact,) = [fact for fact in top_facts(read_records(run.path)) if fact.label == "linear model"]
    assert (fact.value, fact.beside) == (f"{accuracy:.4g}", "val_accuracy of logistic regression, same rows")
    shown = "\n".join(described_lines(describe_run(record), [], 200))
    assert (
        f" beside   logistic regression: val_loss {kept['metrics']['val_loss']:.4f}, val_accuracy "
        f"{accuracy:.4f}"
    ) in shown


def test_images_have_none(tmp_path: Path) -> None:
    run = dnnlab.train({**TABLE, "data": "digits"}, runs_dir=tmp_path)
    assert not (run.path / "baseline.json").exists()
    assert read_record(run.path).baseline is None


def test_what_is_skipped_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear_baseline, "WORK", 10)
    run = dnnlab.train(TABLE, runs_dir=tmp_path)
    assert read_record(run.path).baseline == Baseline("logistic", {}, "4 inputs x 3 outputs take too long")
    (fact,) = [fact for fact in top_facts(read_records(run.path)) if fact.label == "linear model"]
    assert (fact.value, fact.beside) == ("-", "4 inputs x 3 outputs take too long")


def test_a_failure_of_the_linear_model_is_a_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError("no such luck")

    monkeypatch.setattr(linear_baseline, "_fitted", broken)
    run = dnnlab.train(TABLE, runs_dir=tmp_path)
    assert read_record(run.path).status == "done"
    assert "no linear model: ValueError: no such luck" in (run.path / "log.txt").read_text()


@pytest.mark.parametrize("text", ["{", "[]", '{"metrics": [1]}', '{"metrics": {"val_r2": null}, "model": 3}'])
def test_a_damaged_file_is_as_none(tmp_path: Path, text: str) -> None:
    run = dnnlab.train(TABLE, runs_dir=tmp_path)
    (run.path / "baseline.json").write_text(text)
    assert read_record(run.path).baseline is None
