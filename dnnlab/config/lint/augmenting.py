"""Augmentations that change the label of an image."""

from __future__ import annotations

from collections.abc import Iterator

from ..config import Config
from ..finding import Finding


def augment_changes_label(config: Config) -> Iterator[Finding]:
    """An augmentation that may change labels, on data whose labels depend on the orientation."""
    data = config.experiment.data
    for i, part in enumerate(data.common.get("augment", ()) if data.flag("oriented") else ()):
        if part.flag_of_keys("may_change_label"):
            yield Finding(
                "augment_changes_label",
                f"data.augment.{i}",
                f"{part.name} on {data.name}",
                "characters are no longer themselves when mirrored or turned over, "
                "so the net learns wrong labels",
                f"remove {part.name}; shift, zoom and a few degrees of rotate keep the label",
                "Goodfellow, Bengio & Courville 2016, Deep Learning, section 7.4",
            )
