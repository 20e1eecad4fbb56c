"""The list of cases, the inputs that they share, and how one is added."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

CASES: list[dict[str, Any]] = []
POINTS = [-6.5, -3.5, -2.25, -1.5, -0.5, -0.125, 0.125, 0.5, 1.25, 2.75, 3.5, 6.5]
DRAWS = np.random.default_rng(5)
ROWS = (DRAWS.normal(size=(6, 4)) * 3 + 1).round(3)
IMAGES = (DRAWS.normal(size=(3, 4, 2, 3)) * 3 + 1).round(3)
SCORES, TRUTH = DRAWS.normal(size=(12, 4)).round(3), DRAWS.normal(size=(12, 4)).round(3)
CLASSES = np.arange(12) * 5 % 4
SHARES = np.round(np.exp(TRUTH) / np.exp(TRUTH).sum(1, keepdims=True), 6)
LABELS = (TRUTH > 0).astype(float)
INPUTS = {
    "points": POINTS,
    "rows": ROWS,
    "images": IMAGES,
    "scores": SCORES,
    "truth": TRUTH,
    "classes": CLASSES,
}
INPUTS |= {
    "shares": SHARES / SHARES.sum(1, keepdims=True),
    "labels": LABELS,
    "two": SCORES[:, :2],
    "real": TRUTH[:, :2],
}
INPUTS["binary"], INPUTS["one"] = (CLASSES % 2), SCORES[:, :1]
INPUTS["absent"] = np.where(CLASSES == 3, 2, CLASSES)  # class 3 does not occur,
INPUTS["narrow"] = SCORES - 9 * np.eye(4)[3]  # and is not predicted
INPUTS["close"] = [0.9991, 0.9993, 0.9992, 0.9994, 0.9991]
INPUTS["close_logits"] = np.log(np.array(INPUTS["close"]) / (1 - np.array(INPUTS["close"])))[:, None]
INPUTS["close_truth"] = np.array([0, 1, 0, 1, 1])
SEEN = [
    1.0,
    0.9,
    0.95,
    0.9,
    0.93,
    0.91,
    0.5,
    0.4999,
    0.5,
    0.5,
    0.5,
    0.6,
    0.5,
    0.5,
    0.5,
    0.3,
    0.5,
    0.5,
    0.5,
    0.5,
    0.5,
    0.5,
    0.5,
    0.5,
]


def flat(*arrays: Any) -> list[float]:
    """All numbers of some arrays or tensors, one after the other."""
    plain = [a.detach().numpy() if isinstance(a, torch.Tensor) else np.asarray(a) for a in arrays]
    return [float(x) for a in plain for x in np.ravel(a)]


def says(part: str, library: str, clause: str, measure: str, ours: Any, *numbers: Any, **how: Any) -> None:
    """One case. how: within (1e-6), or ratio."""
    case = {"part": part, "library": library, "clause": clause, "measure": measure, "ours": ours}
    CASES.append({**case, "theirs": flat(*numbers), **(how or {"within": 1e-6})})
