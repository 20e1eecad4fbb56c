"""Whether the rows of a part let a metric be measured: known before training, and said then.

No torch here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ...errors import ConfigError, Problem
from .objective import Objective

if TYPE_CHECKING:
    from ...data.prepare.prepared_data import Prepared

Counted = Mapping[
    str, tuple[int, Sequence[int]]
]  # part of the data -> its rows, and how many of them each class (label) has
_PREFIXES = {"train": "train", "validation": "val"}


def counted(data: Prepared) -> Counted:
    """The counts of data that are there."""
    return {part: (len(rows.inputs), data.class_counts.get(part, [])) for part, rows in data.parts().items()}


def check_monitor(objective: Objective, parts: Counted, names: Sequence[str]) -> None:
    """Raise `ConfigError` where the monitor would never be a number: no epoch could be the best. names: of the classes or labels."""
    for word, reason in unmeasurable(objective, parts, names):
        averaged = objective.monitor.startswith(f"{word}_") and objective.monitor not in _words(objective)
        if objective.monitor == word or averaged:
            fix = f"a larger part, or training: {{monitor: {word.partition('_')[0]}_loss}}"
            problem = Problem(
                reason, "expected a monitor that is a number", fix, "training.monitor", code="monitor"
            )
            raise ConfigError(problem)


def measuring_notes(objective: Objective, parts: Counted, names: Sequence[str]) -> list[str]:
    """What the user should know of metrics that are never a number."""
    return [reason for _, reason in unmeasurable(objective, parts, names)]


def unmeasurable(objective: Objective, parts: Counted, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(`val_auc`, why it cannot be measured) for each such metric."""
    for part, (rows, counts) in parts.items():
        for metric in objective.metric_parts if part in _PREFIXES else ():
            lacks = metric.flag("lacks")
            if lacks is not None and (reason := lacks(rows, counts, names)):
                word = f"{_PREFIXES[part]}_{metric.name}"
                yield (
                    word,
                    f"{word} cannot be measured: {reason} in the {part} part ({rows:,} row{'s' * (rows != 1)})",
                )


def _words(objective: Objective) -> set[str]:
    return {f"{prefix}_{metric.name}" for prefix in _PREFIXES.values() for metric in objective.metric_parts}
