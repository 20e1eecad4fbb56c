"""The sections of a run's page about what happens inside the net."""

from __future__ import annotations

from typing import Any

from ...report import sections
from ...report.figures import figure, percent
from ...report.pictures import image_uri, weight_pixels
from ...report.sections import Missing, Tile
from ...report.shell import Section
from ...rundir.json_values import number
from . import curves
from .missing import missing
from .records import Records
from .weights import FirstWeights, first_weights

_NOTHING = {
    "zeros": "No output of any layer is exactly zero.",
    "saturated": "No output of any layer is saturated.",
    "dead": "No unit of any layer is dead.",
}
"""What is said instead of a chart in which all shares are zero."""


def update_section(records: Records, word: str) -> Section:
    """Update ratios and gradient norms."""
    found = {
        "ratios": curves.ratio_chart(records),
        "gradients": curves.gradient_chart(records),
        "steps": curves.whole_gradient_chart(records),
    }
    gone = [
        missing(records, kind, word) for kind, chart in found.items() if chart is None and kind != "steps"
    ]
    return sections.curves(
        "updates", "Updates and gradients", [chart for chart in found.values() if chart is not None], gone
    )


def activation_section(records: Records, word: str) -> Section:
    """Numbers of each layer's activations over time, dead units, and the last row as a table."""
    found = {key: curves.activation_chart(records, key) for key in curves.ACTIVATIONS} | {
        "dead": curves.dead_chart(records)
    }
    charts = [
        chart
        for key, chart in found.items()
        if chart is not None and (key not in _NOTHING or any(chart.values()))
    ]
    gone = [
        Missing(_NOTHING[key]) for key, chart in found.items() if chart is not None and chart not in charts
    ]
    gone += [] if records.run.rows("activations") else [missing(records, "activations", word)]
    gone += [] if records.run.rows("dead_units") else [missing(records, "dead_units", word)]
    return sections.curves("activations", "Activations", charts, gone, below=layer_table(records))


def layer_table(records: Records) -> Any:
    """Each layer at the last time that it was looked at."""
    keys = list(curves.ACTIVATIONS)
    rows = []
    for layer in curves.layers(records):
        seen = records.last_of_layer("activations", layer)
        dead = records.last_of_layer("dead_units", layer)
        ratio = _last(records, "ratios", f"{layer}.weight")
        gradient = _last(records, "gradients", layer)
        shares = [
            percent(number(seen.get(key))) if curves.ACTIVATIONS[key][2] else figure(number(seen.get(key)))
            for key in keys
        ]
        units = (
            f"{dead['dead']} of {dead['of']}"
            if isinstance(dead.get("dead"), int) and isinstance(dead.get("of"), int)
            else "-"
        )
        rows.append([layer, figure(ratio), figure(gradient), *shares, units])
    titles = ["layer", "update ratio", "gradient", "mean", "deviation", "zeros", "saturated", "dead units"]
    return sections.table(titles, rows, "Each layer when it was last looked at.")


def _last(records: Records, kind: str, key: str) -> float | None:
    values = [v for v in records.curve(kind, key)[1] if v is not None]
    return values[-1] if values else None


def weight_section(records: Records) -> Section:
    """The first layer's weights as pictures."""
    shape = records.run.data.in_shape
    if shape is not None and len(shape) != 3:
        return Section("weights", "First-layer weights", sections.missed([]))
    found = first_weights(records)
    if not isinstance(found, FirstWeights):
        return Section("weights", "First-layer weights", sections.missed([Missing(found)]))
    tiles = [
        Tile(image_uri(weight_pixels(unit)), f"{found.layer}, unit {i + 1}")
        for i, unit in enumerate(found.units)
    ]
    return Section("weights", "First-layer weights", sections.tiles(tiles, weight_note(found)))


def weight_note(found: FirstWeights) -> str:
    """What the pictures show."""
    colour = "blue below zero, red above" if found.units.shape[1] == 1 else "grey is zero"
    some = (
        f"The first {len(found.units)} of {found.count:,} units"
        if found.count > len(found.units)
        else f"All {found.count} units"
    )
    return (
        f"{some} of {found.layer} after epoch {found.epoch}, each scaled to its own largest weight; {colour}."
    )
