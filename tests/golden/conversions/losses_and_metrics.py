"""Losses and metrics: values over the inputs."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import torch
from torch import nn

from .cases import CLASSES, INPUTS, SCORES, TRUTH, says


def losses_and_metrics() -> None:
    """Values over the inputs."""
    numbers = {name: torch.tensor(np.asarray(value)) for name, value in INPUTS.items()}

    def case(
        part: str, library: str, clause: str, outputs: str, targets: str, theirs: Any, **keys: Any
    ) -> None:
        how = {key: keys.pop(key) for key in ("within", "ratio") if key in keys}
        kind = part.partition(".")[0]
        says(
            part,
            library,
            clause,
            kind,
            {"outputs": outputs, "targets": targets, **keys},
            theirs,
            **(how or {"within": 2e-6}),
        )

    def torchs(loss: nn.Module, outputs: str, targets: str) -> torch.Tensor:
        return loss(numbers[outputs], numbers[targets])

    def kerases(function: Any, outputs: str, targets: str) -> float:
        return float(function(np.asarray(INPUTS[targets]), np.asarray(INPUTS[outputs])))

    LOSS, METRIC = keras.losses, keras.metrics  # noqa: N806
    clause = "torch.nn.BCEWithLogitsLoss (BCELoss takes probabilities): no sigmoid at the end of the net"
    with_logits = torchs(nn.BCEWithLogitsLoss(), "scores", "labels")
    for theirs in (with_logits, nn.BCELoss()(numbers["scores"].sigmoid(), numbers["labels"])):
        case("loss.binary_cross_entropy", "torch", clause, "scores", "labels", theirs)
    clause = "BinaryCrossentropy(from_logits=True): no sigmoid at the end of the net"
    case(
        "loss.binary_cross_entropy",
        "keras",
        clause,
        "scores",
        "labels",
        kerases(LOSS.BinaryCrossentropy(from_logits=True), "scores", "labels"),
    )
    for targets in ("classes", "shares"):
        case(
            "loss.cross_entropy",
            "torch",
            "torch.nn.CrossEntropyLoss: the same, on logits",
            "scores",
            targets,
            torchs(nn.CrossEntropyLoss(), "scores", targets),
        )
    clause = (
        "SparseCategoricalCrossentropy(from_logits=True), CategoricalCrossentropy(from_logits=True) "
        "for shares: no softmax at the end of the net"
    )
    case(
        "loss.cross_entropy",
        "keras",
        clause,
        "scores",
        "classes",
        kerases(LOSS.SparseCategoricalCrossentropy(from_logits=True), "scores", "classes"),
    )
    case(
        "loss.cross_entropy",
        "keras",
        clause,
        "scores",
        "shares",
        kerases(LOSS.CategoricalCrossentropy(from_logits=True), "scores", "shares"),
    )
    margin = torchs(nn.MultiMarginLoss(margin=0.5), "scores", "classes")
    for clause in ("torch.nn.MultiMarginLoss(margin) divides by the number of classes", "this one does not"):
        case("loss.hinge", "torch", clause, "scores", "classes", 4 * margin, margin=0.5)
    hot = np.eye(4)[CLASSES]
    clause = "CategoricalHinge takes the largest wrong score alone"
    positive = SCORES - SCORES.min() + 0.1  # Keras multiplies by 1 - target, so that it never goes below 0
    largest = np.maximum(0, 1 + np.where(hot == 1, -np.inf, positive).max(1) - positive[hot == 1]).mean()
    says("loss.hinge", "keras", clause, "number", largest, float(LOSS.CategoricalHinge()(hot, positive)))
    summed = np.maximum(0, 1 + positive - positive[hot == 1][:, None])[hot == 0].sum() / len(positive)
    INPUTS["positive"] = positive
    case(
        "loss.hinge",
        "keras",
        "this one sums over all wrong classes",
        "positive",
        "classes",
        summed,
        margin=1.0,
    )
    clause = "torch.nn.HuberLoss(delta): the same (SmoothL1Loss(beta) is this divided by beta)"
    case(
        "loss.huber",
        "torch",
        clause,
        "scores",
        "truth",
        torchs(nn.HuberLoss(delta=0.4), "scores", "truth"),
        delta=0.4,
    )
    case(
        "loss.huber",
        "torch",
        clause,
        "scores",
        "truth",
        0.4 * torchs(nn.SmoothL1Loss(beta=0.4), "scores", "truth"),
        delta=0.4,
    )
    case(
        "loss.huber",
        "keras",
        "Huber(delta): the same",
        "scores",
        "truth",
        kerases(LOSS.Huber(0.4), "scores", "truth"),
        delta=0.4,
    )
    for name, module, word in (
        ("mae", nn.L1Loss(), "MeanAbsoluteError"),
        ("mse", nn.MSELoss(), "MeanSquaredError"),
    ):
        case(
            f"loss.{name}",
            "torch",
            f"torch.nn.{type(module).__name__}(): the same",
            "scores",
            "truth",
            torchs(module, "scores", "truth"),
        )
        case(
            f"loss.{name}",
            "keras",
            f"{word}(): the same",
            "scores",
            "truth",
            kerases(getattr(LOSS, word)(), "scores", "truth"),
        )
    right = (numbers["scores"].argmax(1) == numbers["classes"]).double().mean()
    case("metrics.accuracy", "torch", "the share of outputs.argmax(1) == targets", "scores", "classes", right)
    case(
        "metrics.accuracy",
        "keras",
        '"accuracy"',
        "scores",
        "classes",
        kerases(METRIC.SparseCategoricalAccuracy(), "scores", "classes"),
    )
    rough = METRIC.AUC()
    rough.update_state([0, 1, 0, 1, 1], INPUTS["close"])
    for clause, value in (
        ("AUC(num_thresholds=200) is an approximation by 200 thresholds", rough.result()),
        ("this one is exact", rough.result()),
    ):
        case("metrics.auc", "keras", clause, "close_logits", "close_truth", value, ratio=(1.49, 1.51))
    clause = 'F1Score(average="macro") counts classes that neither occur nor are predicted as 0'
    macro = METRIC.F1Score(average="macro")(np.eye(4)[INPUTS["absent"]], np.asarray(INPUTS["narrow"]))
    case("metrics.f1", "keras", clause, "narrow", "absent", 4 / 3 * float(macro))
    case("metrics.mae", "torch", "torch.nn.L1Loss()", "two", "real", torchs(nn.L1Loss(), "two", "real"))
    case(
        "metrics.mae",
        "keras",
        "MeanAbsoluteError()",
        "two",
        "real",
        kerases(METRIC.MeanAbsoluteError(), "two", "real"),
    )
    clause = 'R2Score(class_aggregation="uniform_average"): the same'
    case("metrics.r2", "keras", clause, "two", "real", kerases(METRIC.R2Score(), "two", "real"))
    one = nn.MSELoss()(numbers["one"], numbers["real"][:, :1]).sqrt()
    INPUTS["first"] = TRUTH[:, :1]
    case("metrics.rmse", "torch", "the root of torch.nn.MSELoss(), for one target", "one", "first", one)
    together = float(METRIC.RootMeanSquaredError()(INPUTS["real"], INPUTS["two"]))
    root = np.sqrt(np.square(np.asarray(INPUTS["two"]) - INPUTS["real"]).mean())
    says(
        "metrics.rmse",
        "keras",
        "RootMeanSquaredError() takes one root over all targets",
        "number",
        root,
        together,
    )
    roots = np.mean(
        [METRIC.RootMeanSquaredError()(INPUTS["real"][:, i], INPUTS["two"][:, i]) for i in range(2)]
    )
    case("metrics.rmse", "keras", "this one averages each target's root", "two", "real", roots)
    top = (numbers["scores"].topk(2).indices == numbers["classes"][:, None]).any(1).double().mean()
    case("metrics.top_k", "torch", "outputs.topk(k).indices", "scores", "classes", top, k=2)
    clause = "SparseTopKCategoricalAccuracy(k=5): the same"
    case(
        "metrics.top_k",
        "keras",
        clause,
        "scores",
        "classes",
        kerases(METRIC.SparseTopKCategoricalAccuracy(k=2), "scores", "classes"),
        k=2,
    )
