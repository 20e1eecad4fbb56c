"""The recipe for a table, chosen by its rows: how strongly to hold the net back, and how long to wait.

The study is benchmarks/recipes: over tables of 4 to 30 inputs the number of rows decided, not that of inputs.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

STEPS = 6_000  # of a whole training: some seconds
_AT = 46  # column of the comments
SMALL = 1_500
"""Rows below which an epoch is so short that epochs and patience are four times as many."""
_STRENGTHS = (  # below so many rows: penalty, dropout
    (300, "0.1", "", "below 300 rows"),
    (SMALL, "0.03", "0.2", "for 300 to 1,500 rows"),
    (4_000, "0.03", "", "for 1,500 to 4,000 rows"),
    (math.inf, "0.01", "", "from 4,000 rows on"),
)


@dataclass(frozen=True)
class TableRecipe:
    """What a config for a table says of regularization and time."""

    l2: str
    """The strength of the penalty."""
    dropout: str
    """The rate; "" for none."""
    epochs: int
    """At most so many."""
    patience: int
    """Epochs without an improvement before training stops."""
    rate_patience: int
    """Epochs without an improvement before the rate is halved."""
    monitor: str
    """What decides which epoch is best; "" for the first metric."""
    why: str
    """Why it is this strength."""

    def fill(self, text: str) -> str:
        """A template with these numbers, its comments in one column; dropout is left out without one."""
        words = {
            "<l2>": self.l2,
            "<dropout>": self.dropout,
            "<epochs>": str(self.epochs),
            "<patience>": str(self.patience),
            "<rate_patience>": str(self.rate_patience),
            "<monitor>": f", monitor: {self.monitor}" if self.monitor else "",
            "<why>": self.why,
            "<monitored>": "; val_loss is steadier than the accuracy of few rows" if self.monitor else "",
        }
        lines = []
        for line in text.splitlines():
            filled = re.sub("<[a-z0-9_]+>", lambda match: words.get(match[0], match[0]), line)
            code, sign, comment = filled.partition(" # ")
            if filled != line:
                filled = f"{code.rstrip():{_AT}} # {comment}" if sign else filled
            lines += [] if "<dropout>" in line and not self.dropout else [filled]
        return "\n".join(lines) + "\n"


def epochs_for(rows: int) -> int:
    """Epochs of about `STEPS` steps of 32 rows, from 5 to 200."""
    return max(5, min(200, round(STEPS / max(1.0, 0.6 * rows / 32))))


def table_recipe(rows: int, task: str) -> TableRecipe:
    """The recipe for a table of so many rows, validation and test rows included. task: as in a `Survey`.

    On few rows the best accuracy comes early and by luck, so the loss chooses the epoch.
    """
    l2, dropout, why = next(rest for most, *rest in _STRENGTHS if rows < most)
    epochs, times = epochs_for(rows), 4 if rows < SMALL else 1
    return TableRecipe(
        l2=l2,
        dropout=dropout,
        epochs=times * epochs,
        patience=times * max(2, min(25, epochs // 4)),
        rate_patience=times * max(1, min(8, epochs // 8)),
        monitor="val_loss" if rows < SMALL and task != "numbers" else "",
        why=why,
    )
