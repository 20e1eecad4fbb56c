"""Settings that are right by themselves and could not act in this training. No torch here."""

from __future__ import annotations

from typing import Any

from ...errors import ConfigError, Problem


def check_acting(x: Any, rows: int) -> None:
    """Raise `ConfigError` for a mixing of rows in batches of one, and for a scale of targets that nobody learns. rows: of the training."""
    size = x.training.batch_size
    for name, bound in x.regularizers.items():
        if bound.flag("mixes_rows") and (rows == 1 or size == 1):
            text = f"received batch_size {size}; {name} mixes rows with others of their batch, and a batch holds one row"
            fix = f"training: {{batch_size: 32}}, or {name}: none"
            raise ConfigError(
                Problem(text, "expected 2 rows or more", fix, "training.batch_size", code="one_row")
            )
    scale = x.data.common["target_scale"]
    if scale is not None and x.architecture.flag("target") == "input":
        text = f"target_scale: {scale} cannot act: the target of {x.architecture.name} is the input, as data.scale leaves it"
        raise ConfigError(
            Problem(text, "expected no such key", "remove it", "data.target_scale", code="no_effect")
        )
