"""How unevenly classes occur: one measurement for the header, data.json, `check` and `doctor`.

Plain numbers, no torch.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

EVEN = 1.5  # up to this ratio the classes are called even
LARGE = 4.0  # from this ratio on it is said: of two classes the smaller one has a fifth of the rows


@dataclass(frozen=True)
class Imbalance:
    """How unevenly classes occur, over those that have rows.

    counts: rows of each class. ratio: rows of the largest class for one row of the smallest. entropy: -sum p
    ln p of the shares p, in nats; the cross-entropy of a net that always answers with the shares. majority:
    number of the largest class (the first of several). baseline: the accuracy of always answering with it.
    """

    counts: tuple[int, ...]
    ratio: float
    entropy: float
    majority: int
    baseline: float

    @property
    def even(self) -> bool:
        """Whether all classes have rows, and about the same number."""
        return min(self.counts, default=0) > 0 and self.ratio <= EVEN

    @property
    def large(self) -> bool:
        """Whether it should be said."""
        return self.ratio >= LARGE


def measure_imbalance(counts: Sequence[int]) -> Imbalance:
    """Measure rows of each class. Without any row the ratio is 1, entropy and baseline are 0.

    >>> measured = measure_imbalance([30, 10, 0])
    >>> measured.ratio, round(measured.entropy, 4), measured.majority, measured.baseline
    (3.0, 0.5623, 0, 0.75)
    """
    present, total = [n for n in counts if n], sum(counts)
    if not present:
        return Imbalance(tuple(counts), 1.0, 0.0, 0, 0.0)
    entropy = -math.fsum(n / total * math.log(n / total) for n in present)
    majority = max(range(len(counts)), key=counts.__getitem__)
    return Imbalance(
        tuple(counts), max(present) / min(present), abs(entropy), majority, counts[majority] / total
    )


def target_words(target: str, names: tuple[str, ...], counts: list[int]) -> str:
    """`10 classes, even`, `2 classes: malignant 37 %, benign 63 %`, `4 labels`, `1 target (progression)`."""
    if target == "real":
        return f"1 target ({names[0]})" if len(names) == 1 else f"{len(names)} targets"
    if target == "multi":
        return f"{len(names)} labels"
    total, low, high = sum(counts), counts.index(min(counts)), counts.index(max(counts))
    if measure_imbalance(counts).even:
        return f"{len(names)} classes, even"
    shown = range(len(names)) if len(names) <= 3 else (low, high)
    words = [f"{names[i]} {counts[i] / total:.0%}".replace("%", " %") for i in shown]
    return (
        f"{len(names)} classes: {', '.join(words)}"
        if len(names) <= 3
        else f"{len(names)} classes, from {words[0]} to {words[1]}"
    )
