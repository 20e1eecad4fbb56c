"""Balanced classes: weights of rows, and draws of an epoch; with scikit-learn and a plain sum as second
opinions.
"""

from __future__ import annotations

import doctest
from typing import Any

import numpy as np
import pytest
import torch
from helpers.trainings import built
from scipy.stats import entropy
from sklearn.dummy import DummyClassifier
from sklearn.utils.class_weight import compute_class_weight

from dnnlab import registry
from dnnlab.data import imbalance
from dnnlab.data.imbalance import measure_imbalance
from dnnlab.data.prepare.balance import class_weights, row_weights
from dnnlab.data.prepare.pipeline import prepare
from dnnlab.data.prepare.prepared_data import Prepared
from dnnlab.data.readers.arrays import from_arrays
from dnnlab.engine.loop import epoch_order, fit
from dnnlab.engine.records import Epoch
from dnnlab.engine.session import Session
from dnnlab.errors import ConfigError

LABELS = np.repeat([0, 1, 2], [700, 250, 50])
X = np.random.default_rng(0).normal(size=(1000, 3))
MOONS: dict[str, Any] = {"name": "moons", "samples": 60}


def prepared(targets: Any = LABELS, **keys: Any) -> Prepared:
    return prepare(from_arrays(X, targets), registry.bind("data", {"name": "arrays", **keys}))


def measured(session: Session) -> dict[str, Any]:
    """The row of the first epoch."""
    return next(record.row for record in fit(session) if isinstance(record, Epoch))


def test_weights_agree_with_scikit_learn() -> None:
    expected = compute_class_weight("balanced", classes=np.arange(3), y=LABELS)
    np.testing.assert_allclose(class_weights([700, 250, 50]), expected, rtol=1e-15)
    assert class_weights([6, 0, 2]).tolist() == pytest.approx([2 / 3, 0, 2])
    weights = row_weights(torch.from_numpy(LABELS), [700, 250, 50])
    assert weights.sum().item() == pytest.approx(1000, rel=1e-6)
    assert [weights[c == LABELS].sum().item() for c in range(3)] == pytest.approx([1000 / 3] * 3, rel=1e-5)


@pytest.mark.parametrize("counts", [[700, 250, 50], [5, 5], [0, 4, 2], [1, 1, 1, 1]])
def test_imbalance_against_scipy_and_scikit_learn(counts: list[int]) -> None:
    measured, labels = measure_imbalance(counts), np.repeat(np.arange(len(counts)), counts)
    dummy = DummyClassifier(strategy="most_frequent").fit(labels[:, None], labels)
    assert measured.entropy == pytest.approx(entropy(counts), rel=1e-12)
    assert (
        measured.baseline == dummy.score(labels[:, None], labels)
        and measured.majority == dummy.predict([[0]])[0]
    )
    assert measured.ratio == max(counts) / min(n for n in counts if n) and measured.counts == tuple(counts)


def test_imbalance_at_the_edges() -> None:
    nothing = measure_imbalance([0, 0])
    assert (nothing.ratio, nothing.entropy, nothing.baseline, nothing.even) == (1.0, 0.0, 0.0, False)
    assert [measure_imbalance(counts).even for counts in ([3, 2], [31, 20], [3, 3, 0])] == [
        True,
        False,
        False,
    ]
    assert [measure_imbalance(counts).large for counts in ([4, 1], [39, 10], [4, 1, 0])] == [
        True,
        False,
        True,
    ]
    assert doctest.testmod(imbalance).failed == 0


def test_imbalance_stands_in_data_json_and_large_one_in_the_notes() -> None:
    found = prepared(test="none", validation="none")
    kept = found.to_json()
    assert kept["imbalance"] == 14
    assert kept["class_balance"] == {
        "ratio": 14,
        "entropy": pytest.approx(entropy([700, 250, 50])),
        "majority": 0,
        "baseline": 0.7,
    }
    said = (
        "uneven classes: 700 rows of 0, 50 of 2; always answering 0 is right in 70.0 % of the "
        "rows, so compare with that, add f1 to "
        "metrics, or write data.balance=weights"
    )
    assert found.notes == (said,) and kept["notes"] == [said]
    assert prepared(np.repeat([0, 1], [600, 400])).notes == ()
    assert prepared(X[:, 0]).to_json()["class_balance"] is None


