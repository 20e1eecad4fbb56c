"""The typed reader of a run folder: each field against the files, and empty fields instead of damage."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from helpers.fake_runs import change_meta, make_run

from dnnlab.rundir.run_record import DataRecord, RunRecord, Source, moment, read_record

FIELDS = sorted(name for name, found in vars(RunRecord).items() if isinstance(found, property))
VALUES: list[Any] = [None, 3, "text", [1, {"path": 2}], {"total": "many", "metrics": []}, True]
DATA = {
    "name": "digits",
    "in_shape": [1, 8, 8],
    "target": "index",
    "names": ["0", "1"],
    "rows": {"train": 90, "test": 10},
    "class_counts": {"train": [40, 50]},
    "target_scaling": {"mean": 1.0},
    "spread": {"std": 1.0},
    "fingerprint": "abc",
}


def test_the_fields_of_a_whole_run(tmp_path: Path) -> None:
    sources = [{"path": "digits.yaml", "file": "sources/00-digits.yaml"}]
    path = make_run(tmp_path, (0.5, 0.9), {"seed": 4, "tags": ["x"], "note": "why"}, sources=sources)
    run, meta = read_record(path), json.loads((path / "meta.json").read_text())
    assert (run.name, run.short_name, run.experiment) == (path.name, "digits", "digits")
    assert (run.status, run.seed, run.tags, run.note, run.parameters) == ("done", 4, ("x",), "why", 1000)
    assert (run.config, run.best, run.last, run.seconds) == (
        meta["config"],
        meta["best"],
        meta["last"],
        4.0,
    )
    assert run.sources == (Source("digits.yaml", "sources/00-digits.yaml"),) and run.sources_whole
    assert moment(run.metrics[1]) == run.best and run.meta_problem is None and run.problems == []


def test_the_fields_of_the_data(tmp_path: Path) -> None:
    path = make_run(tmp_path)
    assert read_record(path).data == DataRecord()
    (path / "data.json").write_text(json.dumps(DATA))
    data = read_record(path).data
    assert (data.content, data.in_shape, data.names, data.rows) == (
        DATA,
        (1, 8, 8),
        ("0", "1"),
        DATA["rows"],
    )
    assert (data.class_counts, data.scaled_target, data.spread) == ((40, 50), True, {"std": 1.0})


@pytest.mark.parametrize("value", VALUES, ids=str)
def test_a_value_of_another_type_is_an_empty_field(tmp_path: Path, value: Any) -> None:
    path = make_run(tmp_path)
    whole = read_record(path)
    kinds = {field: type(getattr(whole, field)) for field in FIELDS}
    keys = json.loads((path / "meta.json").read_text()).keys() - {"format", "status"}
    change_meta(path, **dict.fromkeys(keys, value))
    (path / "data.json").write_text(json.dumps(dict.fromkeys(DATA, value)))
    run = read_record(path)
    for field in ("config", "best", "last", "tags", "overrides", "note", "sources", "times", "versions"):
        assert isinstance(getattr(run, field), kinds[field]), field
    assert all(isinstance(n, int) for n in (*run.data.class_counts, *run.data.rows.values()))
    assert run.data.in_shape is None
    for field in FIELDS:
        getattr(run, field)
    assert run.meta_problem is not None
    assert run.meta_problem.startswith("meta.json is damaged: config is not a mapping") != isinstance(
        value, dict
    )


def test_the_newest_evaluation_comes_first_and_damaged_ones_are_named(tmp_path: Path) -> None:
    path = make_run(tmp_path)
    assert list(read_record(path).evaluations()) == []
    (path / "evaluations").mkdir()
    for name, text in (("1-test", '{"rows": 1}'), ("2-test", "{"), ("3-test", '{"rows": 3}')):
        (path / "evaluations" / f"{name}.json").write_text(text)
    run = read_record(path)
    assert [content["rows"] for _, content in run.evaluations()] == [3, 1]
    assert len(run.problems) == 1 and "evaluations/2-test.json" in run.problems[0]
