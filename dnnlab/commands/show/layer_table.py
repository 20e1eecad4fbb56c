"""The layer table of a run: kept in its folder when it starts, so that `dnnlab show RUN` needs no torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...assembly.network.per_layer import layer_choices
from ...config import Config
from ...config.sections import Experiment
from ...lazy_torch import nn
from ...nn.parameter_table import ParameterTable
from ...rundir import RunFolder
from ...rundir.run_record import RunRecord
from .layers import LayerRow, layer_rows, totals

if TYPE_CHECKING:
    from ...assembly.session import Built

FILE = "layers.json"
KEYS = frozenset(LayerRow.__dataclass_fields__)


def layer_table(
    x: Experiment, net: nn.Module, table: ParameterTable, in_shape: tuple[int, ...]
) -> dict[str, Any]:
    """The layers and their sums: {layers, totals}."""
    rows = layer_rows(net, in_shape, layer_choices(x, table.own))
    return {"layers": [row.json() for row in rows], "totals": totals(rows)}


def keep_layer_table(folder: RunFolder, config: Config, built: Built) -> None:
    """Write the layer table into a new run folder.

    Nothing is written for a compiled net, which one row would compile once more, and for a net of a plugin
    that refuses a single row: `show` builds such nets.
    """
    x, session = config.experiment, built.session
    if x.training.compile:
        return
    try:
        table = layer_table(x, session.net, session.table, tuple(built.data.in_shape))
    except Exception:  # any error that the code of a plugin raises
        return
    folder.write_json(FILE, table)


def kept_layer_table(run: RunRecord) -> dict[str, Any] | None:
    """The layer table that the run folder keeps; None if it keeps none, or a damaged one."""
    found = run.view.json(FILE)
    if not isinstance(found, Mapping):
        return None
    layers, sums = found.get("layers"), found.get("totals")
    if not isinstance(layers, list) or not isinstance(sums, dict):
        return None
    if not all(isinstance(layer, dict) and layer.keys() == KEYS for layer in layers):
        return None
    return {"layers": layers, "totals": sums}
