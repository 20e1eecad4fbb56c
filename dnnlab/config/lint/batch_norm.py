"""Dropout before batch normalization."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from ...registry import Bound, address
from ..config import Config
from ..finding import Finding
from .layers import has_trait, hidden_layers, places

# In training only, dropout multiplies the mean square of its outputs by 1 / (1 - rate). The running variance
# with which a later normalization evaluates is up to that factor too large: by a quarter at 0.2, which is
# tolerable, by three sevenths at 0.3.
SHIFT = 0.3


def dropout_before_batch(config: Config) -> Iterator[Finding]:
    """Batch normalization after dropout: as listed layers, or with a large rate in the layer before."""
    listed = config.experiment.architecture.keys.get("layers")
    seen = dict(_in_row(listed, ("architecture", "layers"))) if isinstance(listed, list) else {}
    known, layers = hidden_layers(config), places(config)
    # No normalization follows the last layer.
    pairs = zip(layers, layers, strict=True) if known is None else itertools.pairwise(known)
    for before, after in pairs:
        rate, path = before.drops()
        if rate >= SHIFT and has_trait(after.get("normalization"), "running"):
            seen.setdefault(
                path,
                f"{path.rpartition('.')[2]} of {rate:g} before the batch normalization of the next layer",
            )
    for path, text in seen.items():
        yield Finding(
            "dropout_before_batch",
            path,
            text,
            "dropout raises the variance in training only, "
            "so that the running variance is too large in evaluation",
            "drop after the last normalization only, with a smaller rate, or not at all",
            "Li, Chen, Hu & Yang 2018, arXiv:1801.05134",
        )


def _in_row(layers: Sequence[Bound], path: tuple[str | int, ...]) -> Iterator[tuple[str, str]]:
    dropped: int | None = None
    for i, layer in enumerate(layers):
        if has_trait(layer, "drops"):
            dropped = i
        elif has_trait(layer, "normalizes") and dropped is not None:
            if any(has_trait(value, "running") for value in layer.keys.values()):
                yield address((*path, dropped)), f"{layers[dropped].name} before batch normalization"
        elif "layers" in layer.keys:
            yield from _in_row(layer.keys["layers"], (*path, i, "layers"))