def test_what_screen_and_folder_say() -> None:
    found = prepared(balance="weights", test="none", validation="none")
    assert found.notes == ("balance: training rows weigh from 0.476 (0) to 6.67 (2)",)
    kept = found.to_json()
    assert kept["balance"] == "weights" and kept["class_weights"] == pytest.approx(
        [1000 / 2100, 1000 / 750, 1000 / 150]
    )
    assert prepared().to_json()["class_weights"] is None and prepared().row_weights is None


def test_the_training_loss_is_weighted_and_the_validation_loss_is_not() -> None:
    data = {"name": "digits", "limit": 300, "classes": [0, 1, 2], "balance": "weights"}
    session = built(data=data, training={"epochs": 1, "batch_size": "full"}).session
    weights = session.train.weights
    assert weights is not None and session.validation is not None and session.validation.weights is None
    with torch.no_grad():
        outputs = session.net(session.train.inputs)
        losses = torch.nn.functional.cross_entropy(outputs, session.train.targets, reduction="none")
        right = (outputs.argmax(1) == session.train.targets).float()
    assert weights.max() > 1.005 * weights.min()
    row = measured(session)
    assert row["train_loss"] == pytest.approx(((weights * losses).sum() / weights.sum()).item(), rel=1e-5)
    assert row["train_accuracy"] == pytest.approx(((weights * right).sum() / weights.sum()).item(), rel=1e-5)


def test_batches_and_pieces_of_a_step_count_by_their_weights() -> None:
    data = {"name": "digits", "limit": 96, "classes": [3, 4], "balance": "weights"}
    small = {"optimizer": {"name": "sgd", "lr": 0.1}, "data": data}
    whole = built(training={"epochs": 1, "batch_size": 96}, **small).session
    pieces = built(training={"epochs": 1, "batch_size": 32, "accumulate": 3}, **small).session
    rows = [measured(s) for s in (whole, pieces)]
    assert rows[0]["train_loss"] == pytest.approx(rows[1]["train_loss"], rel=1e-6)
    for one, other in zip(whole.net.parameters(), pieces.net.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-7)


def test_sampling_makes_all_classes_equally_likely() -> None:
    data = {"name": "moons", "samples": 6000, "balance": "sampling", "validation": "none", "test": "none"}
    session = built(data=data).session
    part = session.train
    uneven = torch.cat(
        [torch.arange(3000)[part.targets[:3000] == 0], torch.arange(6000)[part.targets == 1][:60]]
    )
    session.train = type(part)(
        part.inputs[uneven],
        part.targets[uneven],
        None,
        row_weights(part.targets[uneven], [len(uneven) - 60, 60]),
    )
    order = epoch_order(session)
    drawn = torch.bincount(session.train.targets[order])
    assert len(order) == len(session.train) and abs(drawn[0] - drawn[1]) < 5 * len(order) ** 0.5
    assert torch.equal(order, epoch_order(session))
    session.progress.epoch = 1
    assert not torch.equal(order, epoch_order(session))


def test_rows_without_a_share_are_never_drawn() -> None:
    session = built(data={**MOONS, "balance": "sampling"}).session
    sampling = torch.zeros(len(session.train))
    sampling[[2, 5]] = torch.tensor([1.0, 3.0])
    session.train = type(session.train)(session.train.inputs, session.train.targets, None, sampling)
    drawn = [
        int(n)
        for epoch in range(40)
        if not setattr(session.progress, "epoch", epoch)
        for n in epoch_order(session)
    ]
    assert set(drawn) == {2, 5} and drawn.count(5) / len(drawn) == pytest.approx(0.75, abs=0.06)


@pytest.mark.parametrize(
    ("targets", "words"),
    [
        (X[:, 0], "the targets of arrays are numbers"),
        ((X > 0).astype(int), "the targets of arrays are several labels at once"),
    ],
)
@pytest.mark.parametrize("method", ["weights", "sampling"])
def test_targets_without_classes(targets: np.ndarray, words: str, method: str) -> None:
    with pytest.raises(ConfigError) as caught:
        prepared(targets, balance=method)
    assert (
        str(caught.value)
        == f"data.balance: balance: {method} needs one class a row; {words}; expected classes; remove the key"
    )
