"""The parts of the data, scaled: tensors if they fit into memory, else streamed batch by batch."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch

from ...errors import DataError, Problem
from ..raw import Array, Pair, RawDataset
from ..storage.memory_mapped import BLOCK, backing
from ..storage.row_stream import Streamed
from .choose_rows import Source
from .memory_limits import fits
from .prepared_data import SplitRows
from .scaling import Scaling, fit_scaling, leave_alone

Scaled = tuple[dict[str, SplitRows], Scaling, Scaling | None, str]


def scaled_parts(
    raw: RawDataset, sources: dict[str, Source], keys: Any, per: str, name: str, device: torch.device
) -> Scaled:
    """The parts, the scaling of inputs and of targets, and a note if rows are not in memory.

    Raises `DataError` for numbers that float32 cannot hold.
    """
    (inputs, targets), chosen = sources["train"]
    rows = np.arange(len(inputs)) if chosen is None else chosen
    size = (
        4
        * math.prod(inputs.shape[1:])
        * sum(len(pair[0]) if chosen is None else len(chosen) for pair, chosen in sources.values())
    )
    stay = fits(size, device) if keys["in_memory"] == "auto" else keys["in_memory"]
    try:
        with np.errstate(over="raise"):
            scaling = leave_alone(fit_scaling(inputs, rows, keys["scale"], per), raw.indicators)
            of_targets = (
                None
                if keys["target_scale"] is None
                else fit_scaling(targets, rows, keys["target_scale"], "target")
            )
            parts = {
                part: _part(raw.target, scaling, of_targets, stay, *source)
                for part, source in sources.items()
            }
    except FloatingPointError:
        text = f"{name} holds numbers that are too large for float32 (beyond 3.4e38)"
        raise DataError(
            Problem(
                text, "expected smaller ones", "divide the inputs or targets first", "data", code="too_large"
            )
        ) from None
    return parts, scaling, of_targets, "" if stay else _where(inputs, size)


def _part(
    target: str, scaling: Scaling, of_targets: Scaling | None, stay: bool, pair: Pair, rows: Array | None
) -> SplitRows:
    inputs = scaling.apply(pair[0], rows) if stay else _streamed(pair[0], rows, scaling)
    if of_targets is not None:
        return SplitRows(inputs, of_targets.apply(pair[1], rows))
    targets = pair[1] if rows is None else pair[1][rows]
    kind = np.int64 if target == "index" else np.float32
    return SplitRows(inputs, torch.from_numpy(np.array(targets, dtype=kind, order="C")))


def _streamed(inputs: Array, rows: Array | None, scaling: Scaling) -> Streamed:
    """The rows as a stream. Floats are read once now, so that numbers beyond float32 are refused at once."""
    streamed = Streamed(inputs, rows, scaling.apply)
    if inputs.dtype.kind == "f":
        for _ in streamed.split(max(1, 8 * BLOCK // max(1, inputs[:1].size))):
            pass
    return streamed


def _where(inputs: Array, size: int) -> str:
    """What the screen says of rows that are not in memory."""
    file = backing(inputs)
    place = "on the disk" if file is not None else "as they were read"
    needed = f"{size / 1e9:.3g} GB would be needed to keep them in memory"
    return f"the inputs stay {place} and are scaled batch by batch ({needed})"
