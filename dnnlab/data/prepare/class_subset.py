"""`data.classes` keeps some classes and numbers them anew; a single class is refused. No torch here."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ...errors import ConfigError, DataError, Problem
from ...registry import Share
from ..raw import Pair, RawDataset
from ..storage.memory_mapped import taken
from .splits import SplitNumbers


def select_classes(
    raw: RawDataset, wanted: Sequence[int | str] | None, name: str
) -> tuple[RawDataset, np.ndarray | None]:
    """Keep the rows of the `wanted` classes (names, or else numbers), numbered 0, 1, ... in that order.

    Returns the smaller set and which rows of the old training part it holds (None: all). Raises `ConfigError`
    for unknown, repeated or too few classes, and for targets that are no classes.
    """
    if wanted is None:
        return raw, None
    if raw.target != "index":
        text = f"{name} has no classes to choose from"
        raise ConfigError(
            Problem(text, "expected no such key", "remove it", "data.classes", code="no_effect")
        )
    chosen = [_number(item, raw.class_names, place) for place, item in enumerate(wanted)]
    if len(set(chosen)) < max(2, len(chosen)):
        text = f"received {', '.join(str(item) for item in wanted) or 'an empty list'}"
        raise ConfigError(
            Problem(text, "expected two or more different classes", "", "data.classes", code="classes")
        )
    new = np.full(len(raw.class_names), -1, dtype=np.int64)
    new[chosen] = np.arange(len(chosen))
    kept = np.flatnonzero(new[raw.train[1]] >= 0)
    parts: dict[str, Pair] = {}
    for part, (inputs, targets) in raw.parts().items():
        rows = kept if part == "train" else np.flatnonzero(new[targets] >= 0)
        parts[part] = (taken(inputs, rows), new[targets[rows]])
    return replace(raw.with_parts(parts), class_names=tuple(raw.class_names[i] for i in chosen)), kept


def check_classes(
    raw: RawDataset,
    name: str,
    split: SplitNumbers,
    keys: Mapping[str, Any],
    shares: Mapping[str, Share | None],
) -> None:
    """Raise `DataError` if all training rows are of one class, with the key that left no other."""
    if raw.target != "index":
        return
    labels = raw.train[1]
    targets = labels[split.train]
    if (targets != targets[0]).any():
        return
    away = [rows for rows in (split.validation, split.test) if rows is not None]
    left = len(np.unique(np.delete(labels, np.concatenate(away) if away else [])))
    key, fix = _limit_advice(left, keys) if left > 1 else _split_advice(shares)
    rows = "the only training row" if len(targets) == 1 else f"all {len(targets):,} training rows"
    text = f"{rows} of {name} {'is' if len(targets) == 1 else 'are'} of class {raw.names[targets[0]]}"
    raise DataError(Problem(text, "expected two classes or more", fix, f"data.{key}", code="one_class"))


def _number(item: int | str, names: Sequence[str], place: int) -> int:
    if str(item) in names:
        return names.index(str(item))
    if isinstance(item, int) and (
        same := [i for i, n in enumerate(names) if n.isdecimal() and int(n) == item]
    ):
        if len(same) == 1:  # YAML reads 007 as 7
            return same[0]
    elif isinstance(item, int) and 0 <= item < len(names):
        return item
    close = difflib.get_close_matches(str(item), names, n=1)
    shown = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    fix = f"did you mean {close[0]}?" if close else ""
    problem = Problem(
        f"no class is called {item}",
        f"expected some of {shown}, or numbers from 0 to {len(names) - 1}",
        fix,
        code="unknown_class",
    )
    raise ConfigError(replace(problem, path=f"data.classes.{place}"))


def _limit_advice(classes: int, keys: Mapping[str, Any]) -> tuple[str, str]:
    """What to write if a limit kept one of so many classes: a stratified draw of as many rows has all."""
    return "limit", f"write limit: {classes}" if keys[
        "stratify"
    ] else "write limit_per_class: 1 instead of it"


def _split_advice(shares: Mapping[str, Share | None]) -> tuple[str, str]:
    """What to write if the rows that were split off hold all other classes."""
    first = [part for part, share in shares.items() if share is not None and isinstance(share.raw, dict)]
    if first:
        return first[0], "write a share (0.2) instead of {first: ...}"
    part = next((part for part, share in shares.items() if share is not None), "validation")
    return part, "write a smaller share, or stratify: true"
