"""Scores against scikit-learn's, and intervals against what they promise."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk

from dnnlab.commands.inference.decode import log_softmax, sigmoid
from dnnlab.commands.inference.intervals import bootstrap, bootstrap_table, wilson
from dnnlab.commands.inference.scores import auc, averaged, class_scores, label_scores, number_scores

RNG = np.random.default_rng(0)
NAMES = ("a", "b", "c", "d")
TARGETS = RNG.integers(0, 4, 300)
LOGITS = RNG.normal(size=(300, 4)) + 2 * np.eye(4)[TARGETS]
CHANCES = np.exp(log_softmax(LOGITS))
ANSWERS = LOGITS.argmax(axis=1)


def test_classes_against_scikit_learn() -> None:
    found = class_scores(LOGITS, TARGETS, NAMES)
    assert found.metrics["accuracy"] == sk.accuracy_score(TARGETS, ANSWERS)
    assert found.metrics["cross_entropy"] == pytest.approx(sk.log_loss(TARGETS, CHANCES), rel=1e-12)
    assert found.metrics["auc"] == pytest.approx(
        sk.roc_auc_score(TARGETS, CHANCES, multi_class="ovr"), rel=1e-12
    )
    for average in ("macro", "weighted"):
        expected = sk.precision_recall_fscore_support(TARGETS, ANSWERS, average=average)[:3]
        assert [found.metrics[f"{key}_{average}"] for key in ("precision", "recall", "f1")] == pytest.approx(
            expected, rel=1e-12
        )
    columns = zip(*sk.precision_recall_fscore_support(TARGETS, ANSWERS), strict=True)
    for row, name, expected in zip(found.per_class, NAMES, columns, strict=True):
        assert (row["name"], row["support"]) == (name, expected[3])
        assert [row[key] for key in ("precision", "recall", "f1")] == pytest.approx(
            list(expected[:3]), rel=1e-12
        )
    assert found.confusion == sk.confusion_matrix(TARGETS, ANSWERS).tolist()
    assert set(found.metrics) >= set(found.intervals)


def test_the_most_frequent_mistakes_come_first() -> None:
    targets = np.array([0, 0, 0, 1, 1, 2, 2, 2])
    answers = np.array([1, 1, 0, 2, 1, 2, 2, 0])
    found = class_scores(np.eye(3)[answers], targets, ["cat", "dog", "owl"])
    assert found.confusions == [
        {"true": "cat", "predicted": "dog", "rows": 2},
        {"true": "dog", "predicted": "owl", "rows": 1},
        {"true": "owl", "predicted": "cat", "rows": 1},
    ]


def test_a_class_that_never_occurs() -> None:
    targets, answers = np.array([0, 0, 1, 1]), np.array([0, 2, 1, 1])
    found = class_scores(np.eye(4)[answers] * 3, targets, NAMES)
    for average in ("macro", "weighted"):
        expected = sk.precision_recall_fscore_support(targets, answers, average=average, zero_division=0)[:3]
        assert [found.metrics[f"{key}_{average}"] for key in ("precision", "recall", "f1")] == pytest.approx(
            expected
        )
    assert "auc" not in found.metrics, "two classes have no positive row to rank"
    assert [row["auc"] is None for row in found.per_class] == [False, False, True, True]


def test_scores_that_are_no_probabilities_have_no_cross_entropy() -> None:
    found = class_scores(LOGITS, TARGETS, NAMES, probabilities=False)
    assert "cross_entropy" not in found.metrics and found.metrics["accuracy"] == sk.accuracy_score(
        TARGETS, ANSWERS
    )


def test_logits_that_saturate() -> None:
    pairs = np.array([[0.0, 800.0], [0.0, 900.0], [0.0, -1e-9], [0.0, 0.0]])
    found = class_scores(pairs, np.array([0, 1, 0, 0]), ["no", "yes"])
    assert found.metrics["cross_entropy"] == pytest.approx((800 + 0 + np.log(2) + np.log(2)) / 4)
    assert found.metrics["auc"] == 1.0, "900 ranks above 800 although both chances are 1.0 in float64"
    assert found.metrics["accuracy"] == 0.75, "at logit 0 the answer is no, as in training"


def test_labels_against_scikit_learn() -> None:
    truth = (RNG.random((200, 3)) < [0.5, 0.2, 0.8]).astype(np.float32)
    logits = RNG.normal(size=(200, 3)) + 2 * truth - 1
    answers = logits > 0
    found = label_scores(logits, truth, ["x", "y", "z"])
    assert found.metrics["accuracy"] == pytest.approx((answers == truth).mean())
    assert found.metrics["exact_match"] == sk.accuracy_score(truth, answers)
    assert found.metrics["auc"] == pytest.approx(sk.roc_auc_score(truth, sigmoid(logits)), rel=1e-12)
    losses = [sk.log_loss(truth[:, i], sigmoid(logits[:, i])) for i in range(3)]
    assert found.metrics["cross_entropy"] == pytest.approx(np.mean(losses), rel=1e-12)
    for average in ("macro", "weighted"):
        expected = sk.precision_recall_fscore_support(truth, answers, average=average)[:3]
        assert [found.metrics[f"{key}_{average}"] for key in ("precision", "recall", "f1")] == pytest.approx(
            expected, rel=1e-12
        )
    assert [row["support"] for row in found.per_class] == truth.sum(axis=0).tolist()
    assert found.confusion is None


def test_a_label_that_nobody_has() -> None:
    truth = np.array([[1.0, 0.0], [0.0, 0.0], [1.0, 0.0]])
    found = label_scores(np.array([[1.0, -1.0], [-1.0, -2.0], [2.0, 1.0]]), truth, ["x", "never"])
    assert "auc" not in found.metrics and found.per_class[1]["auc"] is None
    assert found.per_class[1]["recall"] == 0.0 and found.metrics["exact_match"] == pytest.approx(2 / 3)


@pytest.mark.parametrize("targets", [1, 3])
def test_numbers_against_scikit_learn(targets: int) -> None:
    truth = RNG.normal(1000.0, [10.0, 1.0, 0.1][:targets], size=(150, targets))
    outputs = truth + RNG.normal(size=truth.shape)
    found = number_scores(outputs, truth, ["one", "two", "three"][:targets])
    assert found.metrics["r2"] == pytest.approx(sk.r2_score(truth, outputs), rel=1e-9)
    assert found.metrics["mae"] == pytest.approx(sk.mean_absolute_error(truth, outputs), rel=1e-12)
    assert found.metrics["rmse"] == pytest.approx(sk.root_mean_squared_error(truth, outputs), rel=1e-12)
    assert found.metrics["max_error"] == max(sk.max_error(truth[:, i], outputs[:, i]) for i in range(targets))
    assert "max_error" not in found.intervals, "no bootstrap sees beyond the largest error it was given"
    assert len(found.per_target) == (targets if targets > 1 else 0)
    if targets > 1:
        assert found.per_target[1]["r2"] == pytest.approx(sk.r2_score(truth[:, 1], outputs[:, 1]), rel=1e-9)


def test_a_constant_target() -> None:
    truth = np.full((10, 1), 0.1)
    assert number_scores(truth, truth, ["t"]).metrics["r2"] == sk.r2_score(truth, truth) == 1.0
    assert number_scores(truth + 1, truth, ["t"]).metrics["r2"] == sk.r2_score(truth, truth + 1) == 0.0


def test_auc_counts_ties_half() -> None:
    positive, chances = np.array([True, False, True, False]), np.array([0.5, 0.5, 0.9, 0.1])
    assert auc(positive, chances) == sk.roc_auc_score(positive, chances) == 0.875
    assert auc(np.array([True, True]), chances[:2]) is None


def test_wilson() -> None:
    # Newcombe 1998, Statistics in Medicine 17, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    published = {
        (81, 263): (0.2553, 0.3662),
        (15, 148): (0.0624, 0.1605),
        (0, 20): (0.0, 0.1611),
        (1, 29): (0.0061, 0.1718),
    }
    for (right, rows), expected in published.items():
        interval = wilson(right, rows)
        assert interval is not None and interval == pytest.approx(expected, abs=5e-5)
    assert wilson(29, 29) == pytest.approx((1 - 0.1170, 1.0), abs=1e-3)
    assert wilson(0, 0) is None


def test_the_bootstrap_agrees_with_the_normal_interval_of_a_mean() -> None:
    values = RNG.normal(5.0, 2.0, size=(2000, 1))
    low, high = bootstrap(values, lambda means: means[:, 0]) or (0.0, 0.0)
    half = 1.96 * values.std() / np.sqrt(2000)
    assert (values.mean() - low, high - values.mean()) == pytest.approx((half, half), rel=0.1)
    assert bootstrap(values, lambda means: means[:, 0]) == (low, high), "the seed is fixed"


def test_drawing_the_table_is_drawing_the_rows() -> None:
    table = np.bincount(TARGETS * 4 + ANSWERS, minlength=16).reshape(4, 4)
    low, high = bootstrap_table(table, lambda drawn: averaged(drawn, "f1", "macro")) or (0.0, 0.0)
    drawn = [RNG.integers(300, size=300) for _ in range(400)]
    values = [sk.f1_score(TARGETS[rows], ANSWERS[rows], average="macro") for rows in drawn]
    assert (low, high) == pytest.approx(tuple(np.percentile(values, [2.5, 97.5])), abs=0.015)


def test_no_interval_where_rows_say_nothing() -> None:
    assert bootstrap(np.ones((1, 1)), lambda means: means[:, 0]) is None
    assert bootstrap(np.ones((50, 1)), lambda means: means[:, 0]) is None
    assert bootstrap_table(np.diag([5, 5]), lambda drawn: averaged(drawn, "f1", "macro")) is None
    perfect = class_scores(np.eye(2)[[0, 1, 0]] * 9, np.array([0, 1, 0]), ["a", "b"])
    assert "f1_macro" not in perfect.json()["intervals"] and perfect.json()["intervals"]["accuracy"][0] < 0.5


def test_many_classes_keep_no_matrix() -> None:
    targets = np.arange(300) % 150
    found = class_scores(np.eye(150)[(targets + (targets == 7)) % 150], targets, [str(i) for i in range(150)])
    assert found.confusion is None and "confusion" not in found.json()
    assert found.confusions == [{"true": "7", "predicted": "8", "rows": 2}]
    assert found.intervals["f1_macro"] is None
