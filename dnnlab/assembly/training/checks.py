"""Checks of a training as a whole: settings that are right by themselves and cannot act together.

torch is imported by `check_single_rows` alone, which `check --static` does not call.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ...config.sections import Experiment
from ...errors import ConfigError, Problem
from ...lazy_torch import nn, torch
from .objective import Objective

if TYPE_CHECKING:
    from ...data.prepare.prepared_data import Prepared
    from ...engine.split import RowStream

Counted = Mapping[str, tuple[int, Sequence[int]]]
"""Split -> its rows, and how many of them each class or label has."""
_PREFIXES = {"train": "train", "validation": "val"}


def check_acting(x: Experiment, rows: int) -> None:
    """Raise `ConfigError` for regularizers and scalings that cannot act. rows: of the training split."""
    size = x.training.batch_size
    for name, bound in x.regularizers.items():
        if bound.flag("mixes_rows") and (rows == 1 or size == 1):
            raise ConfigError(
                _one_row(
                    f"received batch_size {size}; "
                    f"{name} mixes rows with others of their batch, and a batch holds one row",
                    f"{name}: none",
                )
            )
    scale = x.data.common["target_scale"]
    if scale is not None and x.architecture.flag("target") == "input":
        text = (
            f"target_scale: {scale} cannot act: "
            f"the target of {x.architecture.name} is the input, as data.scale leaves it"
        )
        raise ConfigError(
            Problem(text, "expected no such key", "remove it", "data.target_scale", code="no_effect")
        )


def check_single_rows(net: nn.Module, inputs: torch.Tensor | RowStream, rows: int) -> None:
    """Raise `ConfigError` if batches hold one row and the net has a normalization over the batch.

    inputs: (n, ...) training inputs. The first one passes through a copy of the net, because only the net
    knows how many numbers a normalization gets. rows: of a batch.
    """
    if rows > 1:
        return
    try:
        with torch.no_grad():
            copy.deepcopy(net).train()(inputs[:1])
    except ValueError:
        text = f"received batch_size {rows}; a batch normalization cannot take the variance of one row"
        raise ConfigError(_one_row(text, "normalization: layer")) from None


def _one_row(text: str, other: str) -> Problem:
    fix = f"training: {{batch_size: 32}}, or {other}"
    return Problem(text, "expected 2 rows or more", fix, "training.batch_size", code="one_row")


def row_counts(data: Prepared) -> Counted:
    """The row counts of prepared data."""
    return {
        split: (len(rows.inputs), data.class_counts.get(split, [])) for split, rows in data.parts().items()
    }


def check_monitor(objective: Objective, parts: Counted, names: Sequence[str]) -> None:
    """Raise `ConfigError` if the monitor would never be a number, so that no epoch could be the best.

    names: of the classes or labels.
    """
    for word, reason in unmeasurable(objective, parts, names):
        averaged = objective.monitor.startswith(f"{word}_") and objective.monitor not in _words(objective)
        if objective.monitor == word or averaged:
            fix = f"a larger part, or training: {{monitor: {word.partition('_')[0]}_loss}}"
            problem = Problem(
                reason, "expected a monitor that is a number", fix, "training.monitor", code="monitor"
            )
            raise ConfigError(problem)


def measuring_notes(objective: Objective, parts: Counted, names: Sequence[str]) -> list[str]:
    """Notes for the user on metrics that would never be a number."""
    return [reason for _, reason in unmeasurable(objective, parts, names)]


def unmeasurable(objective: Objective, parts: Counted, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(`val_auc`, why it cannot be measured) for each metric that the rows do not allow."""
    for part, (rows, counts) in parts.items():
        for metric in objective.metric_parts if part in _PREFIXES else ():
            lacks = metric.flag("lacks")
            if lacks is not None and (reason := lacks(rows, counts, names)):
                word = f"{_PREFIXES[part]}_{metric.name}"
                count = f"{rows:,} row{'s' * (rows != 1)}"
                yield word, f"{word} cannot be measured: {reason} in the {part} part ({count})"


def _words(objective: Objective) -> set[str]:
    return {f"{prefix}_{metric.name}" for prefix in _PREFIXES.values() for metric in objective.metric_parts}
