"""From a `Raw` data set to tensors: checked, split, cut, scaled."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
import torch

from ..errors import ConfigError, DataError, Problem
from ..nn.imbalance import measure_imbalance
from ..nn.raw import Raw
from ..registry import Bound, Share
from .augment import check_augment
from .balance import balance_words, check_balance, imbalance_words
from .holes import fill, fit_filling
from .prepared import Part, Prepared, count_classes, header, target_words
from .rows import check_rows
from .scaled import scaled_parts, sources_of
from .scaling import Scaling
from .selection import select_classes
from .splits import Split, split_rows

_WIDTH = 69  # columns of the screen that the header leaves for one line


def prepare(raw: Raw, bound: Bound, device: torch.device | None = None) -> Prepared:
    """Split and scale `raw` as the common keys of the data part `bound` say.

    device: where the parts will have to fit (default: the CPU). Memory: beside `raw` the parts once in float32 where they fit, and blocks
    of a few rows; parts that do not fit are `Streamed`. The split depends on split_seed alone; scaling numbers
    come from the training rows alone, after `limit`. Raises `DataError` (what the rows hold, impossible shares) and `ConfigError`
    (keys that cannot act), with `data.` in front of their paths.
    """
    keys, name = bound.common, bound.name
    check_rows(raw, name)
    fingerprint = raw.fingerprint()
    raw, chosen = select_classes(raw, keys["classes"], name)
    per = _scale_per(keys, raw.train[0])
    _check_keys(raw, keys, name)
    shares = {part: _share(raw, bound, part) for part in ("validation", "test")}
    split = _split(raw, keys, shares)
    filling = fit_filling(raw, split.train)
    raw, filled = fill(raw, filling)
    _check_classes(raw, name, raw.train[1][split.train])
    parts, scaling, target_scaling, where = scaled_parts(raw, sources_of(raw, keys, split), keys, per, name, device or torch.device("cpu"))
    check_augment(keys["augment"], parts["train"].inputs, name)
    classes = 0 if raw.target == "real" else len(raw.names)
    counts = {part: count_classes(raw.target, classes, values.targets) for part, values in parts.items() if classes}
    notes = _notes(raw, scaling, counts.get("train", []), raw.target == "index" and keys["stratify"])
    notes += (filled,) if filled else ()
    if keys["balance"] is not None:
        notes += (balance_words(keys["balance"], counts["train"], raw.names),)
    elif raw.target == "index" and (measured := measure_imbalance(counts["train"])).large:
        notes += (imbalance_words(measured, raw.names),)
    words = f"{scaling.words()}; {target_words(raw.target, raw.names, counts.get('train', []))}"
    words += ", standardized" if target_scaling is not None else ""
    lines = (_header(raw, name, split, shares, parts), words, *notes, *([where] if where else []))
    return Prepared(
        name=name,
        target=raw.target,
        classes=classes,
        names=raw.names,
        feature_names=raw.feature_names,
        in_shape=raw.train[0].shape[1:],
        train=parts["train"],
        validation=parts.get("validation"),
        test=parts.get("test"),
        scaling=scaling,
        split={part: rows if chosen is None else chosen[rows] for part, rows in vars(split).items() if rows is not None},
        class_counts=counts,
        fingerprint=fingerprint,
        description=tuple(piece for line in lines for piece in textwrap.wrap(line, _WIDTH, break_on_hyphens=False)),
        notes=notes,
        target_scaling=target_scaling,
        filling=filling,
        balance=keys["balance"],
        encoding={"type": raw.train[0].dtype.name, **raw.encoding},
    )


def _check_keys(raw: Raw, keys: Any, name: str) -> None:
    """Refuse common keys that cannot act on these targets, or not together."""
    check_balance(keys["balance"], raw.target, name)
    if keys["target_scale"] is not None and raw.target != "real":
        found = "labels" if raw.target == "multi" else "classes"
        text = f"target_scale: {keys['target_scale']} needs numbers as targets; {name} has {found}"
        raise ConfigError(Problem(text, "expected no such key", "remove it", "data.target_scale", code="no_effect"))
    if keys["limit_per_class"] is None:
        return
    if raw.target != "index":
        text = f"limit_per_class needs one class a row; {name} has none"
        raise ConfigError(
            Problem(text, "expected limit", f"write `limit: {keys['limit_per_class']}`", "data.limit_per_class", code="no_effect")
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


def _split(raw: Raw, keys: Any, shares: dict[str, Share | None]) -> Split:
    labels = raw.train[1] if raw.target == "index" and keys["stratify"] else None
    per_class = None if keys["limit_per_class"] is None else (raw.train[1], keys["limit_per_class"])
    return split_rows(len(raw.train[0]), labels, shares["validation"], shares["test"], keys["limit"], keys["split_seed"], per_class)


def _header(raw: Raw, name: str, split: Split, shares: dict[str, Share | None], parts: dict[str, Part]) -> str:
    rows = {part: len(values.inputs) for part, values in parts.items()}
    first = frozenset(part for part, share in shares.items() if share is not None and isinstance(share.raw, dict))
    before_limit = len(raw.train[0]) - sum(len(taken) for taken in (split.validation, split.test) if taken is not None)
    return header(name, raw.train[0].shape[1:], rows, first, before_limit)


def _scale_per(keys: Any, inputs: np.ndarray) -> str:
    per = str(keys["scale_per"])
    if per == "channel" and inputs.ndim != 4:
        fix = "write scale_per: feature, or leave it out"
        raise ConfigError(Problem("received channel for a table", "expected feature", fix, "data.scale_per", code="no_effect"))
    return ("channel" if inputs.ndim == 4 else "feature") if per == "auto" else per


def _share(raw: Raw, bound: Bound, part: str) -> Share | None:
    """What is split off for `part`: nothing where the set brings its own. Raises `ConfigError` where a written share cannot act."""
    share, own = bound.common[part], raw.parts().get(part)
    if own is None or share is None:
        return share  # type: ignore[no-any-return]
    if share != bound.entry.fields[part].default:
        text = f"received {share}, but {bound.name} has its own {part} part ({len(own[0]):,} rows)"
        fix = f"remove the key to use that part; `{part}: none` does without"
        raise ConfigError(Problem(text, "expected none, or no such key", fix, f"data.{part}", code="no_effect"))
    return None


def _check_classes(raw: Raw, name: str, targets: np.ndarray) -> None:
    if raw.target == "index" and (targets == targets[0]).all():
        text = f"all {len(targets):,} training rows of {name} are of class {raw.names[targets[0]]}"
        fix = "write a share (0.2) instead of {first: ...}, or a larger data.limit"
        raise DataError(Problem(text, "expected two classes or more", fix, "data.validation", code="one_class"))


def _notes(raw: Raw, scaling: Scaling, counts: list[int], stratified: bool) -> tuple[str, ...]:
    notes = [raw.note] if raw.note else []
    if scaling.constant:
        many = scaling.constant > 1
        what = ("channel" if scaling.per == "channel" else "feature") + ("s are" if many else " is")
        notes.append(f"{scaling.constant} {what} constant in the training part (scale 1, so 0 there)")
    if raw.target == "index":
        whole = np.bincount(raw.train[1], minlength=len(raw.names))
        notes += [f"no training row of class {name}" for name, n in zip(raw.names, counts, strict=True) if n == 0][:5]
        if stratified:
            notes += [
                f"class {n} has 1 row: it trains, nothing tests it"
                for n, all_, k in zip(raw.names, whole, counts, strict=True)
                if all_ == k == 1
            ][:5]
    return tuple(notes)
