"""`data.balance`: class weights, and the notes about uneven classes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...errors import ConfigError, Problem
from ...lazy_torch import torch
from ..imbalance import Imbalance


def class_weights(counts: Sequence[int]) -> np.ndarray:
    """Weights n / (C * n_c) of the C classes that have rows, 0 for others: each class sums up to n / C.

    Source: King & Zeng 2001, Logistic regression in rare events data; scikit-learn's class_weight="balanced".
    >>> class_weights([30, 10]).round(3).tolist()
    [0.667, 2.0]
    """
    rows = np.asarray(counts, dtype=np.float64)
    present = rows > 0
    weights: np.ndarray = np.divide(
        rows.sum() / max(1, int(present.sum())), rows, out=np.zeros_like(rows), where=present
    )
    return weights


def row_weights(targets: torch.Tensor, counts: Sequence[int]) -> torch.Tensor:
    """The weight of each training row by its class, float32, with mean 1."""
    return torch.from_numpy(class_weights(counts).astype(np.float32))[targets]


def balance_words(method: str, counts: Sequence[int], names: Sequence[str]) -> str:
    """What the screen says of it."""
    if method == "sampling":
        return "balance: an epoch draws its rows with replacement, all classes equally likely"
    weights = class_weights(counts)
    present = np.flatnonzero(weights)
    low, high = present[np.argmin(weights[present])], present[np.argmax(weights[present])]
    lightest, heaviest = (f"{weights[i]:.3g} ({names[i]})" for i in (low, high))
    return f"balance: training rows weigh from {lightest} to {heaviest}"


def imbalance_words(measured: Imbalance, names: Sequence[str]) -> str:
    """What screen and data.json say of classes that are very uneven."""
    low = min((n, i) for i, n in enumerate(measured.counts) if n)[1]
    share = f"{measured.baseline:.1%}".replace("%", " %")
    most, least = (f"{measured.counts[i]:,}" for i in (measured.majority, low))
    largest = names[measured.majority]
    return (
        f"uneven classes: {most} rows of {largest}, {least} of {names[low]}; "
        f"always answering {largest} is right in {share} of the rows, "
        "so compare with that, add f1 to metrics, or write data.balance=weights"
    )


def check_balance(method: str | None, target: str, name: str) -> None:
    """Raise `ConfigError` where there are no classes to balance."""
    if method is not None and target != "index":
        what = "several labels at once" if target == "multi" else "numbers"
        text = f"balance: {method} needs one class a row; the targets of {name} are {what}"
        raise ConfigError(
            Problem(text, "expected classes", "remove the key", "data.balance", code="no_effect")
        )
