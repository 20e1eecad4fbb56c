"""Batches so small that their losses differ widely."""

from __future__ import annotations

import statistics

from ..advice import rate
from ..chance_level import chance_loss, final, gains
from ..records import Records
from ..verdict import Advice, Finding, rule

NOISE = 0.35  # the study: benchmarks/thresholds/README.md
SMALL = 4  # rows; from here on the mean of a batch is known to within half of one row's spread
ROWS = 5
LEARNED = 0.8


def noise(records: Records) -> float | None:
    """The deviation of logged batch losses from the mean of their epoch, over the second half.

    It is relative to the loss of a constant answer.
    """
    chance, means = chance_loss(records), dict(records.curve("train_loss"))
    rest = [v - means[epoch] for epoch, v in records.logged_epochs("loss") if epoch in means]
    half = rest[len(rest) // 2 :]
    return statistics.pstdev(half) / chance if chance and len(half) >= ROWS else None


@rule(
    why="the gradient of a few rows points anywhere: the wiggle of the loss grows as batches shrink",
    source="CS231n, Neural networks 3: the wiggle of the loss and the batch size; Bengio 2012, 3.1.1",
    needs=("steps", "metrics"),
    follows=("learning_rate_too_high", "unscaled_inputs", "unscaled_targets", "exploding_gradients"),
)
def noisy_loss(records: Records) -> Finding | None:
    """Losses of very small batches that scatter widely, and training rows that are not learned."""
    found, rows, gain = noise(records), records.batch_rows, final(gains(records))
    if (
        found is None
        or rows is None
        or rows > SMALL
        or found < NOISE
        or (gain is not None and gain > LEARNED)
    ):
        return None
    losses = records.logged("loss")
    half = losses[len(losses) // 2 :]
    evidence = (
        f"batches of {rows} had losses from {min(half):.2g} to {max(half):.2g}",
        f"their deviation is {found:.2g} of the loss of a constant answer",
    )
    larger = Advice(
        "average over more rows",
        (
            "training.batch_size=32",
            *(() if records.number("training.accumulate", 1) == 1 else ("training.accumulate=1",)),
        ),
    )
    return Finding("warning", evidence, (larger, *rate(records, 0.1, ", or keep the batches")), 1)
