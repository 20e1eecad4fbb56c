"""`classes` and `limit_per_class`: which rows are left, and as what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dnnlab import registry
from dnnlab.data.prepare.pipeline import prepare
from dnnlab.data.prepare.prepared_data import Prepared
from dnnlab.data.raw import RawDataset
from dnnlab.data.readers.arrays import from_arrays
from dnnlab.errors import ConfigError, DataError

TEXTS = np.array(["cat", "dog", "eel", "fox"])[np.arange(200) % 4]
X = np.arange(200.0)[:, None]


def prepared(raw: RawDataset | None = None, **keys: Any) -> Prepared:
    return prepare(
        raw if raw is not None else from_arrays(X, TEXTS),
        registry.bind("data", {"name": "arrays", "scale": "none", **keys}),
    )


def error(raw: RawDataset | None = None, **keys: Any) -> str:
    with pytest.raises((ConfigError, DataError)) as caught:
        prepared(raw, **keys)
    return str(caught.value)


def test_classes_are_relabelled_in_the_written_order() -> None:
    found = prepared(classes=["fox", "dog"])
    assert (
        found.names == ("fox", "dog")
        and found.classes == 2
        and sum(len(p.inputs) for p in found.parts().values()) == 100
    )
    for name, part in found.parts().items():
        rows = found.split[name]
        np.testing.assert_array_equal(
            part.inputs[:, 0], rows
        )  # row numbers of the whole set, not of the chosen rows
        assert [found.names[t] for t in part.targets] == TEXTS[rows].tolist()
    assert found.fingerprint == prepared().fingerprint


def test_labels_come_before_numbers() -> None:
    years = from_arrays(X, np.array([2, 0, 1, 7])[np.arange(200) % 4])
    assert prepared(years, classes=[7, 1]).names == ("7", "1")
    assert prepared(classes=[3, "cat"]).names == ("fox", "cat")
    digits = registry.bind("data", {"name": "digits", "classes": [5, 6]})
    found = prepare(digits(Path()), digits)
    assert found.names == ("5", "6") and found.description[1].endswith("2 classes, even")


def test_own_parts_are_chosen_too() -> None:
    raw = from_arrays(X, TEXTS, (X[:8] + 1000, TEXTS[:8]))
    found = prepared(raw, classes=["eel", "cat"], test=registry.bind("data", "arrays").common["test"])
    assert found.test is not None and found.test.inputs[:, 0].tolist() == [1000, 1002, 1004, 1006]
    assert found.test.targets.tolist() == [1, 0, 1, 0]


def test_classes_that_cannot_be() -> None:
    assert error(classes=["cat", "fxo"]) == (
        "data.classes.1: no class is called fxo; expected some of cat, dog, eel, fox, or numbers "
        "from 0 to 3; did you mean fox?"
    )
    assert error(classes=[0, 4]).startswith("data.classes.1: no class is called 4; expected some of cat, dog")
    assert error(classes=["cat"]) == "data.classes: received cat; expected two or more different classes"
    assert (
        error(classes=[0, "cat"]) == "data.classes: received 0, cat; expected two or more different classes"
    )
    assert error(classes=[]) == "data.classes: received an empty list; expected two or more different classes"
    assert error(from_arrays(X, X[:, 0]), classes=[0, 1]) == (
        "data.classes: arrays has no classes to choose from; expected no such key; remove it"
    )


def test_limit_per_class_draws_by_split_seed_and_leaves_the_other_parts_alone() -> None:
    uneven = np.repeat([0, 1, 2], [150, 45, 5])
    first, again, other = (
        prepared(from_arrays(X, uneven), limit_per_class=10, split_seed=seed) for seed in (1, 1, 2)
    )
    assert first.class_counts["train"] == [10, 10, 3]
    whole = prepared(from_arrays(X, uneven), split_seed=1)
    np.testing.assert_array_equal(first.split["test"], whole.split["test"])
    assert set(first.split["train"]) < set(whole.split["train"])
    np.testing.assert_array_equal(first.split["train"], again.split["train"])
    assert not np.array_equal(first.split["train"], other.split["train"])
    assert "23 train (of 120)" in first.description[0]


def test_limits_that_cannot_act() -> None:
    assert error(limit_per_class=31) == (
        "data.limit_per_class: received 31, but no class has more than 30 rows for training; "
        "expected at most 30; "
        "write a smaller number, or none"
    )
    assert error(limit_per_class=5, limit=20) == (
        "data.limit_per_class: limit and limit_per_class are both written; expected one of them; remove one"
    )
    assert error(from_arrays(X, X[:, 0]), limit_per_class=5) == (
        "data.limit_per_class: limit_per_class needs one class a row; arrays has none; expected "
        "limit; write `limit: 5`"
    )
