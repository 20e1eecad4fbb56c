"""The table of epochs: a header and one row an epoch, never wider than the terminal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ...engine.records import Epoch
from ..terminal.numbers import fitted, rate, ratio, seconds
from ..terminal.text import clean, columns, cut
from .run_facts import RunFacts

MARK = 10
"""Columns kept for the word after a row: best, `12 worse`."""


@dataclass(frozen=True)
class EpochColumn:
    """title and cell are right-aligned in `width` columns.

    The column with the highest `spare` is the first to go when there is no room.
    """

    title: str
    width: int
    cell: Callable[[dict[str, Any], int], str]
    spare: int = 0


def measure(key: str, title: str, width: int = 10, spare: int = 0) -> EpochColumn:
    """A column for a key of metrics.jsonl."""
    return EpochColumn(title, width, lambda row, room: fitted(row.get(key), room), spare)


def all_columns(facts: RunFacts) -> list[EpochColumn]:
    """Every column that a wide enough terminal shows."""
    main = facts.main
    table = [EpochColumn("epoch", 6, lambda row, room: str(row["epoch"])), measure("train_loss", "loss", 7)]
    table += [measure("val_loss", "val_loss")] if facts.validated else []
    if main != "loss":
        table.append(measure(f"train_{main}", short(main), spare=1))
        table += [measure(f"val_{main}", short(main, "val_"))] if facts.validated else []
    if facts.validated:
        table += [measure(f"val_{main}_{suffix}", short(main, f"{suffix}_")) for suffix in facts.averages]
    table.append(EpochColumn("lr", 9, lambda row, room: rate(row.get("lr")), 3))
    # The blank puts the title over the middle of its numbers.
    table.append(EpochColumn("update ", 9, lambda row, room: ratio(row.get("update")), 2))
    table.append(EpochColumn("s/epoch", 8, lambda row, room: seconds(row["took"]), 4))
    return table


def short(name: str, prefix: str = "", room: int = 8) -> str:
    """The name of a measure in 8 columns: `accuracy`, `val_acc.`."""
    whole = prefix + name
    if columns(whole) <= room:
        return whole
    kept = cut(name, max(3, room - 1 - len(prefix)) if len(prefix) + 3 < room else 3)
    return f"{cut(prefix, room - columns(kept) - 1)}{kept}."


def fitting_columns(facts: RunFacts, width: int) -> list[EpochColumn]:
    """The columns for a terminal of `width`: closer together, then fewer, if they do not fit."""
    table = all_columns(facts)
    if total(table) > width:
        table = [replace(c, width=9) if c.width == 10 else c for c in table]
    while total(table) > width and any(c.spare for c in table):
        table.remove(max(table, key=lambda c: c.spare))
    while total(table) > width and len(table) > 2:
        table.pop()
    return table


def total(table: list[EpochColumn]) -> int:
    """Columns of a whole row, with its word."""
    return sum(c.width for c in table) + MARK


class EpochTable:
    """Makes the rows.

    A row's extra keys: `update` (median update ratio) and `took` (seconds of this epoch).
    """

    def __init__(self, facts: RunFacts, width: int) -> None:
        self.columns = fitting_columns(facts, width)

    def header(self) -> str:
        """The titles."""
        titles = [clean(c.title) for c in self.columns]
        return "".join(
            " " * (c.width - columns(title)) + title for c, title in zip(self.columns, titles, strict=True)
        ).rstrip()

    def row(self, row: dict[str, Any]) -> str:
        """One epoch's numbers."""
        return "".join(c.cell(row, min(7, c.width - 1)).rjust(c.width) for c in self.columns)


def mark_of(epoch: Epoch) -> str:
    """`best`, `3 worse` (epochs since the best one), or nothing if the monitor was not measured."""
    if epoch.is_best:
        return "best"
    return f"{epoch.since_best} worse" if epoch.value is not None and epoch.since_best > 0 else ""


def plain_row(epoch: Epoch, row: dict[str, Any], facts: RunFacts) -> str:
    """One epoch in one line for a log: `epoch 12/100  loss 1.5634  val_loss 1.6063 ...  9.7 s  1 worse`."""
    main = facts.main
    keys = [
        ("loss", "train_loss"),
        ("val_loss", "val_loss"),
        (main, f"train_{main}"),
        (f"val_{main}", f"val_{main}"),
    ]
    keys += [(f"val_{main}_{s}", f"val_{main}_{s}") for s in facts.averages]
    words = [f"epoch {epoch.epoch}/{facts.epochs}"]
    words += [f"{title} {fitted(row[key])}" for title, key in dict(keys).items() if key in row]
    words += [
        f"lr {rate(row.get('lr'))}",
        f"update {ratio(row.get('update'))}",
        f"{seconds(row['took'])} s",
        mark_of(epoch),
    ]
    return "  ".join(word for word in words if word)
