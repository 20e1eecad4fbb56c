"""`data: csv` on bad files: everything wrong is named at once, with the line to write."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from helpers.csv_files import prepared_csv, problems, read_csv, write_csv

from dnnlab import registry
from dnnlab.errors import ConfigError, DataError


def test_text_and_holes_are_all_named_with_the_lines_to_add(tmp_path: Path) -> None:
    towns = ["NEAR BAY", "INLAND", "ISLAND"]
    rows = [f"{i},{towns[i % 3]},{'' if i in (4, 7) else i},{'ab'[i % 2]},{i}.5" for i in range(30)]
    path = write_csv(tmp_path, "\n".join(["size,ocean_proximity,bedrooms,kind,y", *rows]))
    line = "numbers were expected; add `categorical: [ocean_proximity, kind]`"
    assert problems(path) == [
        f'path: column "ocean_proximity" holds text (NEAR BAY and 2 more); {line}',
        f'path: column "kind" holds text (a and 1 more); {line}',
        (
            'path: 2 empty cells in "bedrooms" (first: row 5, line 6); a value was expected; add '
            "`missing: median` (or mean, zero, drop)"
        ),
    ]
    assert problems(path, categorical=["kind"], missing="mean") == [
        f'path: column "ocean_proximity" holds text (NEAR BAY and 2 more); {line}'
    ]


def test_a_line_that_was_advised_works(tmp_path: Path) -> None:
    path = write_csv(tmp_path, 'odd name,"1st, kind",y\n1,u,2.5\n2,v,3.5\n,u,4.5\n')
    first = problems(path)
    assert first[0].endswith('add `categorical: ["1st, kind"]`') and first[1].endswith(
        "add `missing: median` (or mean, zero, drop)"
    )
    assert read_csv(path, categorical=["1st, kind"], missing="median").train[0].shape == (3, 3)


def test_a_few_texts_among_numbers_are_slips(tmp_path: Path) -> None:
    path = write_csv(tmp_path, "\n".join(["a,y", "1,2.5", "2,3.5", "unknown,3.5", "4,1.5", "5,2.5"]))
    assert problems(path) == [
        'path: column "a" holds text in 1 of 5 cells (first: "unknown", row 3, line 4); numbers '
        "were expected; "
        "correct them, or empty them and add `missing: median`, or add `categorical: [a]` or `drop: [a]`"
    ]


def test_names_and_running_numbers_and_empty_columns_are_to_be_dropped(tmp_path: Path) -> None:
    rows = [f"{i},name{i},,{i * i},{i}.5" for i in range(30)]
    found = problems(write_csv(tmp_path, "\n".join([",who,nothing,a,y", *rows])))
    assert found == [
        'path: column "column1" has no name in the header and only counts the rows; a column to '
        "learn from was expected; "
        "add `drop: [column1]`",
        (
            'path: column "who" holds text (name0 and 29 more), nearly a different one in every row; '
            "numbers were expected; add `drop: [who]`"
        ),
        'path: column "nothing" is empty; a column to learn from was expected; add `drop: [nothing]`',
    ]


def test_decimal_commas(tmp_path: Path) -> None:
    path = write_csv(tmp_path, "a;y\n1,5;u\n2,25;v\n")
    assert problems(path) == [
        (
            'path: column "a" holds decimal commas (1,5 and 1 more); numbers with a decimal point were '
            'expected; add `decimal: ","`'
        )
    ]


def test_underscores_are_no_digits(tmp_path: Path) -> None:
    assert "holds text (1_000" in problems(write_csv(tmp_path, "a,y\n1_000,u\n2_000,v\n"))[0]


def test_columns_that_are_not_there(tmp_path: Path) -> None:
    path = write_csv(tmp_path, "Age,town,y\n1,u,2.5\n2,v,3.5\n")
    assert problems(path, "prise", categorical=["age"], drop=["y", "town"]) == [
        'target: no column is called "prise"; the file has Age, town, y',
        'categorical: no column is called "age"; the file has Age, town, y; did you mean Age?',
    ]
    assert problems(path, drop=["y"]) == [
        'drop: "y" is the target; expected an input column; remove it from drop'
    ]
    assert problems(path, categorical=["town"], drop=["town"]) == [
        (
            'categorical: "town" stands under categorical and under drop; expected one of them; remove '
            "it from one"
        )
    ]
    assert problems(path, ["y", "Age", "y"]) == [
        'target: "y" stands twice under target; expected each column once; write it once'
    ]
    assert problems(path, []) == [
        "target: no target is named; expected a column to learn; write `target: NAME`"
    ]
    assert problems(path, drop=["Age", "town"]) == [
        "path: no column is left to learn from (columns: Age, town, y); expected one or more "
        "besides the target; "
        "check `separator` and `drop`"
    ]


def test_targets_with_holes_are_never_filled(tmp_path: Path) -> None:
    path = write_csv(tmp_path, "a,y\n1,2.5\n2,\n3,4.5\n")
    assert problems(path, missing="median") == [
        'path: 1 empty cell in the target "y" (first: row 2, line 3); a value was expected; add '
        "`missing_target: drop`: "
        "what is to be learned cannot be filled, so such rows are left out"
    ]
    assert len(read_csv(path, missing="drop").train[0]) == 2
    left = read_csv(path, missing="median", missing_target="drop")
    assert (
        left.train[1].tolist() == [[2.5], [4.5]]
        and left.note == "1 of 3 rows have no target and are left out"
    )


@pytest.mark.parametrize("mark", ["NA", "n/a", "NaN", "null", "<NA>", ""])
def test_targets_that_are_marked_as_missing_are_no_class(tmp_path: Path, mark: str) -> None:
    path = write_csv(
        tmp_path, "\n".join(["a,y", *(f"{i},{('good', 'bad', mark)[i % 3]}" for i in range(12))])
    )
    (found,) = problems(path)
    keep = f' (or `missing_target: keep` if "{mark}" is the name of a class)' if mark else ""
    assert found == (
        'path: 4 empty cells in the target "y" (first: row 3, line 4); a value was expected; '
        "add `missing_target: drop`: what is to be learned cannot be filled, so such rows are left out" + keep
    )
    left = read_csv(path, missing_target="drop")
    assert left.class_names == ("bad", "good") and len(left.train[0]) == 8
    if mark:
        kept = read_csv(path, missing_target="keep")
        assert set(kept.class_names) == {"bad", "good", mark} and len(kept.train[0]) == 12


def test_none_and_signs_may_be_answers(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path, "\n".join(["a,y", *(f"{i},{('None', 'some', '?', '-')[i % 4]}" for i in range(12))])
    )
    assert set(read_csv(path).class_names) == {"None", "some", "?", "-"}


def test_rows_without_a_target_are_left_out_and_inputs_filled(tmp_path: Path) -> None:
    rows = [f"{i if i % 2 else ''},{'' if i % 2 else i},{'' if i in (3, 7) else i + 0.5}" for i in range(12)]
    path = write_csv(tmp_path, "\n".join(["a,b,y", *rows]))
    assert "missing_target: drop" in problems(path, missing="median")[0]
    found = prepared_csv(path, missing="median", missing_target="drop", validation="none", test="none")
    assert len(found.train.targets) == 10
    assert "write `missing: median`" in problems(path, missing="drop")[0]


def test_targets_that_do_not_fit_the_task(tmp_path: Path) -> None:
    path = write_csv(tmp_path, "a,y,z\n1,u,0\n2,v,1\n3,u,2\n")
    assert problems(path, drop=["z"], task="numbers") == [
        'target: the target "y" holds text (u and 1 more); numbers were expected; write `task: classes`'
    ]
    assert problems(path, "z", categorical=["y"], task="labels") == [
        'task: the target "z" holds other values than 0 and 1; 0 or 1 was expected; write `task: numbers`'
    ]
    assert problems(path, ["y", "z"]) == [
        (
            'target: the target "y" holds text (u and 1 more); numbers were expected; name one target, '
            "or columns of numbers"
        )
    ]
    assert problems(path, ["y", "z"], task="classes") == [
        (
            "task: task: classes with 2 targets (y, z); one target was expected; name one column, or "
            "write `task: labels`"
        )
    ]


def test_the_form_of_the_file(tmp_path: Path) -> None:
    ragged = write_csv(tmp_path, "a,b,y\n1,2,u\n1,2\n3,4,v\n1,2,3,4\n")
    assert problems(ragged) == [
        "path: table.csv: line 3 has 2 cells, the header has 3 (and 1 more line like it); expected "
        "as many cells as names; "
        "add the missing cells or separators"
    ]
    double = write_csv(tmp_path, "a,b,a,y\n1,2,3,u\n1,2,3\n")
    assert problems(double) == [
        'path: table.csv has 2 columns called "a"; expected names that differ; rename them in the header',
        (
            "path: table.csv: line 3 has 3 cells, the header has 4; expected as many cells as names; "
            "add the missing cells or separators"
        ),
    ]
    assert problems(write_csv(tmp_path, "1,2,0\n3,4,1\n")) == [
        "path: the first line of table.csv holds only numbers (1, 2, 0); expected the columns' "
        "names; write a header line above it, "
        "or add `header: none`"
    ]
    assert problems(write_csv(tmp_path, "a,y\n")) == [
        "path: table.csv has a header and no rows; expected rows below it"
    ]
    assert problems(write_csv(tmp_path, b"")) == ["path: table.csv is empty; expected a header line and rows"]


def test_an_open_quote_is_named_with_the_line_where_its_row_begins(tmp_path: Path) -> None:
    found = problems(write_csv(tmp_path, 'a,t,y\n1,u,2.5\n2,"v,3.5\n3,w,4.5\n'))
    assert len(found) == 1 and found[0].startswith(
        "path: table.csv: line 3 cannot be read (unexpected end of data)"
    )
    assert found[0].endswith(
        'a quote inside a quoted cell is written twice (""), and every quote must be closed'
    )


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (
            "a,y\n1,Köln\n".encode("latin-1"),
            "table.csv: line 2 holds the byte 0xf6, which is no UTF-8; expected UTF-8; save it as UTF-8",
        ),
        (
            b"PK\x03\x04rest",
            (
                "table.csv is a zip file, such as an Excel workbook; expected a text file with "
                "separated columns; save the sheet"
            ),
        ),
        (
            gzip.compress(b"a,y\n1,2\n", mtime=0),
            "table.csv is compressed with gzip; expected a text file with separated columns; unpack it",
        ),
        (b"PAR1rest", "table.csv is a Parquet file"),
        (b"a,y\n1,\0\n", "table.csv holds NUL bytes, so it is no text"),
        (b"a,y\n1,\xff\xfe\n", "line 2 holds the byte 0xff"),
    ],
)
def test_files_that_are_no_csv(tmp_path: Path, content: bytes, text: str) -> None:
    found = problems(write_csv(tmp_path, content))
    assert len(found) == 1 and text in found[0]


def test_one_class_only_and_infinite_numbers(tmp_path: Path) -> None:
    path = write_csv(tmp_path, "a,y\n1,same\n2,same\n3,same\n")
    with pytest.raises(
        DataError, match=r"^data: all 3 rows of csv are of one class \(same\); expected two classes or more$"
    ):
        prepared_csv(path)
    infinite = write_csv(tmp_path, "a,y\n1,2.5\ninf,3.5\n,4.5\n4,1.5\n5,2.5\n6,3.5\n")
    with pytest.raises(DataError, match=r'1 value is not finite in "a" \(first: row 2, line 3\)'):
        prepared_csv(infinite, missing="median")


def test_rows_keep_their_numbers_when_others_are_left_out(tmp_path: Path) -> None:
    text = "a,b,y\n1,2,\n,2,0.5\n\n3,4,1.5\n4,inf,2.5\n5,x,3.5\n6,7,4.5\n"
    path = write_csv(tmp_path, text)
    assert '(first: "x", row 5, line 7)' in problems(path, missing="drop", missing_target="drop")[0]
    path.write_text(text.replace("x", "9"))
    with pytest.raises(DataError, match=r'not finite in "b" \(first: row 4, line 6\)'):
        prepared_csv(path, missing="drop", missing_target="drop")


def test_a_column_that_is_empty_in_the_training_rows(tmp_path: Path) -> None:
    rows = [f"{i},{'9' if i < 2 else ''},{i}.5" for i in range(10)]
    path = write_csv(tmp_path, "\n".join(["a,b,y", *rows]))
    with pytest.raises(DataError) as caught:
        prepared_csv(path, missing="mean", validation={"first": 2}, test="none")
    assert str(caught.value) == (
        'data.missing: "b" is empty in all 8 training rows, so it has no mean; expected some values; '
        "add `drop: [b]`, or write `missing: zero`"
    )


def test_a_file_that_is_not_there_or_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DNNLAB_DATA", raising=False)
    assert problems(tmp_path / "none.csv") == [
        f"path: {tmp_path}/none.csv: no such file or folder; expected none.csv there; "
        "correct the path, or set DNNLAB_DATA to the folder above none.csv"
    ]
    monkeypatch.setenv("DNNLAB_DATA", str(tmp_path / "all"))
    assert problems(tmp_path / "none.csv")[0].startswith(
        f"path: {tmp_path}/none.csv and {tmp_path}/all/none.csv: no such file or folder"
    )
    assert (
        problems(tmp_path)[0].startswith("path: ")
        and "cannot be read (Is a directory)" in problems(tmp_path)[0]
    )


def test_foreign_keys_and_wrong_forms_are_explained() -> None:
    with pytest.raises(ConfigError, match=r"data\.missing: received \"medain\".*did you mean median\?"):
        registry.bind("data", {"name": "csv", "path": "x", "target": "y", "missing": "medain"})
    with pytest.raises(ConfigError, match=r"data\.categorical: received \"town\"; expected a list"):
        registry.bind("data", {"name": "csv", "path": "x", "target": "y", "categorical": "town"})
