"""Label smoothing and mixup against numbers worked out by hand, and against torch's own."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from helpers.parameter_tables import CLASSES, build, table_of
from torch import Tensor, nn

from dnnlab.errors import ConfigError
from dnnlab.nn.batch import Batch, Task
from dnnlab.nn.losses import cross_entropy
from dnnlab.nn.regularizers.soft_targets import mixed


def test_label_smoothing_by_hand() -> None:
    def smooth(task: Task, targets: Tensor) -> list[Any]:
        batch = Batch(torch.zeros(len(targets), 2, dtype=torch.float64), targets)
        return build({"name": "label_smoothing", "amount": 0.2}, table_of("label_smoothing", {}, task))(
            batch
        ).targets.tolist()

    assert smooth(CLASSES, torch.tensor([2, 0])) == [
        pytest.approx([0.05, 0.05, 0.85, 0.05]),
        pytest.approx([0.85, 0.05, 0.05, 0.05]),
    ]
    assert smooth(CLASSES, torch.tensor([[0.5, 0.5, 0.0, 0.0]])) == [pytest.approx([0.45, 0.45, 0.05, 0.05])]
    assert smooth(Task("index", 2, 1), torch.tensor([0, 1])) == pytest.approx([0.1, 0.9])
    assert smooth(Task("multi", 3, 3), torch.tensor([[0.0, 1.0, 1.0]])) == [pytest.approx([0.1, 0.9, 0.9])]


def test_label_smoothing_is_that_of_torch() -> None:
    logits, targets = torch.randn(6, 4, dtype=torch.float64), torch.tensor([0, 1, 2, 3, 3, 0])
    ours = build({"name": "label_smoothing", "amount": 0.3}, table_of("label_smoothing", {}))(
        Batch(logits, targets)
    ).targets
    plain = nn.functional.cross_entropy(logits, targets, label_smoothing=0.3)
    assert torch.allclose(nn.functional.cross_entropy(logits, ours), plain)


def test_label_smoothing_needs_classes() -> None:
    with pytest.raises(
        ConfigError,
        match=(
            "label_smoothing has no classes to smooth: the targets are numbers; expected classes or "
            "labels as targets"
        ),
    ):
        build("label_smoothing", table_of("label_smoothing", {}, Task("real", 0, 1)))


def test_mixing_by_hand() -> None:
    inputs = torch.tensor([[1.0, 2.0], [3.0, 6.0], [5.0, 0.0]], dtype=torch.float64)
    shares = torch.eye(3, dtype=torch.float64)
    partners, share = torch.tensor([1, 2, 2]), torch.tensor(0.75, dtype=torch.float64)
    plain = mixed(Batch(inputs, torch.zeros(3)), shares, partners, share)
    assert plain.targets.tolist() == [[0.75, 0.25, 0.0], [0.0, 0.75, 0.25], [0.0, 0.0, 1.0]]
    assert plain.weights is None

    weights = torch.tensor([1.0, 3.0, 0.0], dtype=torch.float64)
    weighted = mixed(Batch(inputs, torch.zeros(3), weights), shares, partners, share)
    assert weighted.weights.tolist() == [1.5, 2.25, 0.0]
    assert weighted.targets.tolist() == [[0.5, 0.5, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    logs = torch.randn(3, 3, dtype=torch.float64).log_softmax(1)
    loss = -(weighted.weights * (weighted.targets * logs).sum(1))
    expected = -(
        share * weights * logs.diagonal() + (1 - share) * weights[partners] * logs[torch.arange(3), partners]
    )
    assert torch.allclose(loss, expected)


def test_mixup_draws_one_beta_number_a_batch() -> None:
    mixup = build({"name": "mixup", "alpha": 0.4}, table_of("mixup", {}))
    torch.manual_seed(0)
    marks, shares, swapped = torch.arange(4.0).view(4, 1) ** 2, [], 0
    for _ in range(3000):
        batch = mixup(Batch(marks, torch.arange(4)))
        own = batch.targets.diagonal()
        share = float(own.min())  # rows that are their own partner keep 1
        assert all(
            math.isclose(x, share, abs_tol=1e-6) or math.isclose(x, 1, abs_tol=1e-6) for x in own.tolist()
        )
        assert torch.allclose(batch.inputs[:, 0], batch.targets @ marks[:, 0], atol=1e-5)
        shares.append(share)
        swapped += int((own < 1).sum())
    drawn = torch.tensor([s for s in shares if s < 1])
    assert float(drawn.mean()) == pytest.approx(0.5, abs=0.03)
    assert float(drawn.var()) == pytest.approx(1 / (4 * (2 * 0.4 + 1)), rel=0.06)  # of Beta(alpha, alpha)
    assert swapped / (3000 * 4) == pytest.approx(3 / 4, abs=0.03)  # a partner is the row itself once in four


def test_mixup_of_tiny_alpha_stays_finite() -> None:
    mixup = build({"name": "mixup", "alpha": 1e-4}, table_of("mixup", {}))
    for _ in range(500):
        batch = mixup(Batch(torch.ones(3, 2), torch.tensor([0, 1, 2])))
        assert torch.isfinite(batch.inputs).all() and torch.allclose(batch.targets.sum(1), torch.ones(3))


def test_mixup_of_numbers_and_of_one_output() -> None:
    torch.manual_seed(1)
    numbers = torch.tensor([[1.0], [2.0], [4.0]])
    batch = build("mixup", table_of("mixup", {}, Task("real", 0, 1)))(Batch(numbers.clone(), numbers))
    assert torch.allclose(batch.inputs, batch.targets)
    binary = build("mixup", table_of("mixup", {}, Task("index", 2, 1)))(
        Batch(numbers, torch.tensor([0, 1, 1]))
    )
    assert binary.targets.shape == (3,) and binary.targets.dtype == torch.float32


@pytest.mark.parametrize("amount", [0.0, 0.1, 0.5])
@pytest.mark.parametrize("even", [True, False])
def test_smoothing_with_class_weights_beside_torch(amount: float, even: bool) -> None:
    random = torch.Generator().manual_seed(0)
    outputs = torch.randn(40, 3, generator=random, dtype=torch.float64)
    classes = torch.randint(3, (40,), generator=random)
    by_class = torch.tensor([1.0, 1.0, 1.0] if even else [0.2, 1.0, 5.0], dtype=torch.float64)
    batch = Batch(outputs, classes, by_class[classes])
    smooth = build(
        {"name": "label_smoothing", "amount": amount}, table_of("label_smoothing", {}, Task("index", 3, 3))
    )
    ours = cross_entropy(outputs, smooth(batch))

    logs = -outputs.log_softmax(1).numpy()
    w, y = by_class.numpy(), classes.numpy()
    total = sum(w[k] for k in y)
    true = sum((1 - amount) * w[k] * row[k] for row, k in zip(logs, y, strict=True))
    shared_here = sum(amount * w[k] * row.mean() for row, k in zip(logs, y, strict=True))
    shared_torch = sum(amount * (w * row).mean() for row in logs)
    assert float(ours) == pytest.approx((true + shared_here) / total, rel=1e-12)
    loss = torch.nn.CrossEntropyLoss(weight=by_class, label_smoothing=amount)(outputs, classes)
    assert float(loss) == pytest.approx((true + shared_torch) / total, rel=1e-12)
    assert (float(ours) == pytest.approx(float(loss), rel=1e-9)) is (even or amount == 0.0)
