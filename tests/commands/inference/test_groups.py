"""`evaluate --by`: the numbers of each group against scikit-learn, on rows that the test finds by itself."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, mean_absolute_error, r2_score

import dnnlab
from dnnlab.commands.inference.evaluate import evaluate
from dnnlab.errors import DataError, UsageError
from dnnlab.render.screens.evaluation import evaluation_lines

WARD = ("007", "7", "010", "")
FLAG = ("True", "TRUE", "false")
CONFIG: dict[str, Any] = {"architecture": {"name": "mlp", "hidden": [8]}, "training": {"epochs": 4}}


def row(i: int) -> list[str]:
    a, b = i * 37 % 101 / 10, i * 53 % 89 / 7
    y = "" if i % 17 == 3 else f"{a - b + (i % 4):.2f}"
    return [
        f"{a:.2f}",
        f"{b:.3f}",
        WARD[(i * 3 + i // 7) % 4],
        FLAG[i * 7 % 3],
        f"{i % 5}.0",
        str(i),
        y,
        "uv"[i % 2],
    ]


NAMES = ["a", "b", "ward", "flag", "size", "id", "y", "kind"]
ROWS = [row(i) for i in range(260)]


def write(path: Path) -> Path:
    if path.suffix == ".csv":
        path.write_text("\n".join(map(",".join, [NAMES, *ROWS])))
        return path
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    columns = {name: list(cells) for name, cells in zip(NAMES, zip(*ROWS, strict=True), strict=True)}
    for name in ("a", "b", "size", "y"):
        columns[name] = [float(cell) if cell else None for cell in columns[name]]
    columns["flag"] = [cell.lower() == "true" for cell in columns["flag"]]
    pq.write_table(pa.table(columns), path)
    return path


def train(folder: Path, name: str, target: str, **keys: Any) -> dnnlab.Run:
    reader = "csv" if name.endswith("csv") else "parquet"
    drop = [n for n in NAMES if n not in ("a", "b", target)]
    data = {"name": reader, "path": str(write(folder / name)), "target": target, "drop": drop, **keys}
    return dnnlab.train({"data": data, **CONFIG}, runs_dir=folder)


@pytest.fixture(scope="module", params=["t.csv", "t.parquet"])
def numbers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dnnlab.Run:
    """Numbers to learn; rows without them are left out, so that the rows of file and data differ."""
    folder = tmp_path_factory.mktemp("numbers")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DNNLAB_CACHE", str(folder / "cache"))
        return train(folder, request.param, "y", task="numbers", missing_target="drop")


def in_test_part(run: dnnlab.Run) -> list[int]:
    """The rows of the file in the test part."""
    tensors = run.view.tensors("data.safetensors")
    assert tensors is not None
    whole = [i for i, cells in enumerate(ROWS) if cells[6]]
    return [whole[i] for i in tensors["split.test"].tolist()]


@pytest.mark.parametrize(
    ("column", "names"),
    [
        ("ward", ["007", "7", "010", "(empty)"]),
        ("flag", ["False", "True"]),
        ("size", ["0", "1", "2", "3", "4"]),
    ],
)
def test_the_numbers_of_each_group(numbers: dnnlab.Run, column: str, names: list[str]) -> None:
    found = evaluate(numbers.path, numbers.path.parent, by=column).result
    inputs = np.array([[float(cell) for cell in ROWS[i][:2]] for i in in_test_part(numbers)])
    answers = numbers.predict(inputs).values[:, 0]
    truth = np.array([float(ROWS[i][6]) for i in in_test_part(numbers)])
    cells = [ROWS[i][NAMES.index(column)] for i in in_test_part(numbers)]
    plain = {"": "(empty)", "True": "True", "TRUE": "True", "false": "False"}
    labels = np.array([plain.get(cell, cell.removesuffix(".0")) for cell in cells])
    assert found["by"] == column and [group["name"] for group in found["groups"]] == names
    assert sum(group["rows"] for group in found["groups"]) == found["rows"] == len(truth)
    for group in found["groups"]:
        mine = labels == group["name"]
        assert group["rows"] == mine.sum()
        assert group["metrics"]["mae"] == pytest.approx(
            mean_absolute_error(truth[mine], answers[mine]), rel=1e-5
        )
        assert group["metrics"]["r2"] == pytest.approx(r2_score(truth[mine], answers[mine]), rel=1e-4)
        low, high = group["intervals"]["mae"]
        assert low <= group["metrics"]["mae"] <= high


def test_classes_by_a_column_of_a_file_without_header(tmp_path: Path) -> None:
    (tmp_path / "t.data").write_text("\n".join("|".join(cells) for cells in ROWS))
    data = {"name": "csv", "path": str(tmp_path / "t.data"), "target": 8, "header": None, "separator": "|"}
    run = dnnlab.train({"data": {**data, "drop": [3, 4, 5, 6, 7]}, **CONFIG}, runs_dir=tmp_path)
    found = run.evaluate("train", by="column3")
    tensors = run.view.tensors("data.safetensors")
    assert tensors is not None
    mine = tensors["split.train"].tolist()
    answers = run.predict(np.array([[float(c) for c in ROWS[i][:2]] for i in mine])).classes
    for group in found["groups"]:
        name = group["name"].removeprefix("(empty)")
        at = [place for place, i in enumerate(mine) if ROWS[i][2] == name]
        expected = accuracy_score([ROWS[mine[p]][7] for p in at], [answers[p] for p in at])
        assert group["rows"] == len(at) and group["metrics"]["accuracy"] == pytest.approx(expected)
    assert json.loads(Path(found["file"]).read_text())["groups"] == found["groups"]


def test_the_screen_names_small_groups(numbers: dnnlab.Run) -> None:
    found = evaluate(numbers.path, numbers.path.parent, by="ward")
    for width in (60, 80, 120):
        lines = evaluation_lines(found, width)
        assert all(len(line) <= width for line in lines if "saved" not in line and ".json" not in line)
    at = next(i for i, line in enumerate(lines) if line.startswith(" ward"))
    assert lines[at].split()[:3] == ["ward", "rows", "r2"]
    counts = Counter(ROWS[i][2] or "(empty)" for i in in_test_part(numbers))
    assert [line.split()[:2] for line in lines[at + 1 : at + 5]] == [
        [name, str(counts[name])] for name in ("007", "7", "010", "(empty)")
    ]
    few = [name for name in ("007", "7", "010", "(empty)") if counts[name] < 30]
    assert few and f" fewer than 30 rows, so the numbers say little: {', '.join(few)}" in lines


def test_what_cannot_be_grouped(numbers: dnnlab.Run, tmp_path: Path) -> None:
    before = len(list((numbers.path / "evaluations").glob("*")))
    with pytest.raises(DataError, match=r'^--by: no column is called "wart"; .*; did you mean ward'):
        numbers.evaluate(by="wart")
    with pytest.raises(DataError) as caught:
        numbers.evaluate("train", by="id")
    count = len(ROWS) - 16 - 2 * len(in_test_part(numbers))
    assert str(caught.value) == (
        f'--by: column "id" has {count} different values in the train part; '
        "expected at most 100; name a column of few values, such as a place or a device"
    )
    assert len(list((numbers.path / "evaluations").glob("*"))) == before
    iris = dnnlab.train({"data": "iris", **CONFIG}, runs_dir=tmp_path)
    with pytest.raises(
        UsageError, match="--by town: the run was trained on iris, whose rows have no columns"
    ):
        iris.evaluate(by="town")
