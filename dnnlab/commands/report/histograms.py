"""The section with histograms of activations and gradients over time, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from markupsafe import Markup

from ...report import sections
from ...report.charts import Ridges, charts_html
from ...report.histograms import common_bins
from ...report.sections import Missing
from ...report.shell import Section
from .curves import layers
from .missing import missing
from .records import Records

if TYPE_CHECKING:
    from numpy import ndarray

MOST = 12  # layers that are shown
_KINDS = {"activations": "activation", "gradients": "gradient"}
Arrays = dict[str, "ndarray"]


def histogram_section(records: Records, word: str) -> Section:
    """What the run's histograms show."""
    title = "Histograms"
    arrays = {name: tensor.numpy() for name, tensor in records.run.histograms.items()}
    groups = {kind: ridges(arrays, kind, layers(records)) for kind in _KINDS}
    body = [
        sections.titled(kind.capitalize(), charts_html(charts, narrow=True))
        for kind, charts in groups.items()
        if charts
    ]
    if not body:
        return Section("histograms", title, sections.missed([missing(records, "histograms", word)]))
    left = max(len(names_of(arrays, kind)) for kind in _KINDS) - MOST
    more = sections.missed([Missing(f"{left} layers between these are left out.")] if left > 0 else [])
    lead = (
        "Each curve is one epoch, the last one in front. Heights are relative, and spikes (zeros, "
        "mostly) are cut."
    )
    return Section("histograms", title, Markup("").join([*body, more]), lead)


def names_of(arrays: Arrays, kind: str) -> list[str]:
    """The layers of which there are histograms."""
    return [
        name.removeprefix(f"{kind}/")
        for name in arrays
        if name.startswith(f"{kind}/") and not name.endswith("/edges")
    ]


def ridges(arrays: Arrays, kind: str, order: Sequence[str]) -> list[Ridges]:
    """The charts of a kind, in the order of the net; evenly chosen layers if there are many.

    The file is sorted by name.
    """
    places = {name: i for i, name in enumerate(order)}
    names = sorted(names_of(arrays, kind), key=lambda name: places.get(name, len(places)))
    if len(names) > MOST:
        names = [names[round(i * (len(names) - 1) / (MOST - 1))] for i in range(MOST)]
    return [chart for name in names if (chart := _ridge(arrays, kind, name)) is not None]


def _ridge(arrays: Arrays, kind: str, layer: str) -> Ridges | None:
    counts, edges, epochs = (
        arrays[f"{kind}/{layer}"],
        arrays.get(f"{kind}/{layer}/edges"),
        arrays.get("epochs"),
    )
    if edges is None or epochs is None or counts.ndim != 2 or edges.ndim != 2 or len(counts) != epochs.size:
        return None
    found = common_bins(counts, edges)
    return (
        None
        if found is None
        else Ridges(layer, _KINDS[kind], epochs.ravel().tolist(), found[0], found[1], found[2].tolist())
    )
