"""`data.classes`: a set of only some of its classes, numbered anew."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ...errors import ConfigError, Problem
from ..raw import Pair, Raw
from ..storage.memory_mapped import taken


def select_classes(raw: Raw, wanted: Sequence[int | str] | None, name: str) -> tuple[Raw, np.ndarray | None]:
    """The rows of the `wanted` classes (labels or, where no label reads so, numbers), relabelled 0, 1, ... in that order.

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


def _number(item: int | str, names: Sequence[str], place: int) -> int:
    if str(item) in names:
        return names.index(str(item))
    if isinstance(item, int) and 0 <= item < len(names):
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
