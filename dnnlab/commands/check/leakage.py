"""Rows of the validation or test part that are training rows.

Source: Kaufman et al. 2012, Leakage in data mining.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...lazy_torch import torch
from .bench import Bench
from .result import Check

if TYPE_CHECKING:
    from ...data.prepare.prepared_data import SplitRows

NAME = "leakage"
BLOCK = 1024
SHARE = 0.01  # of a part's rows; fewer are what real data hold by accident
FEW = 3
# combinations of the features' values, for one training row, below which rows must meet by themselves
ROOM = 10.0


def leakage(bench: Bench) -> Check:
    """Inputs equal bit by bit, whatever their targets; duplicates within the training part are only noted."""
    parts = bench.data.parts()
    train = list(prints(parts.pop("train")))
    known = set(train)
    twins = len(train) - len(known)
    said = f"{twins:,} of {len(train):,} training rows occur more than once" if twins else ""
    if not parts:
        return Check(NAME, None, "no other part than the training part", "", said)
    shared = {name: sum(row in known for row in prints(part)) for name, part in parts.items()}
    lost = [name for name, n in shared.items() if n >= FEW and n > SHARE * len(parts[name].inputs)]
    words = ", ".join(f"{n:,} of {len(parts[name].inputs):,} {name}" for name, n in shared.items()) + " rows"
    if lost and few_valued(bench):
        return Check(NAME, True, words, "", f"are training rows, since the features have few values; {said}")
    if lost:
        measured = f"{' and '.join(lost)} would be measured on rows that were learned"
        what = f"{measured}: remove rows that occur in the data twice"
        return Check(NAME, False, words, "no training rows among them", what)
    return Check(NAME, True, words, "no training rows among them", said)


def few_valued(bench: Bench) -> bool:
    """Whether the features have so few values that equal rows are no surprise."""
    rows = bench.data.train.inputs[bench.sample(2000)].flatten(1)
    combinations = sum(math.log(len(torch.unique(column))) for column in rows.t()[:100])
    return combinations < math.log(ROOM * bench.rows)


def prints(part: SplitRows) -> Iterator[bytes]:
    """A hash of the inputs of each row, as the net gets them."""
    inputs = part.inputs
    for start in range(0, len(inputs), BLOCK):
        block = inputs[start : start + BLOCK].contiguous().numpy()
        for row in block:
            yield hashlib.blake2b(row.tobytes(), digest_size=16).digest()
