"""FTRL-Proximal and Adafactor written down from their papers in NumPy, for make_optimizers.py."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np


def mcmahan(l1: float, l2: float, power: float, initial: float, beta: float) -> Callable[..., np.ndarray]:
    """FTRL-Proximal in McMahan's own variables z and n; z starts where w is its minimum, and the rate may
    change.
    """

    def inverse(n: np.ndarray, rate: float) -> np.ndarray:
        return (n**-power + beta) / rate

    def step(t: int, rate: float, w: np.ndarray, g: np.ndarray, memory: dict[str, Any]) -> np.ndarray:
        if not memory:
            n = np.full_like(w, initial)
            memory.update(n=n, inverse=inverse(n, rate), z=-inverse(n, rate) * w)
        memory["n"] = memory["n"] + g**2
        now = inverse(memory["n"], rate)
        memory["z"] = memory["z"] + g - (now - memory["inverse"]) * w
        memory["inverse"], z = now, memory["z"]
        return np.where(np.abs(z) <= l1, 0.0, (np.sign(z) * l1 - z) / (now + l2))

    return step


def relative(t: int, rate: float) -> float:
    """Adafactor's relative step size."""
    return float(min(rate, t**-0.5))


def shazeer(
    rate_of: Callable[[int, float], float],
    scaled: bool,
    decay: float = -0.8,
    eps: tuple[float, float] = (1e-30, 1e-3),
    clip: float = 1.0,
) -> Callable[..., np.ndarray]:
    """Adafactor as in the paper's algorithms 4 and 5, with the means in place of the sums."""

    def rms(x: np.ndarray) -> float:
        return math.sqrt(float(np.mean(x**2)))

    def step(t: int, rate: float, w: np.ndarray, g: np.ndarray, memory: dict[str, Any]) -> np.ndarray:
        beta2, squares = 1 - t**decay, g**2 + eps[0]
        if w.ndim == 2:
            row, column = np.mean(squares, axis=1), np.mean(squares, axis=0)
            memory["row"] = beta2 * memory.get("row", 0) + (1 - beta2) * row
            memory["column"] = beta2 * memory.get("column", 0) + (1 - beta2) * column
            square = np.outer(memory["row"], memory["column"]) / np.mean(memory["row"])
        else:
            square = memory["square"] = beta2 * memory.get("square", 0) + (1 - beta2) * squares
        update = g / np.sqrt(square)
        update = update / max(1.0, rms(update) / clip)
        return w - rate_of(t, rate) * (max(eps[1], rms(w)) if scaled else 1.0) * update

    return step
