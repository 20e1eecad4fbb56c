"""The arrays of a file of weights on the screen."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..terminal.columns import GAP, Column, shown, table_lines, total
from ..terminal.numbers import counted, fitted
from ..terminal.text import INDENT, labelled

MOST_FACTS = 12
"""Layers of which the screen says what the file says."""


def weights_lines(face: Mapping[str, Any], width: int) -> list[str]:
    """The file, a line for each array, what the file says of its layers, and notes."""
    rows = face["arrays"]
    count = sum(math.prod(row["shape"]) for row in rows)
    head = f"{Path(face['path']).name}: {face['format']}, {counted(len(rows), 'array')}, {count:,} numbers"
    mapped = any(row["becomes"] is not None for row in rows)
    numbers = [
        Column("shape", tuple("x".join(map(str, row["shape"])) or "one number" for row in rows)),
        Column("type", tuple(row["dtype"] for row in rows), spare=2),
        Column("mean", tuple(fitted(row["mean"]) for row in rows), right=True),
        Column("deviation", tuple(fitted(row["deviation"]) for row in rows), right=True, spare=1),
    ]
    names = ("name", "becomes") if mapped else ("name",)
    widest = max((width - total(numbers)) // len(names) - GAP, 16)
    table = [*(Column(key, tuple(row[key] for row in rows), widest=widest) for key in names), *numbers]
    lines = [*labelled("", shown(head, 200), indent=1, width=width), *table_lines(table, width, "--json")]
    told = list(face["facts"].items())
    for layer, facts in told[:MOST_FACTS]:
        words = ", ".join(f"{key} {_word(value)}" for key, value in facts.items())
        lines += labelled("", f"{layer}: {words}", indent=1, width=width)
    if len(told) > MOST_FACTS:
        lines.append(f" and {len(told) - MOST_FACTS} more layers (--json)")
    for note in face["notes"]:
        lines += labelled("note", note, indent=INDENT, width=width)
    return lines


def _word(value: Any) -> str:
    return "x".join(map(str, value)) if isinstance(value, list) else str(value)
