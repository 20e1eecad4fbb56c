"""`rare`: few rows make texts one category, in both readers, and again for new tables."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from dnnlab.config import load_mapping
from dnnlab.data.new_inputs.tables import in_run_format, rows_of_table
from dnnlab.data.raw import RawDataset
from dnnlab.data.readers.csv_file import read_table
from dnnlab.errors import DataError

TEXTS = st.lists(st.sampled_from(["a", "b", "c", "d", "e", "(rare)", "1", ""]), min_size=4, max_size=40)


def read(path: Path, rare: int | None, **keys: Any) -> RawDataset:
    """The table of a file with the columns town, x, y."""
    data = {"name": path.suffix[1:], "path": str(path), "target": "y", "task": "numbers", "missing": "zero"}
    config = load_mapping({"data": {**data, "categorical": ["town"], "rare": rare or "none", **keys}})
    raw: RawDataset = config.experiment.data(path.parent)
    return raw


def written(folder: Path, towns: list[str]) -> tuple[Path, Path]:
    """The same table as CSV and Parquet."""
    rows = [(town, i, i % 7) for i, town in enumerate(towns)]
    (folder / "t.csv").write_text("\n".join(["town,x,y", *(f"{t},{x},{y}" for t, x, y in rows)]) + "\n")
    columns = dict(zip(("town", "x", "y"), map(list, zip(*rows, strict=True)), strict=True))
    parquet.write_table(pyarrow.table(columns), folder / "t.parquet")
    return folder / "t.csv", folder / "t.parquet"


def test_rare_texts_are_one_category(tmp_path: Path) -> None:
    towns = ["Rome"] * 5 + ["Oslo"] * 6 + ["Bonn", "Bern", "Bern", ""]
    csv, _ = written(tmp_path, towns)
    raw = read(csv, 5)
    assert raw.feature_names == ("town=(rare)", "town=Oslo", "town=Rome", "town=(empty)", "x")
    assert raw.train[0][:, :4].sum(axis=0).tolist() == [3, 6, 5, 1]
    assert raw.indicators == (0, 1, 2, 3)
    assert len(read(csv, None).feature_names) == 6


@settings(max_examples=40, deadline=None)
@given(towns=TEXTS, rare=st.integers(2, 6))
def test_both_readers_and_predict_agree(
    tmp_path_factory: pytest.TempPathFactory, towns: list[str], rare: int
) -> None:
    if not any(towns):
        return
    csv, other = written(tmp_path_factory.mktemp("t"), towns)
    raw, typed = read(csv, rare), read(other, rare)
    assert raw.feature_names == typed.feature_names
    assert (raw.train[0] == typed.train[0]).all()
    counts = Counter(town for town in towns if town)
    kept = {town for town, count in counts.items() if count >= rare} or set(counts)
    names = [town if town in kept or not town else "(rare)" for town in towns]
    for feature, column in zip(raw.feature_names[:-1], raw.train[0].T, strict=False):
        wanted = feature.removeprefix("town=").replace("(empty)", "")
        assert column.tolist() == [float(name == wanted) for name in names]
    described = {
        "inputs": raw.encoding,
        "in_shape": [len(raw.feature_names)],
        "columns": list(raw.feature_names),
    }
    again = rows_of_table(described, in_run_format(described, read_table(csv)), pytest.fail)
    assert (again == raw.train[0]).all()


def test_a_new_text_is_rare_too(tmp_path: Path) -> None:
    csv, _ = written(tmp_path, ["Rome"] * 5 + ["Oslo"] * 5 + ["Bonn", "Bern"])
    raw = read(csv, 5)
    described = {"inputs": raw.encoding, "in_shape": [4], "columns": list(raw.feature_names)}
    (tmp_path / "new.csv").write_text("town,x\nTurin,1\nOslo,2\n")
    rows = rows_of_table(described, in_run_format(described, read_table(tmp_path / "new.csv")), pytest.fail)
    assert rows.tolist() == [[1.0, 0.0, 0.0, 1.0], [0.0, 1.0, 0.0, 2.0]]
    assert np.array_equal(raw.train[0][-1, :3], [1.0, 0.0, 0.0])


def test_without_a_categorical_column_it_cannot_act(tmp_path: Path) -> None:
    csv, _ = written(tmp_path, ["1", "2", "3", "4"])
    with pytest.raises(
        DataError, match="rare: 5, and no column is categorical; expected no such key; remove it"
    ):
        read(csv, 5, categorical=[])
