"""Choose the rows of a `RawDataset` that train, validate and test, after all checks.

No torch here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import ConfigError, Problem
from ...registry import Bound, Share
from ..raw import Array, Pair, RawDataset
from .balance import check_balance
from .class_subset import check_classes, select_classes
from .facts import DataFacts, target_spread
from .imputation import Filling, fill, fit_filling
from .row_checks import check_rows
from .splits import SplitNumbers, split_rows

Source = tuple[Pair, Array | None]


@dataclass(frozen=True, eq=False)
class Chosen:
    """A data set after the choice of rows: classes selected, empty cells filled, parts split; not scaled."""

    raw: RawDataset
    name: str
    split: SplitNumbers
    shares: dict[str, Share | None]
    """What was asked for, by part; None: nothing is split off."""
    sources: dict[str, Source]
    """Part -> the arrays that its rows come from, and which of them (None: all), the training part first."""
    per: str
    """What has a scale of its own: "feature" or "channel"."""
    rows: Array | None
    """Row numbers in the whole set after a selection of classes, or None."""
    filling: Filling | None
    filled: str
    """The note about filled cells, or ""."""

    def counts(self) -> dict[str, int]:
        """Rows of each part."""
        return {
            part: len(pair[0]) if rows is None else len(rows) for part, (pair, rows) in self.sources.items()
        }

    def class_counts(self) -> dict[str, tuple[int, list[int]]]:
        """Rows of each part, and how many of them each class or label has (none for real targets)."""
        raw, found = self.raw, {}
        for part, (pair, rows) in self.sources.items():
            targets = pair[1] if rows is None else pair[1][rows]
            counts = (
                np.bincount(targets, minlength=len(raw.names))
                if raw.target == "index"
                else (targets != 0).sum(axis=0)
            )
            found[part] = (len(targets), [] if raw.target == "real" else [int(n) for n in counts])
        return found

    def target_spread(self) -> dict[str, list[float]] | None:
        """Mean and deviation of real targets in the training part, before they are scaled."""
        (_, targets), rows = self.sources["train"]
        return target_spread(self.raw.target, targets if rows is None else targets[rows])

    def numbers(self) -> dict[str, Array]:
        """Row numbers of the set's training part, by the part that they went to."""
        return {
            part: rows if self.rows is None else self.rows[rows]
            for part, rows in vars(self.split).items()
            if rows is not None
        }

    def facts(self) -> DataFacts:
        """What of the data decides the net; real targets as they are, not scaled."""
        raw, real = self.raw, self.raw.target == "real"
        width = 1 if raw.target == "index" else max(1, len(raw.names))
        shape = tuple(raw.train[0].shape[1:])
        return DataFacts(
            shape, raw.target, 0 if real else len(raw.names), raw.names, width, "validation" in self.sources
        )

    def header(self) -> str:
        """`digits 1x8x8: 1,079 train, 359 validation, 359 test`."""
        first = frozenset(
            part for part, share in self.shares.items() if share is not None and isinstance(share.raw, dict)
        )
        taken = sum(len(rows) for rows in (self.split.validation, self.split.test) if rows is not None)
        return header(
            self.name, self.raw.train[0].shape[1:], self.counts(), first, len(self.raw.train[0]) - taken
        )


def read_raw(bound: Bound, folder_of: Callable[[str], Path]) -> RawDataset:
    """The data of a config, as they are. folder_of: where relative paths at an address belong."""
    # A path belongs to the file or the shell that named it, which need not be the one that chose the set.
    named = next((f"data.{key}" for key in ("path", "root", "x") if key in bound.keys), "data")
    raw: RawDataset = bound(folder_of(named))
    return raw


def choose_rows(raw: RawDataset, bound: Bound) -> Chosen:
    """Choose rows as the common keys of the data part `bound` say. The split depends on split_seed alone.

    Raises `DataError` (what the rows hold, impossible shares) and `ConfigError` (keys that cannot act), with
    `data.` in front of their paths.
    """
    keys, name = bound.common, bound.name
    check_rows(raw, name)
    raw, rows = select_classes(raw, keys["classes"], name)
    per = _scale_per(keys, raw.train[0])
    _check_keys(raw, keys, name)
    shares = {part: _share(raw, bound, part) for part in ("validation", "test")}
    split = _split(raw, keys, shares)
    filling = fit_filling(raw, split.train)
    raw, filled = fill(raw, filling)
    check_classes(raw, name, split, keys, shares)
    return Chosen(raw, name, split, shares, sources_of(raw, keys, split), per, rows, filling, filled)


