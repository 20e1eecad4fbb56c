"""From a `RawDataset` data set to tensors: checked, split, cut, scaled."""

from __future__ import annotations

import numpy as np
import torch

from ...registry import Bound
from ..augment.pipeline import check_augment
from ..imbalance import measure_imbalance, target_words
from ..raw import RawDataset
from .balance import balance_words, imbalance_words
from .choose_rows import choose_rows
from .prepared_data import Prepared, count_classes, lines_of
from .scaled_splits import scaled_parts
from .scaling import Scaling


def prepare(raw: RawDataset, bound: Bound, device: torch.device | None = None) -> Prepared:
    """Split and scale `raw` as the common keys of the data part `bound` say.

    device: where the parts will have to fit (default: the CPU). Memory: beside `raw` the parts once in
    float32 where they fit, and blocks of a few rows; parts that do not fit are `Streamed`. The split depends
    on split_seed alone; scaling numbers come from the training rows alone, after `limit`. Raises `DataError`
    (what the rows hold, impossible shares) and `ConfigError` (keys that cannot act), with `data.` in front of
    their paths.
    """
    keys, name = bound.common, bound.name
    fingerprint, places = raw.fingerprint(), raw.places
    chosen = choose_rows(raw, bound)
    raw = chosen.raw
    parts, scaling, target_scaling, where = scaled_parts(
        raw, chosen.sources, keys, chosen.per, name, device or torch.device("cpu")
    )
    check_augment(keys["augment"], parts["train"].inputs, name)
    classes = 0 if raw.target == "real" else len(raw.names)
    counts = {
        part: count_classes(raw.target, classes, values.targets) for part, values in parts.items() if classes
    }
    notes = _notes(raw, scaling, counts.get("train", []), raw.target == "index" and keys["stratify"])
    notes += constant_targets(raw, parts["train"].targets)
    notes += (chosen.filled,) if chosen.filled else ()
    if keys["balance"] is not None:
        notes += (balance_words(keys["balance"], counts["train"], raw.names),)
    elif raw.target == "index" and (measured := measure_imbalance(counts["train"])).large:
        notes += (imbalance_words(measured, raw.names),)
    words = f"{scaling.words()}; {target_words(raw.target, raw.names, counts.get('train', []))}"
    words += ", standardized" if target_scaling is not None else ""
    lines = (chosen.header(), words, *notes, *([where] if where else []))
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
        split=chosen.numbers(),
        class_counts=counts,
        fingerprint=fingerprint,
        description=lines_of(lines),
        notes=notes,
        target_scaling=target_scaling,
        filling=chosen.filling,
        balance=keys["balance"],
        places=places,
        encoding={"type": raw.train[0].dtype.name, **raw.encoding},
    )


def constant_targets(raw: RawDataset, targets: torch.Tensor) -> tuple[str, ...]:
    """One note for each real target that has the same value in all training rows."""
    if raw.target != "real":
        return ()
    low, high = torch.aminmax(targets, dim=0)
    return tuple(
        f'the target "{name}" is constant in the training part'
        for name, same in zip(raw.names, low == high, strict=True)
        if same
    )


def _notes(raw: RawDataset, scaling: Scaling, counts: list[int], stratified: bool) -> tuple[str, ...]:
    notes = [raw.note] if raw.note else []
    if scaling.constant:
        many = scaling.constant > 1
        what = ("channel" if scaling.per == "channel" else "feature") + ("s are" if many else " is")
        notes.append(f"{scaling.constant} {what} constant in the training part (scale 1, so 0 there)")
    if raw.target == "index":
        whole = np.bincount(raw.train[1], minlength=len(raw.names))
        notes += [
            f"no training row of class {name}" for name, n in zip(raw.names, counts, strict=True) if n == 0
        ][:5]
        if stratified:
            notes += [
                f"class {n} has 1 row: it trains, nothing tests it"
                for n, all_, k in zip(raw.names, whole, counts, strict=True)
                if all_ == k == 1
            ][:5]
    return tuple(notes)
