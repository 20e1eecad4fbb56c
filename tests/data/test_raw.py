"""`RawDataset` refuses arrays that contradict it; `from_arrays` reads the task from the targets' type."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.csv_files import problems, write_csv

from dnnlab.data.raw import RawDataset
from dnnlab.data.readers.arrays import from_arrays
from dnnlab.errors import DataError

X = np.arange(12, dtype=np.float64).reshape(6, 2)


@pytest.mark.parametrize(
    ("y", "names", "numbers"),
    [
        ([7, -1, 7, 3, 3, 3], ("-1", "3", "7"), [2, 0, 2, 1, 1, 1]),
        (["b", "a", "b", "a", "c", "c"], ("a", "b", "c"), [1, 0, 1, 0, 2, 2]),
        (np.array(["b", "a", "b", "a", "c", "c"], dtype=object), ("a", "b", "c"), [1, 0, 1, 0, 2, 2]),
        ([True, False, True, True, False, False], ("False", "True"), [1, 0, 1, 1, 0, 0]),
        (np.array([[2], [0], [2], [0], [0], [0]], np.uint8), ("0", "2"), [1, 0, 1, 0, 0, 0]),
    ],
)
def test_classes(y: Any, names: tuple[str, ...], numbers: list[int]) -> None:
    raw = from_arrays(X, y)
    assert (raw.target, raw.class_names, raw.train[1].tolist(), raw.train[1].dtype) == (
        "index",
        names,
        numbers,
        np.int64,
    )


def test_labels_and_numbers() -> None:
    several = from_arrays(X, [[0, 1, 1], [1, 1, 0], [0, 0, 0], [1, 0, 0], [0, 0, 1], [1, 1, 1]])
    assert (several.target, several.class_names, several.note) == (
        "multi",
        ("label0", "label1", "label2"),
        "",
    )
    one = from_arrays(X.tolist(), np.linspace(0, 1, 6))
    assert (one.target, one.target_names, one.train[1].shape) == ("real", ("target",), (6, 1))
    two = from_arrays(X, np.linspace(0, 1, 12).reshape(6, 2))
    assert (two.target, two.target_names, two.class_names) == ("real", ("target0", "target1"), ())


def test_notes_say_what_may_be_meant() -> None:
    assert "pass y.argmax(axis=1)" in from_arrays(X, np.eye(2)[[0, 1, 0, 1, 1, 0]]).note
    assert from_arrays(np.zeros((60, 1)), np.arange(60) // 2).note.startswith(
        "y holds 30 different whole numbers, read as classes"
    )
    assert from_arrays(X, [0, 1, 2, 0, 1, 2]).note == ""


def test_a_test_part_is_numbered_like_the_training_part() -> None:
    raw = from_arrays(X, [5, 9, 5, 9, 7, 7], (X[:2], [9, 5]))
    assert raw.test is not None and raw.test[1].tolist() == [2, 0]
    real = from_arrays(X, np.linspace(0, 1, 6), (X[:2], [1, 2]))
    assert real.test is not None and real.test[1].tolist() == [[1.0], [2.0]]
    with pytest.raises(
        DataError, match=r"test y of shape .* with 6; expected the classes of the training part"
    ):
        from_arrays(X, [5, 9, 5, 9, 7, 7], (X[:2], [6, 5]))


class Frame(np.ndarray):
    """An array with column names, as data frames have."""

    columns = ("a", "b")


def test_columns_name_the_features() -> None:
    assert from_arrays(X.view(Frame), [0, 1, 0, 1, 0, 1]).feature_names == ("a", "b")


@pytest.mark.parametrize(
    ("x", "y", "text"),
    [
        (X, [0, 1], "X has 6 rows and y has 2; expected one target a row"),
        (
            X[:, 0],
            [0] * 6,
            r"X of shape \(6,\); expected \(rows, features\).*; write X.reshape\(-1, 1\) for one feature",
        ),
        (np.zeros((6, 8, 8)), [0] * 6, r"X of shape \(6, 8, 8\).*; write X\[:, None\] for grey images"),
        ([["a", "b"]] * 6, [0] * 6, "X holds <U1; expected numbers; encode texts as numbers first"),
        (
            np.array([[1, "a"]] * 6, dtype=object),
            [0] * 6,
            "X holds values that are no numbers .*could not convert string to float: 'a'",
        ),
        ([[1, 2], [3]], [0, 1], "X cannot be read as an array .*expected rows of equal length"),
        (X * 1j, [0] * 6, "X holds complex128; expected numbers"),
        (X, None, r"y is one value \(NoneType\); expected one row or more"),
        (
            X,
            np.arange(12).reshape(6, 2),
            (
                "y of shape .* and type int64; expected one column of classes, or a matrix of only 0 "
                "and 1; pass floats"
            ),
        ),
        (X, np.zeros((6, 2, 2)), r"y of shape \(6, 2, 2\); expected \(rows,\) or \(rows, columns\)"),
        (X[:0], [], "X has no rows; expected at least 1"),
        (X, np.zeros((6, 0)), r"y of shape \(6, 0\); expected"),
        (
            X,
            [1, None, 2, 3, 4, 5],
            "y holds values of mixed or unknown types; expected whole numbers, texts or booleans",
        ),
    ],
)
def test_what_cannot_be_read_is_said(x: Any, y: Any, text: str) -> None:
    with pytest.raises(DataError, match=f"^{text}"):
        from_arrays(x, y)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"target": "labels"}, "target kind 'labels'; expected index, multi or real"),
        (
            {"train": (X[:, 0], np.zeros(6, int))},
            r"train inputs of shape \(6,\); expected \(rows, features\) for tables",
        ),
        (
            {"train": (X.astype(str), np.zeros(6, int))},
            "train inputs of type <U32; expected whole numbers or floats",
        ),
        (
            {"train": (X, np.zeros(5, int))},
            "train: 6 rows of inputs and 5 of targets; expected one target a row",
        ),
        ({"train": (X, np.full(6, 2))}, "class numbers from 2 to 2; expected numbers from 0 to 1"),
        ({"train": (X, np.zeros(6, np.uint8))}, "index targets of type uint8; expected int64"),
        (
            {"test": (np.zeros((3, 5)), np.zeros(3, int))},
            r"test inputs of shape \(3, 5\); the training part has \(2,\) a row",
        ),
        ({"feature_names": ("a",)}, "1 feature names for 2 features"),
        ({"target": "multi"}, r"multi targets of shape \(6,\); expected \(rows, 2\), one column a name"),
        ({"target": "multi", "train": (X, np.full((6, 2), 3))}, "labels other than 0 and 1"),
        (
            {"target": "real", "target_names": ("t",), "train": (X, np.zeros((6, 1), int))},
            "real targets of type int64; expected floats",
        ),
    ],
)
def test_raw_refuses_contradictions(change: dict[str, Any], text: str) -> None:
    with pytest.raises(DataError, match=text):
        RawDataset(**{"train": (X, np.array([0, 1, 0, 1, 0, 1])), "class_names": ("a", "b"), **change})


def test_the_fingerprint_sees_one_byte_one_type_and_one_shape() -> None:
    images, labels = np.zeros((6, 1, 2, 2), np.uint8), np.array([0, 1, 0, 1, 0, 1])

    def mark(x: np.ndarray = images, y: np.ndarray = labels, **keys: Any) -> str:
        return RawDataset((x, y), class_names=("a", "b"), **keys).fingerprint()

    changed = images.copy()
    changed[5, 0, 1, 1] = 1
    others = [
        mark(changed),
        mark(images.astype(np.int8)),
        mark(images.reshape(6, 1, 1, 4)),
        mark(y=1 - labels),
        mark(test=(images, labels)),
    ]
    assert len({mark(), *others}) == 6
    assert mark() == mark(np.asfortranarray(images))


@pytest.mark.parametrize("y", [np.array(["a", "b\ud800", "a"] * 2), np.array([0, 1, 0] * 2)])
def test_names_with_half_a_character_are_refused(y: np.ndarray) -> None:
    features = ("a", "b\ud800") if y.dtype.kind == "i" else ()
    with pytest.raises(DataError) as caught:
        RawDataset((X, np.arange(6) % 2), class_names=tuple(map(str, np.unique(y))), feature_names=features)
    text = "data: the name 'b\\ud800' holds half a character (a lone surrogate); expected whole characters"
    assert str(caught.value) == f"{text}; correct it"


def test_two_features_of_one_name_are_refused(tmp_path: Path) -> None:
    text = "town,town=Rome,y\n" + "Rome,1,u\nOslo,2,v\n" * 4
    found = problems(write_csv(tmp_path, text), categorical=["town"])
    assert found == [
        'data: 2 features are called "town=Rome"; expected names that differ; '
        "rename a column or a category, or drop one"
    ]
    text = "town,y\n(empty),u\n,v\n" * 1 + "Rome,u\n"
    assert '"town=(empty)"' in problems(write_csv(tmp_path, text), categorical=["town"], missing="median")[0]
