"""`prepare`: from a RawDataset to tensors, its words for screen and folder, and what it says of data that
cannot be used.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from dnnlab import registry
from dnnlab.data.imbalance import target_words
from dnnlab.data.prepare.pipeline import prepare
from dnnlab.data.prepare.prepared_data import Prepared
from dnnlab.data.raw import RawDataset
from dnnlab.data.readers.arrays import from_arrays
from dnnlab.errors import ConfigError, DataError

GENERATOR = np.random.default_rng(0)
X, Y = GENERATOR.normal(size=(100, 3)), np.arange(100) % 2


def prepared(raw: RawDataset, **keys: Any) -> Prepared:
    return prepare(raw, registry.bind("data", {"name": "arrays", **keys}))


def of_set(name: str, **keys: Any) -> Prepared:
    bound = registry.bind("data", {"name": name, **keys})
    return prepare(bound(Path()), bound)


def error_of(raw: RawDataset, kind: type[Exception] = DataError, **keys: Any) -> str:
    with pytest.raises(kind) as caught:
        prepared(raw, **keys)
    return str(caught.value)


def with_value(value: float, *places: tuple[int, int]) -> np.ndarray:
    x = X.copy()
    for place in places:
        x[place] = value
    return x


def test_parts_hold_the_rows_that_the_split_names() -> None:
    found = prepared(from_arrays(X, Y), validation=0.25, test=10, scale="none")
    for name, part in found.parts().items():
        rows = found.split[name]
        np.testing.assert_array_equal(part.inputs, X[rows].astype(np.float32))
        np.testing.assert_array_equal(part.targets, Y[rows])
    assert [len(p.inputs) for p in found.parts().values()] == [65, 25, 10]
    assert found.train.targets.dtype == torch.int64 and found.train.inputs.dtype == torch.float32


def test_the_scaling_sees_the_training_rows_alone() -> None:
    found = prepared(from_arrays(X, Y))
    train = X[found.split["train"]]
    np.testing.assert_allclose(found.scaling.offset, train.mean(axis=0), rtol=1e-12)
    assert found.validation is not None
    np.testing.assert_allclose(
        found.validation.inputs,
        (X[found.split["validation"]] - train.mean(axis=0)) / train.std(axis=0),
        atol=1e-6,
    )
    limited = prepared(from_arrays(X, Y), limit=20)
    np.testing.assert_allclose(limited.scaling.offset, X[limited.split["train"]].mean(axis=0), rtol=1e-12)


def test_a_sets_own_test_part_is_kept_whole_and_in_order() -> None:
    raw = from_arrays(X, Y, (X[:7] + 1, Y[:7]))
    found = prepared(raw, scale="none")
    assert (
        found.test is not None
        and "test" not in found.split
        and found.to_json()["taken_from"]["test"] == "test"
    )
    np.testing.assert_array_equal(found.test.inputs, (X[:7] + 1).astype(np.float32))
    assert (len(found.train.inputs), len(found.validation.inputs)) == (80, 20)  # type: ignore[arg-type, union-attr]
    assert prepared(raw, test="none").test is None
    assert error_of(raw, ConfigError, test=30) == (
        "data.test: received 30, but arrays has its own test part (7 rows); expected none, or no such key; "
        "remove the key to use that part; `test: none` does without"
    )


def test_an_own_validation_part_is_used_too() -> None:
    raw = RawDataset((X, Y), validation=(X[:5], Y[:5]), class_names=("a", "b"))
    found = prepared(raw, test="none")
    assert (
        found.validation is not None and len(found.validation.inputs) == 5 and len(found.train.inputs) == 100
    )
    assert prepared(raw, validation="none").validation is None


def test_targets_of_every_kind() -> None:
    several = prepared(from_arrays(X, GENERATOR.integers(0, 2, (100, 4))))
    assert (several.target, several.classes, several.target_width, several.train.targets.dtype) == (
        "multi",
        4,
        4,
        torch.float32,
    )
    assert several.class_counts["test"] == several.test.targets.sum(dim=0).tolist()  # type: ignore[union-attr]
    real = prepared(from_arrays(X, X[:, :2] * 100))
    assert (real.target, real.classes, real.target_width, real.class_counts) == ("real", 0, 2, {})
    np.testing.assert_array_equal(
        real.train.targets, (X[:, :2] * 100).astype(np.float32)[real.split["train"]]
    )
    assert prepared(from_arrays(X, Y)).target_width == 1


def test_the_split_is_the_same_for_other_keys_and_other_for_another_seed() -> None:
    first, same, other = (
        of_set("digits", split_seed=s, scale=m) for s, m in ((0, "none"), (0, "unit"), (1, "unit"))
    )
    assert all(np.array_equal(first.split[part], same.split[part]) for part in first.split)
    assert not np.array_equal(first.split["test"], other.split["test"])
    assert max(first.class_counts["test"]) - min(first.class_counts["test"]) <= 3
    assert not np.array_equal(first.split["test"], of_set("digits", stratify=False).split["test"])


def test_what_the_screen_says() -> None:
    assert of_set("digits").description == (
        "digits 1x8x8: 1,079 train, 359 validation, 359 test",
        "standardized per channel; 10 classes, even",
    )
    assert of_set("diabetes", validation="none", scale="none").description == (
        "diabetes 10 features: 354 train, 88 test, no validation",
        "not scaled; 1 target (progression)",
    )
    assert of_set("breast_cancer", validation={"first": 100}, limit=200, scale="unit").description == (
        "breast_cancer 30 features: 200 train (of 355), 100 validation",
        "(first), 114 test",
        "scaled to 0..1 per feature; 2 classes: malignant 30 %, benign 70 %",
    )


def test_words_for_targets() -> None:
    assert target_words("index", ("a", "b", "c", "d"), [10, 50, 20, 20]) == "4 classes, from a 10 % to b 50 %"
    assert target_words("index", ("a", "b"), [10, 15]) == "2 classes, even"
    assert target_words("multi", ("a", "b"), [10, 50]) == "2 labels"
    assert target_words("real", ("a", "b"), []) == "2 targets"


def test_notes_name_what_a_user_should_know() -> None:
    x = np.column_stack([X, np.full(100, 3.0)])
    y = np.where(np.arange(100) < 30, "early", "late").astype(object)
    y[::2] = "even"
    y[99] = "once"
    found = prepared(from_arrays(x, y), validation={"first": 40}, test="none")
    assert found.notes == (
        "1 feature is constant in the training part (scale 1, so 0 there)",
        "no training row of class early",
        "class once has 1 row: it trains, nothing tests it",
        "uneven classes: 30 rows of even, 1 of once; always answering even is right in 50.0 % of "
        "the rows, so compare with that, add f1 to "
        "metrics, or write data.balance=weights",
    )
    assert " ".join(found.description).endswith(" ".join(found.notes)) and found.to_json()["notes"] == list(
        found.notes
    )


def test_what_the_folder_keeps() -> None:
    found = of_set("iris", limit=60)
    kept = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert kept["rows"] == {"train": 60, "validation": 30, "test": 30} and kept["class_counts"]["train"] == [
        20,
        20,
        20,
    ]
    assert (
        kept["names"] == ["setosa", "versicolor", "virginica"]
        and len(kept["columns"]) == 4
        and kept["in_shape"] == [4]
    )
    assert (
        kept["scaling"]["offset"] == found.scaling.offset.tolist()
        and kept["fingerprint"] == found.fingerprint
    )
    tensors = found.tensors()
    assert set(tensors) == {
        "scaling.offset",
        "scaling.scale",
        "split.train",
        "split.validation",
        "split.test",
    }
    assert (
        tensors["scaling.scale"].dtype == torch.float64
        and tensors["split.train"].tolist() == found.split["train"].tolist()
    )


def test_the_fingerprint_is_of_the_data_and_not_of_the_keys() -> None:
    assert (
        prepared(from_arrays(X, Y)).fingerprint
        == prepared(from_arrays(X, Y), limit=10, split_seed=3, scale="none").fingerprint
    )
    assert (
        prepared(from_arrays(X, Y)).fingerprint
        != prepared(from_arrays(with_value(0, (99, 2)), Y)).fingerprint
    )


def test_values_that_are_not_finite_are_named() -> None:
    where = "expected finite numbers; fill them or leave those rows out"
    assert error_of(from_arrays(with_value(np.nan, (17, 1), (40, 1), (41, 0)), Y)).splitlines() == [
        f"data: arrays, train part: 1 value is NaN in feature 0 (first: row 42); {where}",
        f"data: arrays, train part: 2 values are NaN in feature 1 (first: row 18); {where}",
    ]
    assert error_of(from_arrays(X, Y, (with_value(-np.inf, (3, 2)), Y))) == (
        f"data: arrays, test part: 1 value is not finite in feature 2 (first: row 4); {where}"
    )
    named = RawDataset(
        (with_value(np.nan, (5, 0)), Y), class_names=("a", "b"), feature_names=("age", "size", "price")
    )
    assert 'NaN in "age" (first: row 6)' in error_of(named)
    assert 'NaN in target "target" (first: row 10)' in error_of(
        from_arrays(X, with_value(np.nan, (9, 0))[:, 0])
    )
    assert (
        error_of(from_arrays(np.full((100, 30), np.nan), Y)).splitlines()[-1]
        == "data: arrays, train part: 25 more columns like these"
    )


def test_a_bad_pixel_far_into_the_images_is_found() -> None:
    images = np.zeros((2000, 2, 20, 20), np.float32)
    images[1500, 1, 3, 4] = np.nan
    assert "1 value is NaN in channel 1 (first: row 1501)" in error_of(
        from_arrays(images, np.arange(2000) % 2)
    )


def test_numbers_beyond_float32() -> None:
    huge = from_arrays(with_value(1e300, (3, 1)), Y)
    text = (
        "data: arrays holds numbers that are too large for float32 (beyond 3.4e38); expected smaller ones; "
        "divide the inputs or targets first"
    )
    assert error_of(huge, scale="none") == text
    assert error_of(from_arrays(X, X[:, 0] * 1e300)) == text


def test_one_class_and_no_rows() -> None:
    assert (
        error_of(from_arrays(X, np.zeros(100, int)))
        == "data: all 100 rows of arrays are of one class (0); expected two classes or more"
    )
    assert error_of(from_arrays(X, np.sort(Y)), validation={"first": 60}, test="none") == (
        "data.validation: all 40 training rows of arrays are of class 1; expected two classes or more; "
        "write a share (0.2) instead of {first: ...}"
    )
    assert error_of(from_arrays(X, np.sort(Y)), validation="none", test={"first": 60}).startswith(
        "data.test: all 40 training rows of arrays"
    )


@pytest.mark.parametrize(
    ("keys", "fix"),
    [({}, {"limit": 2}), ({"stratify": False}, {"limit": None, "limit_per_class": 1})],
    ids=["stratified", "drawn"],
)
def test_a_limit_that_leaves_one_class_is_named_with_what_would_do(
    keys: dict[str, Any], fix: dict[str, Any]
) -> None:
    words = "write limit: 2" if "limit_per_class" not in fix else "write limit_per_class: 1 instead of it"
    text = error_of(from_arrays(X, Y), limit=1, **keys)
    assert text.startswith("data.limit: the only training row of arrays is of class ")
    assert text.endswith(f"; expected two classes or more; {words}")
    assert prepared(from_arrays(X, Y), **keys, **fix).class_counts["train"] == [1, 1]


def test_a_target_that_is_constant_in_training_is_said() -> None:
    targets = np.column_stack([X[:, 0], np.ones(100)])
    assert prepared(from_arrays(X, targets)).notes == (
        'the target "target1" is constant in the training part',
    )
    assert (
        error_of(RawDataset((X[:0], Y[:0]), class_names=("a", "b")))
        == "data: the train part of arrays has no rows; expected at least 1"
    )
    assert (
        error_of(RawDataset((X, Y), test=(X[:0], Y[:0]), class_names=("a", "b")))
        == "data: the test part of arrays has no rows; expected at least 1"
    )


def test_shares_that_leave_nothing_to_train_on() -> None:
    assert error_of(from_arrays(X, Y), validation=500).startswith(
        "data.validation: received 500, which is 500 of the 100 rows (80 are left)"
    )
    assert error_of(from_arrays(X, Y), limit=61).startswith(
        "data.limit: received 61, but 60 rows are left for training"
    )


def test_scaling_per_channel_needs_channels() -> None:
    assert error_of(from_arrays(X, Y), ConfigError, scale_per="channel") == (
        "data.scale_per: received channel for a table; expected feature; write scale_per: feature, "
        "or leave it out"
    )


def test_a_scale_per_that_cannot_act() -> None:
    assert error_of(from_arrays(X, Y), ConfigError, scale_per="feature", scale="none") == (
        "data.scale_per: received feature, but with scale: none nothing is scaled; expected auto, "
        "or no such key; "
        "remove it, or write scale: standardize"
    )
    images = RawDataset((np.zeros((100, 1, 2, 2), np.uint8), Y), class_names=("a", "b"))
    assert error_of(images, ConfigError, scale_per="feature", scale="unit") == (
        "data.scale_per: received feature, but with scale: unit images of bytes are all divided by "
        "255; expected auto, or no such key; "
        "remove it, or write scale: standardize"
    )
    assert prepared(images, scale_per="channel", scale="unit").scaling.per == "image", (
        "what auto means for images may be written out"
    )


def test_an_augmentation_that_cannot_act_is_said_at_once_and_draws_nothing() -> None:
    state = torch.get_rng_state()
    with pytest.raises(
        ConfigError, match=r"data\.augment\.0\.fraction: 0\.1 of 8x8 images is less than one pixel"
    ):
        of_set("digits", augment=["shift"])
    of_set("digits", augment=[{"name": "shift", "fraction": 0.2}])
    assert torch.equal(state, torch.get_rng_state())


def test_shares_from_files_are_refused_for_now() -> None:
    with pytest.raises(
        ConfigError, match=r'data\.validation: received "rows\.csv"; expected a share between 0 and 1'
    ):
        registry.bind("data", {"name": "iris", "validation": "rows.csv"})
