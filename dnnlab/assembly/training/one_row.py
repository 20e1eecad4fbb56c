"""Batches of a single row, which not every net can learn from."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from ...data.storage.row_stream import Streamed
from ...errors import ConfigError, Problem


def check_single_rows(net: nn.Module, inputs: Tensor | Streamed, batch_size: int) -> None:
    """Raise `ConfigError` where batches hold one row and the net has a normalization over the batch.

    inputs: (n, ...) training inputs; their first row goes once through a copy of the net, since only the net
    knows what is left of it.
    """
    if min(batch_size, len(inputs)) > 1:
        return
    try:
        with torch.no_grad():
            copy.deepcopy(net).train()(inputs[:1])
    except ValueError:
        text = f"received batch_size {batch_size}; a batch normalization cannot take the variance of one row"
        fix = "training: {batch_size: 32}, or normalization: layer"
        raise ConfigError(
            Problem(text, "expected 2 rows or more", fix, "training.batch_size", code="one_row")
        ) from None
