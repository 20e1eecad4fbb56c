"""A training part of one class: refused, with the key that left no other. No torch here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ...errors import DataError, Problem
from ...registry import Share
from ..raw import Raw
from .splits import SplitNumbers


def check_classes(
    raw: Raw, name: str, split: SplitNumbers, keys: Mapping[str, Any], shares: Mapping[str, Share | None]
) -> None:
    """Raise `DataError` where all training rows are of one class: because of the limit, or of the rows that went to other parts."""
    if raw.target != "index":
        return
    labels = raw.train[1]
    targets = labels[split.train]
    if (targets != targets[0]).any():
        return
    away = [rows for rows in (split.validation, split.test) if rows is not None]
    left = len(np.unique(np.delete(labels, np.concatenate(away) if away else [])))
    key, fix = _limited(left, keys) if left > 1 else _taken(shares)
    who = "the only training row" if len(targets) == 1 else f"all {len(targets):,} training rows"
    text = f"{who} of {name} {'is' if len(targets) == 1 else 'are'} of class {raw.names[targets[0]]}"
    raise DataError(Problem(text, "expected two classes or more", fix, f"data.{key}", code="one_class"))


def _limited(classes: int, keys: Mapping[str, Any]) -> tuple[str, str]:
    """What to write where a limit kept one class of so many.

    A stratified draw has all of them from as many rows on.
    """
    return "limit", f"write limit: {classes}" if keys[
        "stratify"
    ] else "write limit_per_class: 1 instead of it"


def _taken(shares: Mapping[str, Share | None]) -> tuple[str, str]:
    """What to write where the rows that were split off hold all other classes."""
    first = [part for part, share in shares.items() if share is not None and isinstance(share.raw, dict)]
    if first:
        return first[0], "write a share (0.2) instead of {first: ...}"
    part = next((part for part, share in shares.items() if share is not None), "validation")
    return part, "write a smaller share, or stratify: true"