def sources_of(raw: RawDataset, keys: Any, split: SplitNumbers) -> dict[str, Source]:
    """Arrays and row numbers (None: all) of each part, the training part first."""
    sources: dict[str, Source] = {"train": (raw.train, split.train)}
    for part in ("validation", "test"):
        rows, own = getattr(split, part), raw.parts().get(part)
        if rows is not None:
            sources[part] = (raw.train, rows)
        elif own is not None and keys[part] is not None:
            sources[part] = (own, None)
    return sources


def header(
    name: str, in_shape: tuple[int, ...], rows: dict[str, int], first: frozenset[str], before_limit: int
) -> str:
    """`digits 1x8x8: 1,079 train, 359 validation, 359 test`.

    first: parts that are the first rows. before_limit: training rows before `limit`.
    """
    features = "1 feature" if in_shape == (1,) else f"{in_shape[0]} features"
    shape = "x".join(str(n) for n in in_shape) if len(in_shape) > 1 else features
    words = [f"{n:,} {part}" + (" (first)" if part in first else "") for part, n in rows.items()]
    words[0] += f" (of {before_limit:,})" if before_limit != rows["train"] else ""
    words += ["no validation"] if "validation" not in rows else []
    return f"{name} {shape}: {', '.join(words)}"


def _check_keys(raw: RawDataset, keys: Any, name: str) -> None:
    """Refuse common keys that cannot act on these targets, or not together."""
    check_balance(keys["balance"], raw.target, name)
    if keys["target_scale"] is not None and raw.target != "real":
        found = "labels" if raw.target == "multi" else "classes"
        text = f"target_scale: {keys['target_scale']} needs numbers as targets; {name} has {found}"
        raise ConfigError(
            Problem(text, "expected no such key", "remove it", "data.target_scale", code="no_effect")
        )
    if keys["limit_per_class"] is None:
        return
    if raw.target != "index":
        text = f"limit_per_class needs one class a row; {name} has none"
        raise ConfigError(
            Problem(
                text,
                "expected limit",
                f"write `limit: {keys['limit_per_class']}`",
                "data.limit_per_class",
                code="no_effect",
            )
        )
    if keys["limit"] is not None:
        raise ConfigError(
            Problem(
                "limit and limit_per_class are both written",
                "expected one of them",
                "remove one",
                "data.limit_per_class",
                code="two_limits",
            )
        )


def _split(raw: RawDataset, keys: Any, shares: dict[str, Share | None]) -> SplitNumbers:
    labels = raw.train[1] if raw.target == "index" and keys["stratify"] else None
    per_class = None if keys["limit_per_class"] is None else (raw.train[1], keys["limit_per_class"])
    return split_rows(
        len(raw.train[0]),
        labels,
        shares["validation"],
        shares["test"],
        keys["limit"],
        keys["split_seed"],
        per_class,
    )


def _scale_per(keys: Any, inputs: np.ndarray) -> str:
    per, scale = str(keys["scale_per"]), keys["scale"]
    bytes_alike = scale == "unit" and inputs.ndim == 4 and inputs.dtype == np.uint8
    if per != "auto" and (scale is None or (bytes_alike and per == "feature")):
        why = "images of bytes are all divided by 255" if bytes_alike else "nothing is scaled"
        text = f"received {per}, but with scale: {'none' if scale is None else scale} {why}"
        fix = "remove it, or write scale: standardize"
        raise ConfigError(
            Problem(text, "expected auto, or no such key", fix, "data.scale_per", code="no_effect")
        )
    if per == "channel" and inputs.ndim != 4:
        fix = "write scale_per: feature, or leave it out"
        raise ConfigError(
            Problem(
                "received channel for a table", "expected feature", fix, "data.scale_per", code="no_effect"
            )
        )
    return ("channel" if inputs.ndim == 4 else "feature") if per == "auto" else per


def _share(raw: RawDataset, bound: Bound, part: str) -> Share | None:
    """What is split off for `part`: nothing where the set brings its own.

    Raises `ConfigError` where a written share cannot act.
    """
    share: Share | None = bound.common[part]
    own = raw.parts().get(part)
    if own is None or share is None:
        return share
    if share != bound.entry.fields[part].default:
        text = f"received {share}, but {bound.name} has its own {part} part ({len(own[0]):,} rows)"
        fix = f"remove the key to use that part; `{part}: none` does without"
        raise ConfigError(
            Problem(text, "expected none, or no such key", fix, f"data.{part}", code="no_effect")
        )
    return None
