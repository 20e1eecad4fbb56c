"""Names of classes: what a cell of a target is called, the same in CSV, Parquet, NumPy archives and new
tables.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from helpers.csv_files import prepared_csv, read_csv, write_csv

from dnnlab import registry
from dnnlab.data.new_inputs.encode import encode_inputs
from dnnlab.data.readers.arrays import from_arrays
from dnnlab.data.readers.labels import class_labels, known_class
from dnnlab.errors import DataError

# spellings of a column's cells -> the classes that they name
TABLE: dict[str, tuple[list[str], list[str]]] = {
    "whole numbers": (["7", "8", "10"], ["7", "8", "10"]),
    "whole numbers with a point": (["7", "7.0", "10.00"], ["7", "7", "10"]),
    "negative": (["-1", "0", "1"], ["-1", "0", "1"]),
    "leading zeros": (["007", "008", "010"], ["007", "008", "010"]),
    "one leading zero": (["07", "7", "10"], ["07", "7", "10"]),
    "exponents": (["1e1", "10", "20"], ["1e1", "10", "20"]),
    "hexadecimal": (["1e1", "10", "2a3"], ["1e1", "10", "2a3"]),
    "signs": (["+1", "1", "-1"], ["+1", "1", "-1"]),
    "underscores": (["1_0", "10", "20"], ["1_0", "10", "20"]),
    "long ids": (["12345678901234567890", "12345678901234567891"],) * 2,
    "numbers and text": (["1", "1.0", "one"], ["1", "1.0", "one"]),
    "infinity": (["inf", "1", "2"], ["inf", "1", "2"]),
    "truth": (["True", "TRUE", "true", "False", "false"], ["True", "True", "True", "False", "False"]),
    "truth in one spelling": (["true", "false"], ["true", "false"]),
    "capitals": (["yes", "Yes", "no"], ["yes", "Yes", "no"]),
    "truth and text": (["True", "true", "maybe"], ["True", "true", "maybe"]),
}  # fmt: skip


@pytest.mark.parametrize("kind", TABLE)
def test_class_names_over_all_spellings(kind: str, tmp_path: Path) -> None:
    cells, expected = TABLE[kind]
    rows = [(text, name) for _ in range(3) for text, name in zip(cells, expected, strict=True)]
    path = write_csv(tmp_path, "\n".join(["a,y", *(f"{i},{text}" for i, (text, _) in enumerate(rows))]))
    found = read_csv(path, task="classes")
    assert [found.class_names[i] for i in found.train[1]] == [name for _, name in rows]
    archive = from_arrays(np.arange(len(rows), dtype=float)[:, None], np.array([text for text, _ in rows]))
    assert archive.class_names == found.class_names and archive.train[1].tolist() == found.train[1].tolist()
    data = prepared_csv(path, task="classes", validation="none", test="none")
    targets = encode_inputs(data.to_json(), data.tensors(), path)[1]
    assert targets is not None and torch.equal(targets, data.train.targets)


def test_parquet_names_classes_alike(tmp_path: Path) -> None:
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    for cells, expected in TABLE.values():
        pq.write_table(pa.table({"a": list(range(3 * len(cells))), "y": cells * 3}), tmp_path / "t.parquet")
        keys = {"name": "parquet", "path": "t.parquet", "target": "y", "task": "classes"}
        raw = registry.build("data", keys, tmp_path)
        assert [raw.class_names[i] for i in raw.train[1]] == expected * 3


@pytest.mark.parametrize(
    ("cells", "note"),
    [
        (["True", "TRUE", "false"], (
            '"y" spells true and false in 3 ways, read '
            'as the classes False and True'
        )),
        (["Yes", "yes", "no"], 'classes of "y" differ only in capitals (Yes and yes): they stay apart'),
        (["007", "7", "10"], 'classes of "y" are the same number (007 and 7): they stay apart, as texts'),
        (["yes", "no", "perhaps"], ""),
        (["true", "false", "false"], ""),
    ],
)  # fmt: skip
def test_classes_that_are_spelled_alike_are_noted(tmp_path: Path, cells: list[str], note: str) -> None:
    path = write_csv(tmp_path, "\n".join(["a,y", *(f"{i},{text}" for i, text in enumerate(cells * 3))]))
    assert read_csv(path, task="classes").note == note


def test_new_cells_name_classes_by_the_names_of_the_run() -> None:
    assert known_class("7.0", ["7", "10"]) == 0 and known_class("007", ["7", "10"]) is None
    assert known_class("007", ["007", "010"]) == 0 and known_class("7", ["007", "010"]) is None
    assert known_class("TRUE", ["False", "True"]) == 1 and known_class("YES", ["no", "yes"]) is None
    assert class_labels([]) == {}


def test_a_label_that_the_run_does_not_know_is_named(tmp_path: Path) -> None:
    path = write_csv(tmp_path, "a,y\n" + "\n".join(f"{i},0{i % 2 + 7}" for i in range(8)))
    data = prepared_csv(path, task="classes")
    new = write_csv(tmp_path, "a,y\n1,7\n2,8", "new.csv")
    with pytest.raises(DataError, match="with the class 7 and 1 more; expected classes of the run: 07, 08"):
        encode_inputs(data.to_json(), data.tensors(), new)


def test_a_class_with_leading_zeros_can_be_chosen_by_its_number(tmp_path: Path) -> None:
    path = write_csv(tmp_path, "a,y\n" + "\n".join(f"{i},00{i % 3 + 1}" for i in range(12)))
    found = prepared_csv(path, task="classes", classes=[1, "003"])
    assert found.names == ("001", "003")
