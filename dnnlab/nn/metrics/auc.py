"""The area under the ROC curve over a whole epoch or part, in bounded memory."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from ..batch import Batch, Task
from .base import Metric

LIMIT = 1 << 20
"""Pairs of a class and a score that are kept apart; 32 MB. As many more may wait to be sorted in."""


class Ranked(NamedTuple):
    """Pairs of a class and a score.

    keys: of the scores. positive, negative: the weight of the rows of the class, and of the other rows.
    """

    classes: Tensor
    keys: Tensor
    positive: Tensor
    negative: Tensor


class AreaUnderCurve(Metric):
    """How often a row of a class has a higher score for it than a row of another class.

    Ties count half; classes are averaged. Of two classes the second's area is taken (the first's is the
    same); of labels each by itself. NaN where a class has all rows or none.

    Rows with equal scores are one entry with their weights, so memory depends on the different scores alone.
    Up to `LIMIT` different pairs of class and score the area is exact. Beyond, all scores lose their last
    bits, one after the other, until they fit: scores that become equal count as ties, which moves the area by
    at most half the share of such pairs. How many bits are lost depends on the whole set of scores, not on
    its order. Sorting in reads numbers once in LIMIT pairs; all other batches wait unseen.
    """

    def __init__(self, task: Task, limit: int = LIMIT) -> None:
        super().__init__()
        self._labels = task.target == "multi"
        self._limit = limit
        self._waiting: list[Ranked] = []

    def measure(self, outputs: Tensor, batch: Batch) -> None:
        """Keep scores and targets; soft targets stand for their likeliest class."""
        if outputs.device.type == "mps":  # has no float64
            outputs, batch = outputs.cpu(), Batch(*(None if t is None else t.cpu() for t in batch))  # type: ignore[arg-type]  # of a tuple, item by item
        scores, truth = self._scores(outputs.double(), batch.targets)
        weights = (
            torch.ones_like(scores[:, :1]) if batch.weights is None else batch.weights.double().unsqueeze(1)
        )
        classes = torch.arange(scores.shape[1], device=scores.device).expand_as(scores)
        new = Ranked(classes, sortable(scores), weights * truth, weights * ~truth)
        self._waiting.append(Ranked(*(t.reshape(-1) for t in new)))
        if sum(len(entry.keys) for entry in self._waiting) >= self._limit:
            self._keep(self._merged())

    def value(self) -> float:
        """In [0, 1]; 0.5 for scores that say nothing."""
        merged = self._merged()
        if merged is None:
            return math.nan
        self._keep(merged)
        return areas(merged).mean().item()

    def reset(self) -> None:
        """Forget all rows."""
        super().reset()
        self._waiting = []

    def state(self) -> dict[str, Tensor]:
        """What was sorted in and what waits, as copies: a resumed epoch sorts at the same moments."""
        waiting = joined(self._waiting)
        return {
            **super().state(),
            **({} if waiting is None else {f"waiting_{k}": t.clone() for k, t in waiting._asdict().items()}),
        }

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Go on from what `state` gave."""
        super().load({k: t for k, t in state.items() if not k.startswith("waiting_")})
        self._waiting = (
            [Ranked(*(state[f"waiting_{k}"].clone() for k in Ranked._fields))]
            if "waiting_keys" in state
            else []
        )

    def _scores(self, outputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Scores and whether the row is of the class, both (n, classes); (n, 1) for two classes."""
        if self._labels or outputs.shape[1] == 1:
            return outputs, targets.reshape(outputs.shape) > 0.5
        truth = targets if targets.ndim == 1 else targets.argmax(1)
        if outputs.shape[1] == 2:
            return outputs[:, 1:] - outputs[:, :1], (truth == 1).unsqueeze(1)
        of_class = truth.unsqueeze(1) == torch.arange(outputs.shape[1], device=outputs.device)
        return outputs.log_softmax(
            1
        ), of_class  # which near 1 do not run together as soon as the softmax does

    def _merged(self) -> Ranked | None:
        kept = [Ranked(*(self._sums[k] for k in Ranked._fields))] if self._sums else []  # type: ignore[arg-type]  # all are tensors here
        device = self._waiting[-1].keys.device if self._waiting else None
        everything = joined([Ranked(*(t.to(device) for t in entry)) for entry in [*kept, *self._waiting]])
        if everything is None:
            return None
        merged = merge(everything)
        bits = 0
        while len(merged.keys) > self._limit:
            bits += 1
            while count(merged, bits) > self._limit and bits < 62:
                bits += 1
            merged = merge(merged._replace(keys=merged.keys >> bits << bits))
        return merged

    def _keep(self, merged: Ranked | None) -> None:
        if merged is not None:
            self._sums, self._waiting = dict(merged._asdict()), []


def sortable(scores: Tensor) -> Tensor:
    """float64 to int64 keys of the same order; equal scores (0 and -0 too) have equal keys."""
    bits = (scores + 0.0).view(torch.int64)
    return bits ^ ((bits >> 63) & 0x7FFF_FFFF_FFFF_FFFF)


def joined(entries: list[Ranked]) -> Ranked | None:
    """All entries in one; None where there are none."""
    return Ranked(*(torch.cat(column) for column in zip(*entries, strict=True))) if entries else None


def merge(entries: Ranked) -> Ranked:
    """Sorted by class, then by key; entries of the same class and key become one."""
    order = entries.keys.argsort(stable=True)
    order = order[entries.classes[order].argsort(stable=True)]
    classes, keys, positive, negative = (t[order] for t in entries)
    first = starts(classes, keys)
    place = first.cumsum(0) - 1
    size = int(place[-1]) + 1
    sums = [
        torch.zeros(size, dtype=torch.float64, device=keys.device).index_add_(0, place, t)
        for t in (positive, negative)
    ]
    return Ranked(classes[first], keys[first], *sums)


def starts(classes: Tensor, keys: Tensor) -> Tensor:
    """Whether each of sorted entries differs from the one before."""
    first = torch.ones_like(keys, dtype=torch.bool)
    first[1:] = (keys[1:] != keys[:-1]) | (classes[1:] != classes[:-1])
    return first


def count(merged: Ranked, bits: int) -> int:
    """How many entries there would be without the last `bits` bits of the keys."""
    return int(starts(merged.classes, merged.keys >> bits).sum())


def areas(merged: Ranked) -> Tensor:
    """The area of each class, (classes,): the weight of pairs in the right order, by that of all pairs.

    A pair has a positive and a negative row.
    """
    size = int(merged.classes[-1]) + 1
    below = merged.negative.cumsum(0)
    totals = [
        torch.zeros(size, dtype=torch.float64, device=below.device).index_add_(0, merged.classes, t)
        for t in merged[2:]
    ]
    before = totals[1].cumsum(0) - totals[1]  # of other classes, which stand before
    pairs = merged.positive * (below - merged.negative / 2 - before[merged.classes])
    ordered = torch.zeros_like(totals[0]).index_add_(0, merged.classes, pairs)
    return ordered / (totals[0] * totals[1])
