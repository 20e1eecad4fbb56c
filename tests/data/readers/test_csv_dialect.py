"""Tables without a header, and cells that are parted otherwise than by comma, semicolon or tab."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from helpers.csv_files import prepared_csv, problems, read_csv, write_csv

from dnnlab.config import load_mapping
from dnnlab.data.new_inputs.encode import encode_inputs
from dnnlab.data.readers.csv_dialect import lacks_a_header, reads_like_a_row
from dnnlab.data.readers.csv_file import SEPARATORS, guessed_dialect
from dnnlab.errors import ConfigError, DataError

CELLS = [["a", "b", "y"], *([f"{i}.5", str(i * i), "uv"[i % 2]] for i in range(12))]


def text(mark: str, rows: list[list[str]] = CELLS) -> str:
    return "\n".join(mark.join(row) for row in rows)


@pytest.mark.parametrize("word", SEPARATORS)
def test_every_separator_reads_the_same_table(tmp_path: Path, word: str) -> None:
    expected = read_csv(write_csv(tmp_path, text(",")))
    path = write_csv(tmp_path, text(SEPARATORS[word]), "other.csv")
    assert read_csv(path, separator=word).fingerprint() == expected.fingerprint()
    assert guessed_dialect(path) == (word if word in ("|", ":", "space") else "auto", True)


@pytest.mark.parametrize(("word", "shown"), [("|", '"|"'), (":", '":"'), ("space", "space")])
def test_an_unusual_separator_is_named(tmp_path: Path, word: str, shown: str) -> None:
    rows = CELLS if word == "|" else [row[:2] for row in CELLS]
    path = write_csv(tmp_path, text(SEPARATORS[word], rows))
    assert problems(path) == [
        f"path: table.csv is not parted as expected: {shown} parts every line into {len(rows[0])} cells; "
        f'expected `,`, `;` or tab, or the key; write `separator: "{word}"`'
    ]


@pytest.mark.parametrize("mark", ["^", "~", "\x01"])
def test_other_marks_are_to_be_replaced(tmp_path: Path, mark: str) -> None:
    assert "write commas in place of" in problems(write_csv(tmp_path, text(mark)))[0]


def test_a_wrong_separator_is_told_from_one_column(tmp_path: Path) -> None:
    path = write_csv(tmp_path, text(","))
    assert problems(path, separator=";")[0].endswith('write `separator: ","`')
    towns = write_csv(tmp_path, "home town\nNew York\nLos Angeles\n")  # one column, spaces inside its texts
    assert 'no column is called "y"' in problems(towns)[0]


def test_decimal_commas_do_not_part_cells(tmp_path: Path) -> None:
    rows = "\n".join(f"{i},5;{i * 2},25;{i},125" for i in range(12))
    found = read_csv(write_csv(tmp_path, rows), 3, header=None, decimal=",")
    assert found.train[0][1].tolist() == [1.5, 2.25] and found.train[1][1].tolist() == [1.125]


def test_spaces_and_tabs_part_cells(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path, " 18.0   8\t307.0  \"buick skylark\"  \n 15.0  12   99.5\t'x'\n 3 4 5 z \n" * 4
    )
    found = read_csv(path, 1, header=None, separator="space", drop=[4], task="numbers")
    assert found.train[0][:2].tolist() == [[8, 307], [12, 99.5]] and found.train[1][0] == [18]


@pytest.mark.parametrize("target", [3, "column3"])
def test_a_table_without_a_header(tmp_path: Path, target: int | str) -> None:
    rows = [["1.5", "2", "u"], ["2.5", "3", "v"], ["3.5", "", "u"], ["4.5", "5", "v"]]
    path = write_csv(tmp_path, text(",", rows))
    found = read_csv(path, target, header=None, missing="drop")
    assert found.feature_names == ("column1", "column2") and found.class_names == ("u", "v")
    assert found.train[0].tolist() == [[1.5, 2], [2.5, 3], [4.5, 5]] and found.train[1].tolist() == [0, 1, 1]
    assert problems(path, target, header=None) == [
        'path: 1 empty cell in "column2" (first: row 3, line 3); a value was expected; '
        "add `missing: median` (or mean, zero, drop)"
    ]
    assert problems(write_csv(tmp_path, "1,2,u\n1,2\n"), target, header=None) == [
        "path: table.csv: line 2 has 2 cells, the first line has 3; expected as many cells in every line; "
        "add the missing cells or separators"
    ]


def test_columns_by_number(tmp_path: Path) -> None:
    path = write_csv(tmp_path, text(",", CELLS[1:]))
    found = read_csv(path, 1, header=None, task="numbers", categorical=[3], drop=[2])
    assert found.feature_names == ("column3=u", "column3=v") and found.target_names == ("column1",)
    assert problems(path, 4, header=None) == ["target: received 4; expected a column's number from 1 to 3"]
    assert problems(path, 0, header=None) == ["target: received 0; expected a column's number from 1 to 3"]
    assert problems(write_csv(tmp_path, text(",")), 3) == [
        'target: received 3; expected a name, since there is a header; write `"3"` for a column of that name'
    ]


def test_predict_reads_a_file_without_header_as_the_run_did(tmp_path: Path) -> None:
    rows = [[str(i % 2), f"{i}.5", str(i * i), "x"] for i in range(20)]
    path = write_csv(tmp_path, text("|", rows))
    data = prepared_csv(path, 1, header=None, separator="|", drop=[4], validation=None, test=None)
    described, tensors = data.to_json(), data.tensors()
    inputs, targets = encode_inputs(described, tensors, path)
    assert targets is not None and np.array_equal(inputs, data.train.inputs)
    for other, mark in ((text("|", [row[1:] for row in rows]), "|"), (text(",", rows), ",")):
        found = encode_inputs(described, tensors, write_csv(tmp_path, other, f"other{ord(mark)}.data"))
        assert np.array_equal(found[0], inputs)
    with pytest.raises(DataError) as caught:
        encode_inputs(described, tensors, write_csv(tmp_path, "1,2\n3,4\n", "short.csv"))
    assert str(caught.value) == (
        "short.csv: 2 columns and no header; expected 4, as the file of the run has, or 3 without the target"
    )


ADULT = [
    ["39", "State-gov", "77516", "Bachelors", "13", "Never-married", "<=50K"],
    ["50", "Private", "83311", "Bachelors", "13", "Married", "<=50K"],
    ["38", "State-gov", "215646", "HS-grad", "9", "Never-married", ">50K"],
]


@pytest.mark.parametrize(
    ("header", "rows", "row"),
    [
        (ADULT[0], ADULT[1:], True),
        (["p", "x", "s"], [["e", "x", "s"], ["p", "b", "s"]], True),  # mushrooms: letters alone
        (["5.1", "3.5", "setosa"], [["4.9", "3.0", "setosa"]], True),
        (["1", "2", "0"], [["3", "4", "1"]], True),
        (["age", "work", "class"], [row[:2] + row[-1:] for row in ADULT], False),
        (["country", "2019", "2020"], [["Chad", "1.5", "2.5"], ["Mali", "1.25", "2"]], False),
        (["2019", "2020", "2021"], [["1", "2", "3"]], False),  # years
        (["0", "1", "2"], [["1.5", "2.5", "3.5"]], False),  # as pandas numbers columns without names
        (["word", "label"], [["word", "noun"], ["run", "verb"]], False),
        (["a", "b"], [], False),
    ],
)
def test_whether_the_first_line_is_a_row(header: list[str], rows: list[list[str]], row: bool) -> None:
    assert lacks_a_header(header, rows) is row


def test_a_header_that_reads_like_a_row_is_noted_or_refused(tmp_path: Path) -> None:
    path = write_csv(tmp_path, text(",", ADULT))
    assert reads_like_a_row(ADULT[0], ADULT[1:]) == "State-gov"
    found = read_csv(path, "<=50K", drop=["State-gov", "Bachelors", "Never-married"])
    assert found.note == (
        'the first line of table.csv reads like a row ("State-gov" stands below it, too): '
        "`header: none` if it is one"
    )
    letters = write_csv(tmp_path, "p,x,s,s\n" + "e,x,s,s\np,b,s,s\n" * 3)
    assert problems(letters, "p") == [
        "path: the first line of table.csv reads like a row of values (p, x, s, s); expected the "
        "columns' names; "
        "write a header line above it, or add `header: none`"
    ]


def test_parquet_has_its_names(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="leave it out: a Parquet file holds the names of its columns"):
        load_mapping({"data": {"name": "parquet", "path": "x", "target": "y", "header": None}})
