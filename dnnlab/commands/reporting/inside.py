"""The sections of a run's page about what happens inside the net."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...report import sections
from ...report.charts import Ridges
from ...report.figures import figure, percent
from ...report.histograms import common_bins
from ...report.pictures import weight_pixels, image_uri
from ...report.sections import Missing, Tile
from ...report.shell import Section
from ..comparing.summary import number
from . import curves
from .missing import missing
from .records import Records, within
from .weights import FirstWeights, first_weights

FILE = "histograms.safetensors"
MOST_LAYERS = 12  # whose histograms are shown


def update_section(records: Records, word: str) -> Section:
    """Update ratios and gradient norms."""
    found = {"ratios": curves.ratio_chart(records), "gradients": curves.gradient_chart(records), "steps": curves.whole_gradient_chart(records)}
    gone = [missing(records, kind, word) for kind, chart in found.items() if chart is None]
    return sections.curves("updates", "Updates and gradients", [chart for chart in found.values() if chart is not None], gone)


def activation_section(records: Records, word: str) -> Section:
    """Numbers of each layer's activations over time, dead units, and the last row as a table."""
    charts = [chart for key in curves.ACTIVATIONS if (chart := curves.activation_chart(records, key)) is not None]
    gone = [] if charts else [missing(records, "activations", word)]
    dead = curves.dead_chart(records)
    if dead is None:
        gone.append(missing(records, "dead_units", word))
    elif any(dead.values()):
        charts.append(dead)
    else:
        gone.append(Missing("No unit of any layer is dead."))
    return sections.curves("activations", "Activations", charts, gone, more=layer_table(records))


def layer_table(records: Records) -> Any:
    """Each layer at the last time that it was looked at."""
    layers = list(dict.fromkeys([*records.names("activations", "layers"), *records.names("gradients", "norms")]))
    keys = list(curves.ACTIVATIONS)
    rows = []
    for layer in layers:
        seen = next(iter(reversed(within(records.rows["activations"], "layers", layer))), {})
        dead = next(iter(reversed(within(records.rows["dead_units"], "units", layer))), {})
        ratio = _last(records, "ratios", "ratios", f"{layer}.weight")
        gradient = _last(records, "gradients", "norms", layer)
        shares = [percent(number(seen.get(key))) if curves.ACTIVATIONS[key][2] else figure(number(seen.get(key)), 3) for key in keys]
        units = f"{dead['dead']} of {dead['of']}" if isinstance(dead.get("dead"), int) and isinstance(dead.get("of"), int) else "-"
        rows.append([layer, figure(ratio), figure(gradient), *shares, units])
    titles = ["layer", "update ratio", "gradient", "mean", "deviation", "zeros", "saturated", "dead units"]
    return sections.table(titles, rows, "Each layer when it was last looked at.")


def _last(records: Records, kind: str, inside: str, key: str) -> float | None:
    values = [v for v in records.curve(kind, key, inside)[1] if v is not None]
    return values[-1] if values else None


def histogram_section(records: Records, word: str) -> Section:
    """Histograms of activations and gradients over time, layer by layer."""
    ridges, note = histogram_charts(records)
    gone = [] if ridges else [missing(records, "histograms", word)]
    lead = "Each curve is one epoch, the last one in front; all are drawn equally high." if ridges else ""
    return sections.curves("histograms", "Histograms", ridges, [*gone, *([Missing(note)] if note else [])], lead=lead, narrow=True)


def histogram_charts(records: Records) -> tuple[list[Ridges], str]:
    """(the charts, what is left out of them)."""
    if not (records.view.path / FILE).is_file():
        return [], ""
    arrays = {name: tensor.numpy() for name, tensor in (records.view.tensors(FILE) or {}).items()}
    epochs = [float(e) for e in arrays.get("epochs", np.zeros(0)).ravel()]
    charts, left = [], 0
    for kind in ("activations", "gradients"):
        layers = [name.removeprefix(f"{kind}/") for name in arrays if name.startswith(f"{kind}/") and not name.endswith("/edges")]
        layers = _in_order(layers, records)
        chosen = layers if len(layers) <= MOST_LAYERS else [layers[round(i * (len(layers) - 1) / (MOST_LAYERS - 1))] for i in range(MOST_LAYERS)]
        left = max(left, len(layers) - len(chosen))
        charts += [chart for layer in chosen if (chart := _ridges(arrays, kind, layer, epochs)) is not None]
    return charts, f"{left} layers between these are left out." if left else ""


def _in_order(layers: list[str], records: Records) -> list[str]:
    """As the net has them; safetensors sorts by name."""
    order = {name: i for i, name in enumerate([*records.names("activations", "layers"), *records.names("gradients", "norms")])}
    return sorted(layers, key=lambda name: order.get(name, len(order)))


def _ridges(arrays: dict[str, Any], kind: str, layer: str, epochs: list[float]) -> Ridges | None:
    counts, edges = arrays[f"{kind}/{layer}"], arrays.get(f"{kind}/{layer}/edges")
    if edges is None or counts.ndim != 2 or edges.ndim != 2 or len(counts) != len(epochs):
        return None
    found = common_bins(counts, edges)
    word = "activation" if kind == "activations" else "gradient"
    return None if found is None else Ridges(f"{layer}: {kind}", word, epochs, found[0], found[1], found[2].tolist())


def weight_section(records: Records) -> Section:
    """The first layer's weights as pictures."""
    found = first_weights(records)
    if not isinstance(found, FirstWeights):
        return Section("weights", "First-layer weights", sections.missed([Missing(found)]))
    tiles = [Tile(image_uri(weight_pixels(unit)), f"{found.layer}, unit {i + 1}") for i, unit in enumerate(found.units)]
    return Section("weights", "First-layer weights", sections.tiles(tiles, weight_note(found)))


def weight_note(found: FirstWeights) -> str:
    """What the pictures show."""
    colour = "blue below zero, red above" if found.units.shape[1] == 1 else "grey is zero"
    some = f"The first {len(found.units)} of {found.count:,} units" if found.count > len(found.units) else f"All {found.count} units"
    return f"{some} of {found.layer} after epoch {found.epoch}, each scaled to its own largest weight; {colour}."
