"""`data: parquet`: what a CSV file of the same cells gives, from columns with types; and what is said of
files that cannot be read.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from helpers.csv_files import write_csv

from dnnlab import registry
from dnnlab.data.new_inputs.encode import encode_inputs
from dnnlab.data.prepare.pipeline import prepare
from dnnlab.data.raw import RawDataset
from dnnlab.data.readers import parquet_data
from dnnlab.data.storage.memory_mapped import backing
from dnnlab.errors import DataError

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

ROWS = 60
TOWNS = [("Rome", "Oslo", " Ulm", None)[i % 4] for i in range(ROWS)]
COLUMNS: dict[str, Any] = {
    "size": pa.array([i * 0.5 for i in range(ROWS)], pa.float64()),
    "rooms": pa.array([None if i % 7 == 3 else i % 5 for i in range(ROWS)], pa.int64()),
    "town": pa.array(TOWNS).dictionary_encode(),
    "code": pa.array([(i * 7) % 12 for i in range(ROWS)], pa.int16()),
    "age": pa.array([float("nan") if i % 11 == 5 else i for i in range(ROWS)], pa.float32()),
    "words": pa.array([str(i * 3) if i % 9 else "NA" for i in range(ROWS)]),
    "price": pa.array([i * 1.25 for i in range(ROWS)]),
    "kind": pa.array([("no", "yes")[i % 2] for i in range(ROWS)]),
    "grade": pa.array([i % 3 for i in range(ROWS)], pa.int8()),
    "flag": pa.array([i % 3 == 0 for i in range(ROWS)]),
    "other": pa.array([float(i % 2) for i in range(ROWS)]),
}
CATEGORICAL = ["town", "code", "kind"]


def write(
    folder: Path, columns: dict[str, Any] = COLUMNS, name: str = "table.parquet", **options: Any
) -> Path:
    pq.write_table(pa.table(columns), folder / name, **options)
    return folder / name


def read(path: Path, target: str | list[str] = "price", **keys: Any) -> RawDataset:
    return registry.build(
        "data", {"name": "parquet", "path": path.name, "target": target, **keys}, path.parent
    )


def problems(path: Path, target: str | list[str] = "y", **keys: Any) -> list[str]:
    with pytest.raises(DataError) as caught:
        read(path, target, **keys)
    return str(caught.value).splitlines()


def as_csv(folder: Path) -> Path:
    """The same cells as text, numbers in the words of Python and truth values as 0 and 1."""
    cells = [
        ["" if v is None or v != v else str(int(v) if isinstance(v, bool) else v) for v in c.to_pylist()]
        for c in COLUMNS.values()
    ]
    return write_csv(
        folder, "\n".join([",".join(COLUMNS), *(",".join(row) for row in zip(*cells, strict=True))])
    )


@pytest.fixture(params=["in_memory", "mapped"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """Small matrices are kept in memory; with a border of nothing they are mapped, in blocks of a
    few rows.
    """
    monkeypatch.setenv("DNNLAB_CACHE", str(tmp_path / "cache"))
    if request.param == "mapped":
        monkeypatch.setattr("dnnlab.data.storage.data_cache.SMALL", 0)
        monkeypatch.setattr(parquet_data, "_NUMBERS", 100)
    return str(request.param)


@pytest.mark.parametrize(
    ("target", "keys"),
    [
        ("price", {"missing": "median"}),
        ("price", {"missing": "drop"}),
        ("price", {"missing": "zero", "drop": ["flag", "words"]}),
        ("kind", {"missing": "mean", "categorical": ["town", "code"]}),
        ("grade", {"missing": "drop"}),
        ("grade", {"missing": "drop", "task": "numbers"}),
        (["flag", "other"], {"missing": "median"}),
        (["price", "size"], {"missing": "median"}),
        ("words", {"missing": "drop", "task": "numbers"}),
        ("code", {"missing": "median", "categorical": ["town", "kind"], "task": "classes"}),
    ],
)
def test_the_same_cells_give_the_same_set(
    way: str, tmp_path: Path, target: str | list[str], keys: dict[str, Any]
) -> None:
    keys = {"categorical": CATEGORICAL, **keys}
    found = read(write(tmp_path, row_group_size=17), target, **keys)
    expected = registry.build(
        "data", {"name": "csv", "path": as_csv(tmp_path).name, "target": target, **keys}, tmp_path
    )
    np.testing.assert_array_equal(found.train[0][:], expected.train[0])
    np.testing.assert_array_equal(found.train[1], expected.train[1])
    for name in (
        "target",
        "class_names",
        "target_names",
        "feature_names",
        "note",
        "fill",
        "indicators",
        "encoding",
    ):
        assert getattr(found, name) == getattr(expected, name), name
    assert (backing(found.train[0]) is not None) == (way == "mapped")


def test_categories_that_occur_in_no_row_are_neither_classes_nor_features(way: str, tmp_path: Path) -> None:
    """What is left of a larger table still declares the categories of the rows that were taken out."""
    town = pa.DictionaryArray.from_arrays(
        pa.array([2, 0, None, 2, 0, 2] * 4, pa.int8()), ["Rome", "Oslo", " Ulm"]
    )
    kind = pa.DictionaryArray.from_arrays(pa.array([1, 3, 3] * 8, pa.int8()), ["maybe", "yes", "never", "no"])
    found = read(write(tmp_path, {"town": town, "kind": kind}), "kind", categorical=["town"], missing="zero")
    assert found.class_names == ("no", "yes")
    assert found.feature_names == ("town=Rome", "town=Ulm", "town=(empty)")
    assert found.train[0][:3].tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 1]]
    assert found.train[1][:3].tolist() == [1, 0, 0]


def test_short_types_are_kept_short_where_that_is_exact(tmp_path: Path) -> None:
    path = write(tmp_path, {name: COLUMNS[name] for name in ("town", "code", "age", "price", "size")})
    keys = {"categorical": ["town"], "missing": "zero"}
    assert read(path, drop=["size"], **keys).train[0].dtype == np.float32
    assert read(path, **keys).train[0].dtype == np.float64


def test_text_holes_and_missing_columns_are_named_as_in_a_csv_file(tmp_path: Path) -> None:
    path = write(tmp_path)
    assert problems(path, "price") == [
        (
            'path: column "town" holds text (Rome and 2 more); numbers were expected; add '
            "`categorical: [town, kind]`"
        ),
        (
            'path: column "kind" holds text (no and 1 more); numbers were expected; add `categorical: '
            "[town, kind]`"
        ),
        (
            'path: 9 empty cells in "rooms" (first: row 4); a value was expected; add `missing: '
            "median` (or mean, zero, drop)"
        ),
        (
            'path: 15 empty cells in "town" (first: row 4); a value was expected; add `missing: '
            "median` (or mean, zero, drop)"
        ),
        (
            'path: 5 empty cells in "age" (first: row 6); a value was expected; add `missing: median` '
            "(or mean, zero, drop)"
        ),
        (
            'path: 7 empty cells in "words" (first: row 1); a value was expected; add `missing: '
            "median` (or mean, zero, drop)"
        ),
    ]
    assert problems(path, "prize")[0].endswith("; did you mean price?")
    assert problems(path, "town", drop=["rooms", "age", "words"], categorical=["kind"]) == [
        'path: 15 empty cells in the target "town" (first: row 4); a value was expected; add '
        "`missing_target: drop`: what is to be learned "
        "cannot be filled, so such rows are left out"
    ]


def test_a_few_texts_names_and_empty_columns(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        {
            "a": ["x" if i == 4 else str(i) for i in range(30)],
            "who": [f"name{i}" for i in range(30)],
            "nothing": pa.nulls(30),
            "__index_level_0__": list(range(30)),
            "y": [i / 4 for i in range(30)],
        },
    )
    assert problems(path) == [
        'path: column "a" holds text in 1 of 30 cells (first: "x", row 5); numbers were expected; '
        "correct them, or empty them and add "
        "`missing: median`, or add `categorical: [a]` or `drop: [a]`",
        (
            'path: column "who" holds text (name0 and 29 more), nearly a different one in every row; '
            "numbers were expected; add `drop: [who]`"
        ),
        'path: column "nothing" is empty; a column to learn from was expected; add `drop: [nothing]`',
        'path: column "__index_level_0__" has no name in the header and only counts the rows; a '
        "column to learn from was expected; "
        "add `drop: [__index_level_0__]`",
    ]


def test_types_that_are_neither_numbers_nor_texts(tmp_path: Path) -> None:
    path = write(tmp_path, {"a": [[1], [2]], "b": [b"x", b"y"], "c": [1.5, 2.5], "y": [0.5, 1.5]})
    assert problems(path) == [
        (
            'path: column "a" of table.parquet holds list values; numbers or texts were expected; '
            "write the column as numbers or texts, or add `drop: [a]`"
        ),
        (
            'path: column "b" of table.parquet holds binary values; numbers or texts were expected; '
            "write the column as numbers or texts, or add `drop: [b]`"
        ),
    ]
    assert read(path, "y", drop=["a", "b"]).train[0].tolist() == [[1.5], [2.5]]


def test_files_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "table.parquet").write_text("a,y\n1,2\n")
    assert problems(tmp_path / "table.parquet")[0].startswith(
        "path: table.parquet is no Parquet file (Parquet magic bytes not found"
    )
    whole = write(tmp_path).read_bytes()
    (tmp_path / "table.parquet").write_bytes(whole[:200] + bytes(300) + whole[500:])
    assert problems(tmp_path / "table.parquet", "price", drop=CATEGORICAL, missing="zero")[0].startswith(
        "path: table.parquet cannot be read ("
    )
    path = write(tmp_path, {"a": pa.array([], pa.float64()), "y": pa.array([], pa.float64())})
    assert problems(path) == ["path: table.parquet has no rows; expected rows"]
    assert "no such file or folder" in problems(tmp_path / "none.parquet")[0]


def test_a_missing_pyarrow_is_explained(tmp_path: Path) -> None:
    write(tmp_path)
    code = (
        "import sys; sys.modules['pyarrow'] = None; from pathlib import Path; from dnnlab import registry\n"
        "from dnnlab.errors import DataError\n"
        "try: registry.build('data', {'name': 'parquet', 'path': 'table.parquet', 'target': 'y'}, "
        "Path(sys.argv[1]))\n"
        "except DataError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True)
    assert done.stdout == (
        "Parquet files are read by pyarrow, which is not installed; expected that package; pip "
        "install 'dnnlab[parquet]'\n"
    ), done.stderr


def test_only_one_column_is_in_memory(tmp_path: Path) -> None:
    columns = parquet_data.read_parquet(write(tmp_path)).columns
    first = columns["size"]
    assert columns["size"] is first and columns["code"] is not columns["size"]
    assert [columns["kind"][0], columns["town"][3], columns["code"][1:3]] == ["no", "", ("7", "2")]


def test_new_rows_for_a_trained_net_may_come_from_parquet(tmp_path: Path) -> None:
    keys = {"categorical": CATEGORICAL, "missing": "median"}
    bound = registry.bind("data", {"name": "parquet", "path": "table.parquet", "target": "price", **keys})
    write(tmp_path)
    found = prepare(bound(tmp_path), bound)
    order = dict(reversed(COLUMNS.items()))
    inputs, targets = encode_inputs(found.to_json(), found.tensors(), write(tmp_path, order, "new.parquet"))
    train = found.split["train"]
    assert (
        torch.equal(inputs[train], found.train.inputs)
        and targets is not None
        and torch.equal(targets[train], found.train.targets)
    )


def test_texts_that_are_no_utf8(tmp_path: Path) -> None:
    data = pa.array([b"u", b"v\xed\xa0\x80"] * 10, pa.binary())
    texts = pa.Array.from_buffers(pa.string(), 20, data.buffers())
    pq.write_table(pa.table({"a": np.arange(20.0), "y": texts}), tmp_path / "t.parquet")
    with pytest.raises(DataError, match=r"^path: t.parquet cannot be read \(.*Invalid UTF8"):
        read(tmp_path / "t.parquet", "y")
