"""`data: csv`: what becomes of columns, targets, categories and empty cells, with scikit-learn as a second
opinion.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from helpers.csv_files import prepared_csv, read_csv, write_csv
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder, StandardScaler

SMALL = "a,b,y\n1,2.5,no\n3,4,yes\n5,-6e1,no\n7,8,yes\n"


def mixed(folder: Path, rows: int = 200) -> tuple[Path, np.ndarray, np.ndarray]:
    """A table with two columns of numbers (holes in both), one of text and a real target."""
    draw = np.random.default_rng(3)
    numbers, town = draw.normal(size=(rows, 2)).round(4), draw.choice(["Rome", "Oslo", "Ulm"], rows)
    numbers[draw.random((rows, 2)) < 0.1] = np.nan
    cells = [["" if np.isnan(v) else f"{v}" for v in row] for row in numbers]
    lines = [f"{c[0]},{t},{c[1]},{i}.5" for i, (c, t) in enumerate(zip(cells, town, strict=True))]
    return write_csv(folder, "\n".join(["a,town,b,y", *lines])), numbers, town


def test_columns_become_features_in_the_files_order(tmp_path: Path) -> None:
    raw = read_csv(write_csv(tmp_path, SMALL))
    assert raw.feature_names == ("a", "b") and raw.class_names == ("no", "yes") and raw.target == "index"
    np.testing.assert_array_equal(raw.train[0], [[1, 2.5], [3, 4], [5, -60], [7, 8]])
    assert raw.train[1].tolist() == [0, 1, 0, 1]
    assert read_csv(write_csv(tmp_path, SMALL), drop=["a"]).feature_names == ("b",)


@pytest.mark.parametrize(
    "text",
    [
        SMALL.replace(",", ";"),
        SMALL.replace(",", "\t"),
        SMALL.replace(",", ", "),
        SMALL.replace("\n", "\r\n"),
    ],
)
def test_separators_and_line_ends(tmp_path: Path, text: str) -> None:
    assert (
        read_csv(write_csv(tmp_path, text)).fingerprint()
        == read_csv(write_csv(tmp_path, SMALL)).fingerprint()
    )


@pytest.mark.parametrize(
    "content",
    [b"\xef\xbb\xbf" + SMALL.encode(), SMALL.encode("utf-16"), SMALL.replace("\n", "\n\n").encode()],
)
def test_byte_order_marks_and_blank_lines(tmp_path: Path, content: bytes) -> None:
    assert (
        read_csv(write_csv(tmp_path, content)).fingerprint()
        == read_csv(write_csv(tmp_path, SMALL)).fingerprint()
    )


def test_a_written_separator_wins(tmp_path: Path) -> None:
    path = write_csv(tmp_path, "a;b,c,d;y\n1;2;u\n3;4;v\n")
    assert read_csv(path, separator=";").feature_names == ("a", "b,c,d")


def test_quoted_cells_hold_separators_quotes_and_newlines(tmp_path: Path) -> None:
    path = write_csv(tmp_path, '"a ""big"" one",town,y\n1,"Rome, old\ntown",u\n2,Oslo,v\n')
    raw = read_csv(path, categorical=["town"])
    assert raw.feature_names == ('a "big" one', "town=Oslo", "town=Rome, old\ntown")
    assert raw.train[0].tolist() == [[1, 0, 1], [2, 1, 0]]


def test_categories_agree_with_scikit_learn(tmp_path: Path) -> None:
    path, _, town = mixed(tmp_path)
    raw = read_csv(path, categorical=["town"], missing="zero")
    assert raw.feature_names == ("a", "town=Oslo", "town=Rome", "town=Ulm", "b") and raw.indicators == (
        1,
        2,
        3,
    )
    expected = OneHotEncoder(sparse_output=False).fit_transform(town[:, None])
    np.testing.assert_array_equal(raw.train[0][:, 1:4], expected)


def test_codes_are_sorted_as_numbers_and_texts_by_letter(tmp_path: Path) -> None:
    path = write_csv(tmp_path, "zip,kind,y\n10,b,u\n9,a,v\n100,a,u\n9,B,v\n")
    assert read_csv(path, categorical=["zip", "kind"]).feature_names == (
        "zip=9",
        "zip=10",
        "zip=100",
        "kind=B",
        "kind=a",
        "kind=b",
    )


@pytest.mark.parametrize(
    ("method", "strategy"), [("median", "median"), ("mean", "mean"), ("zero", "constant")]
)
def test_holes_are_filled_from_the_training_rows_alone_as_scikit_learn_does(
    tmp_path: Path, method: str, strategy: str
) -> None:
    path, numbers, _ = mixed(tmp_path)
    found = prepared_csv(path, missing=method, categorical=["town"], split_seed=4)
    train = found.split["train"]
    imputer = SimpleImputer(strategy=strategy, fill_value=0.0).fit(numbers[train])
    scaler = StandardScaler().fit(imputer.transform(numbers[train]))
    for name, part in found.parts().items():
        expected = scaler.transform(imputer.transform(numbers[found.split[name]]))
        np.testing.assert_allclose(part.inputs[:, [0, 4]], expected, atol=1e-6)
        assert set(part.inputs[:, 1:4].unique().tolist()) == {0.0, 1.0}
    filled = int(np.isnan(numbers).sum())
    how = "with 0" if method == "zero" else f"with the training part's {method}"
    a, b = np.isnan(numbers).sum(axis=0)
    assert found.notes == (f"{filled} empty cells filled {how} (a {a}, b {b})",)


def test_rows_with_holes_are_left_out(tmp_path: Path) -> None:
    path = write_csv(tmp_path, "a,t,y\n1,u,5.5\nNA,u,6.5\n3,,7.5\n4,v,\n5,u,9.5\n")
    raw = read_csv(path, missing="drop", categorical=["t"])
    assert raw.train[0].tolist() == [[1, 1], [5, 1]] and raw.train[1].tolist() == [[5.5], [9.5]]
    assert raw.note == (
        "1 of 5 rows have no target and are left out; 2 of 5 rows have empty cells and are left out"
    )
    assert raw.fill == ""


def test_words_for_a_missing_number_and_an_empty_category(tmp_path: Path) -> None:
    lines = [
        f"{word},{town},{i}.5"
        for i, (word, town) in enumerate([("NA", "x"), ("?", ""), ("NaN", "None"), ("null", "x"), ("7", "x")])
    ]
    raw = read_csv(write_csv(tmp_path, "\n".join(["a,town,y", *lines])), categorical=["town"], missing="mean")
    assert np.isnan(raw.train[0][:, 0]).tolist() == [True] * 4 + [False]
    assert raw.feature_names == ("a", "town=None", "town=x", "town=(empty)")
    assert raw.train[0][:, 1:].argmax(1).tolist() == [1, 2, 0, 1, 1]


@pytest.mark.parametrize(
    ("cells", "kind", "names"),
    [
        (["red", "blue", "red", "blue"], "index", ("blue", "red")),
        (["1", "0", "1", "0"], "index", ("0", "1")),
        (["10", "9", "9.0", "10"], "index", ("9", "10")),
        (["1", "2", "3", "4"], "real", ("y",)),
        (["1.5", "2.5", "1.5", "2.5"], "real", ("y",)),
        (["True", "False", "True", "False"], "index", ("False", "True")),
    ],
)
def test_the_task_is_read_from_the_target(
    tmp_path: Path, cells: list[str], kind: str, names: tuple[str, ...]
) -> None:
    raw = read_csv(write_csv(tmp_path, "\n".join(["a,y", *(f"{i},{cell}" for i, cell in enumerate(cells))])))
    assert (raw.target, raw.names) == (kind, names)


def test_whole_numbers_may_be_either_and_the_note_says_which(tmp_path: Path) -> None:
    path = write_csv(tmp_path, "\n".join(["a,y", *(f"{i},{i % 5}" for i in range(50))]))
    raw = read_csv(path)
    assert (
        raw.note == '"y" holds 5 different whole numbers, read as classes (`task: numbers` reads numbers)'
        and len(raw.class_names) == 5
    )
    assert read_csv(path, task="numbers").target == "real" and read_csv(path, task="classes").note == ""
    many = write_csv(tmp_path, "\n".join(["a,y", *(f"{i},{i % 25}" for i in range(50))]))
    assert (
        read_csv(many).note
        == '"y" holds 25 different whole numbers, read as numbers (`task: classes` reads classes)'
    )
    assert read_csv(many, task="classes").class_names[:3] == ("0", "1", "2")


def test_several_targets(tmp_path: Path) -> None:
    path = write_csv(tmp_path, "a,u,v\n1,2.5,3\n2,3.5,1\n3,1,0\n")
    raw = read_csv(path, ["v", "u"])
    assert (
        raw.target == "real"
        and raw.target_names == ("v", "u")
        and raw.train[1].tolist() == [[3, 2.5], [1, 3.5], [0, 1]]
    )
    labels = read_csv(write_csv(tmp_path, "a,u,v\n1,0,1\n2,1,1\n3,0,0\n"), ["u", "v"])
    assert labels.target == "multi" and labels.class_names == ("u", "v") and labels.train[1].dtype == np.uint8


def test_what_the_folder_keeps_is_enough_to_read_new_tables(tmp_path: Path) -> None:
    path, _, _ = mixed(tmp_path)
    found = prepared_csv(path, missing="median", categorical=["town"], target_scale="standardize").to_json()
    assert found["inputs"] == {
        "type": "float64",
        "reader": "csv",
        "columns": [{"name": "a"}, {"name": "town", "values": ["Oslo", "Rome", "Ulm"]}, {"name": "b"}],
        "targets": ["y"],
        "missing": "median",
    }
    assert found["missing"]["method"] == "median" and len(found["missing"]["numbers"]) == 5
    assert found["target_scaling"]["method"] == "standardize"


def test_the_file_is_looked_for_beside_and_then_below_the_folder_of_all_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared, beside = tmp_path / "shared", tmp_path / "beside"
    shared.mkdir(), beside.mkdir()
    write_csv(shared, SMALL)
    monkeypatch.setenv("DNNLAB_DATA", str(shared))
    assert len(read_csv(beside / "table.csv").train[0]) == 4
    write_csv(beside, SMALL + "9,9,no\n")
    assert len(read_csv(beside / "table.csv").train[0]) == 5
