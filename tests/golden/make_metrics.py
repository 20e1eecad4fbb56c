"""Makes metrics.json and losses.json: scikit-learn's metrics and torch's losses on drawn outputs.

    python tests/golden/make_metrics.py      # needs scikit-learn, torch, numpy; not dnnlab

Outputs are rounded to 1/8, so that they hold ties and the same numbers in every float type.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
import torch
import torch.nn.functional as F
from sklearn import metrics

ROWS, CLASSES, LABELS, TARGETS = 48, 5, 3, 2
SKLEARN, TORCH = f"scikit-learn {sklearn.__version__}", f"torch {torch.__version__}, float64"
RANDOM = np.random.default_rng(7)


def drawn(*shape: int) -> np.ndarray:
    return np.round(RANDOM.normal(size=shape) * 8) / 8


def softmax(outputs: np.ndarray) -> np.ndarray:
    exponentials = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def metric_cases() -> list[dict[str, Any]]:
    weights = RANDOM.integers(1, 5, ROWS).astype(float)
    several, one, labels = drawn(ROWS, CLASSES), drawn(ROWS, 1), drawn(ROWS, LABELS)
    targets = {
        "several": RANDOM.integers(0, CLASSES, ROWS),
        "one": RANDOM.integers(0, 2, ROWS),
        "labels": RANDOM.integers(0, 2, (ROWS, LABELS)),
    }
    several[np.arange(ROWS), targets["several"]] += 1
    untied = (
        several + 1e-3 * np.arange(CLASSES)[::-1]
    )  # scikit-learn and dnnlab order equal scores differently
    cases = []
    for sample in (None, weights):
        w = {"sample_weight": sample}
        t, chances = targets["several"], softmax(several)
        rows: list[tuple[str, dict[str, Any], np.ndarray, np.ndarray, float]] = [
            ("f1", {}, several, t, metrics.f1_score(t, several.argmax(1), average="macro", **w)),
            (
                "auc",
                {},
                several,
                t,
                metrics.roc_auc_score(t, chances, multi_class="ovr", average="macro", **w),
            ),
            (
                "f1",
                {},
                one,
                targets["one"],
                metrics.f1_score(targets["one"], one[:, 0] > 0, average="macro", **w),
            ),
            ("auc", {}, one, targets["one"], metrics.roc_auc_score(targets["one"], one[:, 0], **w)),
            (
                "auc",
                {},
                several[:, :2],
                targets["one"],
                metrics.roc_auc_score(targets["one"], several[:, 1] - several[:, 0], **w),
            ),
            (
                "f1",
                {},
                labels,
                targets["labels"],
                metrics.f1_score(targets["labels"], labels > 0, average="macro", **w),
            ),
            (
                "auc",
                {},
                labels,
                targets["labels"],
                metrics.roc_auc_score(targets["labels"], labels, average="macro", **w),
            ),
        ]
        rows += [
            ("top_k", {"k": k}, untied, t, metrics.top_k_accuracy_score(t, untied, k=k, **w))
            for k in (1, 2, 4)
        ]
        for name, keys, outputs, truth, value in rows:
            numbers = {
                "outputs": outputs.tolist(),
                "targets": truth.tolist(),
                "weights": None if sample is None else sample.tolist(),
            }
            cases.append({"name": name, "keys": keys, "oracle": SKLEARN, "value": float(value), **numbers})
    return cases


def loss_cases() -> list[dict[str, Any]]:
    real, truth = drawn(ROWS, TARGETS), drawn(ROWS, TARGETS)
    scores, classes = drawn(ROWS, CLASSES), RANDOM.integers(0, CLASSES, ROWS)
    shares = softmax(drawn(ROWS, CLASSES))
    labels, several = drawn(ROWS, LABELS), RANDOM.integers(0, 2, (ROWS, LABELS)).astype(float)
    functions: list[tuple[str, dict[str, Any], Any, np.ndarray, np.ndarray]] = [
        ("mse", {}, F.mse_loss, real, truth),
        ("mae", {}, F.l1_loss, real, truth),
        ("huber", {}, F.huber_loss, real, truth),
        ("huber", {"delta": 0.25}, lambda o, t: F.huber_loss(o, t, delta=0.25), real, truth),
        ("cross_entropy", {}, F.cross_entropy, scores, classes),
        ("cross_entropy", {}, F.cross_entropy, scores, shares),
        ("binary_cross_entropy", {}, F.binary_cross_entropy_with_logits, labels, several),
        ("hinge", {}, lambda o, t: CLASSES * F.multi_margin_loss(o, t), scores, classes),
        (
            "hinge",
            {"margin": 0.5},
            lambda o, t: CLASSES * F.multi_margin_loss(o, t, margin=0.5),
            scores,
            classes,
        ),
    ]
    # At a kink the slope is a choice; a shift of each class keeps the scores away from it.
    functions = [
        (n, k, f, o + np.arange(CLASSES) / 32 if n == "hinge" else o, t) for n, k, f, o, t in functions
    ]
    cases = []
    for name, keys, function, outputs, targets in functions:
        leaf = torch.tensor(outputs, requires_grad=True)
        loss = function(leaf, torch.tensor(targets))
        (gradient,) = torch.autograd.grad(loss, leaf)
        numbers = {"outputs": outputs.tolist(), "targets": targets.tolist(), "gradient": gradient.tolist()}
        cases.append({"name": name, "keys": keys, "oracle": TORCH, "value": loss.item(), **numbers})
    return cases


if __name__ == "__main__":
    for name, cases in {"metrics": metric_cases(), "losses": loss_cases()}.items():
        lines = ",\n".join(json.dumps(case) for case in cases)
        Path(__file__).with_name(f"{name}.json").write_text(f"[\n{lines}\n]\n")
