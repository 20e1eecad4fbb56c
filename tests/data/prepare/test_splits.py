"""Which rows go where: repeatable, stratified, and clear about what cannot be."""

from __future__ import annotations

import numpy as np
import pytest

from dnnlab.data.prepare.splits import SplitNumbers, allocate, split_rows
from dnnlab.errors import DataError
from dnnlab.registry import Share

LABELS = np.random.default_rng(5).permutation(np.repeat([0, 1, 2], [700, 250, 50]))


def split(
    validation: object = 0.2,
    test: object = 0.2,
    labels: np.ndarray | None = LABELS,
    rows: int = 1000,
    limit: int | None = None,
    seed: int = 0,
) -> SplitNumbers:
    shares = [None if raw is None else Share.parse(raw) for raw in (validation, test)]
    return split_rows(rows, labels, shares[0], shares[1], limit, seed)


def test_every_row_is_used_once() -> None:
    found = split(0.3, 150)
    assert found.validation is not None and found.test is not None
    assert (len(found.train), len(found.validation), len(found.test)) == (550, 300, 150)
    np.testing.assert_array_equal(
        np.sort(np.concatenate([found.train, found.validation, found.test])), np.arange(1000)
    )
    for rows in (found.train, found.validation, found.test):
        assert (np.diff(rows) > 0).all() and rows.dtype == np.int64


@pytest.mark.parametrize("labels", [LABELS, None])
def test_the_seed_alone_decides(labels: np.ndarray | None) -> None:
    first, same, other = (split(labels=labels, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.validation, same.validation)
    np.testing.assert_array_equal(first.test, same.test)
    assert not np.array_equal(first.validation, other.validation)
    assert split(seed=-1).validation is not None


def test_parts_have_the_sets_proportions() -> None:
    found = split()
    for rows, counts in (
        (found.train, [420, 150, 30]),
        (found.validation, [140, 50, 10]),
        (found.test, [140, 50, 10]),
    ):
        assert np.bincount(LABELS[rows]).tolist() == counts
    unstratified = split(labels=None)
    assert np.bincount(LABELS[unstratified.validation]).tolist() != [140, 50, 10]


def test_first_takes_the_first_rows_that_are_left() -> None:
    assert split({"first": 300}, None).validation.tolist() == list(range(300))  # type: ignore[union-attr]
    assert split({"first": 300}, None).train.tolist() == list(range(300, 1000))
    both = split({"first": 5}, {"first": 10})
    assert both.test.tolist() == list(range(10)) and both.validation.tolist() == list(range(10, 15))  # type: ignore[union-attr]


def test_none_takes_nothing() -> None:
    assert split(None, None).train.tolist() == list(range(1000)) and split(None, None).validation is None


def test_limit_cuts_the_training_rows_alone() -> None:
    whole, cut, same = split(), split(limit=60), split(limit=60)
    np.testing.assert_array_equal(whole.validation, cut.validation)
    np.testing.assert_array_equal(cut.train, same.train)
    assert set(cut.train) < set(whole.train) and np.bincount(LABELS[cut.train]).tolist() == [42, 15, 3]
    assert len(split(limit=600).train) == 600 and len(split(labels=None, limit=7).train) == 7


def test_allocate_rounds_by_the_largest_remainder() -> None:
    assert allocate(np.array([10, 10, 10]), 10, True).tolist() == [4, 3, 3]
    assert allocate(np.array([53, 24, 23]), 10, True).tolist() == [5, 3, 2]
    assert allocate(np.array([0, 5, 5]), 4, True).tolist() == [0, 2, 2]


def test_allocate_gives_every_class_a_row_where_it_can() -> None:
    assert allocate(np.array([990, 8, 2]), 100, True).tolist() == [98, 1, 1]
    assert allocate(np.array([990, 9, 1]), 100, True).tolist() == [99, 1, 0]  # the only row stays in training
    assert allocate(np.array([990, 9, 1]), 100, False).tolist() == [98, 1, 1]
    assert allocate(np.array([2, 2, 2, 2]), 2, True).tolist() == [1, 1, 0, 0]
    assert allocate(np.array([2, 2]), 3, True).tolist() == [2, 1]  # more is wanted than leaves a row in each


def test_allocate_is_exact_for_random_counts() -> None:
    generator = np.random.default_rng(0)
    for _ in range(300):
        counts = generator.integers(0, 30, generator.integers(1, 8))
        if counts.sum() == 0:
            continue
        wanted = int(generator.integers(0, counts.sum() + 1))
        for keep_one in (True, False):
            given = allocate(counts, wanted, keep_one)
            assert given.sum() == wanted and (given >= 0).all() and (given <= counts).all()
            if keep_one and np.maximum(counts - 1, 0).sum() >= wanted:
                assert (given <= np.maximum(counts - 1, 0)).all()


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        (
            {"validation": 1000},
            "data.validation: received 1000, which is 1,000 of the 1,000 rows (800 are left); "
            "expected that rows are left for training; "
            "write a smaller share or count, also for data.test",
        ),
        (
            {"validation": {"first": 2000}, "test": None},
            "data.validation: received {first: 2000}, which is 2,000 of the 1,000 rows; expected "
            "that rows are left for training; "
            "write a smaller share or count",
        ),
        (
            {"validation": 0.5, "test": 0.5},
            "data.validation: received 0.5, which is 500 of the 1,000 rows (500 are left); "
            "expected that rows are left for training; "
            "write a smaller share or count, also for data.test",
        ),
        (
            {"test": 1000},
            "data.test: received 1000, which is 1,000 of the 1,000 rows; expected that rows are "
            "left for training; "
            "write a smaller share or count",
        ),
        (
            {"limit": 601},
            (
                "data.limit: received 601, but 600 rows are left for training; expected at most 600; "
                "write a smaller number, or none"
            ),
        ),
        ({"rows": 1, "labels": None}, "data: the training part has 1 row; expected at least 2"),
    ],
)
def test_more_rows_than_there_are(keys: dict, text: str) -> None:
    with pytest.raises(DataError) as caught:
        split(**keys)
    assert str(caught.value) == text


@pytest.mark.parametrize(
    "raw",
    [
        0,
        1.5,
        -1,
        True,
        "rows.csv",
        {"first": 0},
        {"last": 3},
        {"first": True},
        None,
        float("nan"),
        float("inf"),
    ],
)
def test_shares_that_are_none(raw: object) -> None:
    with pytest.raises(
        ValueError, match=r"a share between 0 and 1 \(0\.2\), a count of rows \(5000\) or \{first: 5000\}"
    ):
        Share.parse(raw)
