"""The classes of a column: spellings of numbers, codes, truth values and names, the same in csv, parquet,
frames and predictions.
"""

from __future__ import annotations

import doctest
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dnnlab import registry
from dnnlab.data.new_inputs.tables import encode_targets
from dnnlab.data.raw import RawDataset
from dnnlab.data.readers import labels as module
from dnnlab.data.readers.labels import are_codes, class_labels, class_names, known_class
from dnnlab.errors import DataError

# cells -> the class of each
SPELLINGS: dict[str, tuple[list[str], list[str]]] = {
    "whole numbers": (["1", "2", "10"], ["1", "2", "10"]),
    "one number in several forms": (["1", "1.0", "2.00"], ["1", "1", "2"]),
    "decimals": (["0.5", "1.25"], ["0.5", "1.25"]),
    "negative numbers": (["-1", "-1.0", "0"], ["-1", "-1", "0"]),
    "leading zeros": (["007", "7", "010"], ["007", "7", "010"]),
    "exponents": (["1e1", "10", "2e3"], ["1e1", "10", "2e3"]),
    "texts among numbers": (["1e1", "10", "2a3", "1.0"], ["1e1", "10", "2a3", "1.0"]),
    "long ids": (
        ["12345678901234567890", "12345678901234567891"],
        ["12345678901234567890", "12345678901234567891"],
    ),
    "underscores": (["1_0", "10"], ["1_0", "10"]),
    "inf and nan": (["inf", "1", "nan(1)"], ["inf", "1", "nan(1)"]),
    "truth values in one form": (["true", "false"], ["true", "false"]),
    "truth values in several": (["True", "TRUE", "true", "False"], ["True", "True", "True", "False"]),
    "truth values and others": (["True", "TRUE", "maybe"], ["True", "TRUE", "maybe"]),
    "yes and no": (["yes", "Yes", "no"], ["yes", "Yes", "no"]),
    "hexadecimal": (["0x10", "16"], ["0x10", "16"]),
}


def test_examples() -> None:
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_spellings(spelling: str) -> None:
    cells, classes = SPELLINGS[spelling]
    labels = class_labels(cells)
    assert [labels[cell] for cell in cells] == classes
    assert sorted(class_names(cells)) == sorted(set(classes))


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_prediction_finds_the_same_classes(spelling: str) -> None:
    cells, classes = SPELLINGS[spelling]
    names = class_names(cells)
    assert [names[known_class(cell, names) or 0] for cell in cells] == classes
    assert known_class("nowhere", names) is None
    described = {"names": list(names), "target": "index"}
    numbers = encode_targets(described, np.array(cells), len(cells))
    assert [names[number] for number in numbers] == classes
    with pytest.raises(DataError, match="with the class nowhere"):
        encode_targets(described, np.array(["nowhere"]), 1)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1", "2"], False),
        (["01", "2"], True),
        (["0", "0.5", "-0.1"], False),
        (["1234567890123456"], True),
        (["123456789012345"], False),
        (["1e20"], False),
    ],
)
def test_codes(cells: Sequence[str], expected: bool) -> None:
    assert are_codes(cells) is expected


def load(kind: str, path: Path, **keys: Any) -> RawDataset:
    """The data set of a table."""
    return registry.build("data", {"name": kind, "path": path.name, "target": "y", **keys}, path.parent)


def write(folder: Path, cells: Sequence[str], kind: str) -> Path:
    """A table of each cell twelve times beside a number."""
    targets = [cell for _ in range(12) for cell in cells]
    path = folder / f"t.{kind}"
    if kind == "csv":
        path.write_text("a,y\n" + "".join(f"{i}.5,{cell}\n" for i, cell in enumerate(targets)))
    else:
        pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
        pq.write_table(pa.table({"a": [i + 0.5 for i in range(len(targets))], "y": targets}), path)
    return path


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_csv_and_parquet_agree(tmp_path: Path, spelling: str) -> None:
    cells, classes = SPELLINGS[spelling]
    found = []
    for kind in ("csv", "parquet"):
        raw = load(kind, path=write(tmp_path, cells, kind), task="classes")
        found.append([raw.class_names[number] for number in raw.train[1]])
    assert found == [classes * 12, classes * 12]
    assert raw.class_names == class_names(cells)


def test_codes_are_classes_without_being_asked(tmp_path: Path) -> None:
    cells = [f"{number:03d}" for number in range(1, 31)]
    raw = load("csv", path=write(tmp_path, cells, "csv"))
    assert (raw.target, len(raw.class_names), raw.class_names[0]) == ("index", 30, "001")
