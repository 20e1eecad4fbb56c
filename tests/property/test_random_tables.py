"""Random small tables as CSV and as Parquet: both readers read the same, or both refuse.

Seeds are drawn at run time and printed; DNNLAB_TABLES_SEED repeats a run.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from dnnlab import registry
from dnnlab.data.raw import RawDataset
from dnnlab.errors import DataError

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

TABLES = 2_000
MARKS = ("", "NA", "nan", "NaN", "null", "None", "?", "-", ".", "<NA>")
SPELLINGS: dict[str, tuple[str, ...]] = {
    "codes": ("007", "7", "010", "10", "1e1", "0x1A", "7.0"),
    "truth": ("True", "TRUE", "true", "False", "FALSE", "false"),
    "words": ("a", "A", "b", "new york", "New York", "é", "x y", "None of these"),
    "whole": ("0", "1", "2", "3", "1.0", "2.0", "-3"),
    "numbers": ("0.5", "1e-3", "-2.25", "+7", ".5", "1E5", "12", "1_000", "inf"),
    "comma": ("0,5", "1,25", "12,0", "-3,5"),
    "thousands": ("1,000", "12,345", "7", "1,234,567"),
    "money": ("$5", "$1,200", "7 %", "€3.5"),
    "dates": ("2021-03-14", "2020-12-31", "14.3.2021", "3/14/2021", "2021-03-14 10:00"),
    "ids": ("12345678901234567890", "12345678901234567891", "9007199254740993", "0012"),
}
KEYS: tuple[dict[str, Any], ...] = (
    {},
    {"missing": "median"},
    {"missing": "drop"},
    {"missing": "zero", "missing_target": "drop"},
    {"missing_target": "keep"},
    {"decimal": ","},
    {"thousands": ",", "strip": "$%€"},
    {"task": "classes"},
    {"task": "numbers"},
    {"dates": {"c0": ["year", "season"]}},
)


def column(random: Random, rows: int) -> list[str]:
    """Cells of one or two ways of spelling, with some holes; sometimes each row has its own number."""
    if random.random() < 0.2:
        return [f"{random.gauss(0, 10):.{random.randrange(5)}f}" for _ in range(rows)]
    kinds = random.sample(sorted(SPELLINGS), random.choice((1, 1, 1, 2)))
    texts = [text for kind in kinds for text in random.sample(SPELLINGS[kind], random.randint(1, 4))]
    cells = random.choices(texts, k=rows)
    if random.random() < 0.4:
        for row in random.sample(range(rows), random.randint(1, max(1, rows // 5))):
            cells[row] = random.choice(MARKS)
    return cells


def table(random: Random) -> tuple[dict[str, list[str]], dict[str, Any]]:
    """A table of texts and the keys to read it with."""
    rows = random.choice((3, 8, 20, 40))
    names = [f"c{i}" for i in range(random.randint(2, 5))]
    cells = {name: column(random, rows) for name in names}
    if random.random() < 0.2:  # rows that occur twice
        cells = {name: [*texts, *texts] for name, texts in cells.items()}
    keys = dict(random.choice(KEYS))
    inputs = names[:-1]
    texts = [name for name in inputs if not all(map(_is_number, cells[name]))]
    keys["categorical"] = [name for name in inputs if random.random() < (0.9 if name in texts else 0.1)]
    keys["drop"] = [name for name in inputs[1:] if random.random() < 0.15 and name not in keys["categorical"]]
    return cells, {"target": names[-1], **keys}


def _is_number(cell: str) -> bool:
    try:
        return "_" not in cell and bool(np.isfinite(float(cell)))
    except ValueError:
        return False


def write(folder: Path, cells: dict[str, list[str]]) -> tuple[Path, Path]:
    """The same texts in both files."""
    lines = [list(cells), *map(list, zip(*cells.values(), strict=True))]
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in line) for line in lines]
    text, binary = folder / "t.csv", folder / "t.parquet"
    text.write_text("\n".join(quoted) + "\n", encoding="utf-8")
    pq.write_table(
        pa.table({name: pa.array(column_, pa.string()) for name, column_ in cells.items()}), binary
    )
    return text, binary


def outcome(reader: str, path: Path, keys: dict[str, Any]) -> RawDataset | list[tuple[str, str]]:
    """What a reader gives: the data, or the place and the code of each problem."""
    try:
        return registry.build("data", {"name": reader, "path": path.name, **keys}, path.parent)
    except DataError as error:
        return [(problem.path, problem.code) for problem in error.problems]


def check_same(one: Any, two: Any, where: str) -> None:
    """Both refused for the same, or both have the same features, classes, order and rows."""
    if isinstance(one, list) or isinstance(two, list):
        assert one == two, where
        return
    assert one.target == two.target and one.names == two.names, where
    assert one.feature_names == two.feature_names and one.indicators == two.indicators, where
    for mine, others in zip(one.train, two.train, strict=True):
        assert np.array_equal(mine, others, equal_nan=mine.dtype.kind == "f"), where
    assert one.note == two.note and one.places.rows[:] == two.places.rows[:], where


@pytest.mark.slow
def test_both_readers_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DNNLAB_CACHE", str(tmp_path / "cache"))
    first = int(os.environ.get("DNNLAB_TABLES_SEED") or secrets.randbelow(2**31))
    print(f"DNNLAB_TABLES_SEED={first}")
    read = 0
    for seed in range(first, first + TABLES):
        cells, keys = table(Random(seed))
        text, binary = write(tmp_path, cells)
        found = outcome("csv", text, keys)
        check_same(found, outcome("parquet", binary, keys), f"seed {seed}: {keys} {cells}")
        read += isinstance(found, RawDataset)
    print(f"{read} of {TABLES} tables were read, the others refused alike")
    assert read > TABLES // 4
