"""What is learned and measured: losses, metrics and monitors by the targets, and those that do not fit."""

from __future__ import annotations

from typing import Any

import pytest
from helpers.trainings import built

from dnnlab.errors import ConfigError

IMAGES = {"name": "digits", "limit": 100}
MOONS = {"name": "moons", "samples": 100}


def refused(**changes: Any) -> str:
    with pytest.raises(ConfigError) as caught:
        built(**changes)
    return str(caught.value)


@pytest.mark.parametrize(
    ("data", "loss", "said"),
    [
        (
            "digits",
            "mse",
            (
                "loss: mse does not fit targets that are one class of several (10 classes); expected a "
                "loss for them, such as cross_entropy"
            ),
        ),
        (
            "digits",
            "binary_cross_entropy",
            "loss: binary_cross_entropy does not fit targets that are one class of several (10 classes)",
        ),
        (
            "diabetes",
            "cross_entropy",
            (
                "loss: cross_entropy does not fit targets that are numbers; expected a loss for them, "
                "such as mse; loss: auto"
            ),
        ),
        ("diabetes", "hinge", "loss: hinge does not fit targets that are numbers"),
        (
            "breast_cancer",
            "mse",
            (
                "loss: mse does not fit targets that are one class of several (2 classes); expected a "
                "loss for them, such as binary"
            ),
        ),
    ],
)
def test_a_loss_that_does_not_fit_the_targets(data: str, loss: str, said: str) -> None:
    assert refused(data=data, loss=loss).startswith(said)


@pytest.mark.parametrize("loss", ["cross_entropy", "hinge", "binary_cross_entropy"])
def test_two_classes_take_one_output_or_two(loss: str) -> None:
    assert built(data=MOONS, loss=loss).session.task.outputs == (1 if loss == "binary_cross_entropy" else 2)


def test_losses_are_chosen_by_the_targets() -> None:
    chosen = [built(data=data).objective.loss_part.name for data in ("digits", "breast_cancer", "diabetes")]
    assert chosen == ["cross_entropy", "binary_cross_entropy", "mse"]
    assert built(architecture={"name": "autoencoder", "hidden": [4]}).objective.loss_part.name == "mse"


@pytest.mark.parametrize(
    ("data", "metric", "said"),
    [
        (
            "digits",
            "r2",
            (
                "metrics.0: r2 does not fit targets that are one class of several; expected another "
                "metric; metrics: auto"
            ),
        ),
        ("diabetes", "accuracy", "metrics.0: accuracy does not fit targets that are numbers"),
    ],
)
def test_metrics_that_do_not_fit(data: str, metric: str, said: str) -> None:
    assert refused(data=data, metrics=[metric]).startswith(said)


@pytest.mark.parametrize(
    ("monitor", "changes", "chosen"),
    [
        ("auto", {}, ("val_accuracy", "max")),
        ("auto", {"data": "diabetes"}, ("val_r2", "max")),
        ("auto", {"metrics": []}, ("val_loss", "min")),
        ("auto", {"data": {**IMAGES, "validation": "none"}}, ("train_loss", "min")),
        ("train_accuracy", {}, ("train_accuracy", "max")),
        ("val_rmse", {"data": "diabetes"}, ("val_rmse", "min")),
        ("val_accuracy_ema", {"regularizers": {"ema": 0.9}}, ("val_accuracy_ema", "max")),
    ],
)
def test_monitors(monitor: str, changes: dict[str, Any], chosen: tuple[str, str]) -> None:
    plan = built(**{**changes, "training": {"monitor": monitor}}).session.plan
    assert (plan.monitor, plan.better) == chosen


@pytest.mark.parametrize(
    ("monitor", "changes", "said"),
    [
        (
            "val_acuracy",
            {},
            (
                "received val_acuracy; expected one of train_loss, train_accuracy, val_loss, "
                "val_accuracy; did you mean val_accuracy?"
            ),
        ),
        (
            "accuracy",
            {},
            (
                "received accuracy; expected one of train_loss, train_accuracy, val_loss, "
                "val_accuracy; did you mean"
            ),
        ),
        (
            "val_accuracy_ema",
            {},
            (
                "received val_accuracy_ema; expected one of train_loss, train_accuracy, val_loss, "
                "val_accuracy; did you mean"
            ),
        ),
        ("val_accuracy_emma", {"regularizers": {"ema": 0.9}}, "did you mean val_accuracy_ema?"),
        (
            "train_accuracy_ema",
            {"regularizers": {"ema": 0.9}},
            "received train_accuracy_ema; expected one of",
        ),
        (
            "val_loss",
            {"data": {**IMAGES, "validation": "none"}},
            "val_loss is never measured: there is no validation part; expected train_loss",
        ),
    ],
)
def test_monitors_that_are_never_measured(monitor: str, changes: dict[str, Any], said: str) -> None:
    text = refused(**{**changes, "training": {"monitor": monitor}})
    assert text.startswith("training.monitor: ") and said in text
