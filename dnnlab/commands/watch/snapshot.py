"""What is known of a run at one moment: its curves, its layers, how far it is, what the rules say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from ...diagnose import Diagnosis
from ...rundir import RunStatus
from ...rundir.json_values import number
from ...rundir.record_files import RECORD_FILES
from ...rundir.run_record import Row, RunRecord
from .pace import Progress

MOST_POINTS = 400
"""Points of a curve; of a longer one evenly spaced points are kept, the last among them."""

SHOWN = ("ratios", "gradients", "activations", "dead_units")
"""The records of layers that the screen shows."""
EPOCHS_ENOUGH = 8  # with fewer, the steps tell more of a curve than the epochs

Point = tuple[int, float | None]
T = TypeVar("T")


@dataclass(frozen=True)
class Curve:
    """A measure over time."""

    name: str
    """The name of the measure."""
    unit: str
    """What it is drawn over: epoch or step."""
    points: tuple[Point, ...]
    """(epoch or step, value); a value that was not finite is None."""
    best: tuple[int, float] | None = None
    """(epoch or step, value) of the best value; None if no value is best."""

    @property
    def now(self) -> float | None:
        """The last value."""
        return self.points[-1][1] if self.points else None


@dataclass(frozen=True)
class Layer:
    """A weight with its layer, or a layer that has no weight."""

    name: str
    """The name of the weight; that of the layer if there is none."""
    layer: str
    """The name of the layer."""
    ratios: tuple[float | None, ...] = ()
    """The update ratio of the weight over time."""
    gradients: tuple[float | None, ...] = ()
    """The gradient norm of the layer over time."""
    dead: tuple[int, int] | None = None
    """(dead units, all units) of the layer."""
    saturated: float | None = None
    """The share of the layer's outputs that are saturated."""


@dataclass(frozen=True)
class Snapshot:
    """A run at one moment."""

    path: Path
    """The run folder."""
    status: RunStatus
    """How the run stands."""
    reason: str
    """Why the run ended; "" while it is running."""
    monitor: str
    """The metric that decides which epoch is the best."""
    progress: Progress
    """How far the run is."""
    age: float | None
    """Seconds since the last row was written."""
    curves: tuple[Curve, ...]
    """The measures that the screen draws."""
    layers: tuple[Layer, ...]
    """The weights and layers that the screen lists."""
    diagnosis: Diagnosis
    """The verdicts of the rules."""
    patience: int | None
    """The patience of the stopping rule; None if there is no such rule."""
    best: Row
    """{epoch, metrics} of the best epoch."""
    last: Row
    """{epoch, metrics} of the last epoch."""
    off: Mapping[str, str]
    """The records that the config turns off -> the key that turns each on."""
    late: Mapping[str, str]
    """The records that are on but have no row yet -> how often one is due."""
    problems: tuple[str, ...]
    """What is damaged, in words."""

    @property
    def over(self) -> bool:
        """Whether no process trains this run any more."""
        return self.status.over

    def json(self) -> dict[str, Any]:
        """The JSON face of `watch`."""
        told = self.diagnosis.json()
        return {
            "run": str(self.path),
            "status": self.status,
            "reason": self.reason,
            "monitor": self.monitor,
            **self.progress.json(),
            "best": dict(self.best),
            "last": dict(self.last),
            "curves": {
                curve.name: {"unit": curve.unit, "points": [list(point) for point in curve.points]}
                for curve in self.curves
            },
            "update_ratios": {layer.name: layer.ratios[-1] for layer in self.layers if layer.ratios},
            "gradient_norms": {layer.layer: layer.gradients[-1] for layer in self.layers if layer.gradients},
            "dead_units": {
                layer.layer: {"dead": layer.dead[0], "of": layer.dead[1]}
                for layer in self.layers
                if layer.dead
            },
            "saturated": {
                layer.layer: layer.saturated for layer in self.layers if layer.saturated is not None
            },
            "verdicts": told["verdicts"],
            "skipped": told["skipped"],
            "off": dict(self.off),
            "problems": list(self.problems),
        }


def curves_of(run: RunRecord, monitor: str, better: str) -> tuple[Curve, ...]:
    """Loss, validation loss, the monitor and the rate.

    As long as few epochs are over, loss and rate are those of single steps.
    """
    epochs, steps = run.metrics, run.steps
    fine = len(epochs) < EPOCHS_ENOUGH and len(steps) > len(epochs)
    found = (
        [curve("step loss", "step", steps, "loss", "")]
        if fine
        else [curve("loss", "epoch", epochs, "train_loss", "min")]
    )
    found.append(curve("val_loss", "epoch", epochs, "val_loss", "min"))
    if monitor not in ("train_loss", "val_loss"):
        found.append(curve(monitor, "epoch", epochs, monitor, better))
    found.append(curve("lr", "step" if fine else "epoch", steps if fine else epochs, "lr", ""))
    return tuple(curve for curve in found if curve.points)


def curve(name: str, unit: str, rows: Sequence[Row], key: str, better: str) -> Curve:
    """A number of the rows over `unit`; a row that lacks it is left out.

    better: min or max; "" if no value is best.
    """
    points = [
        (int(at), number(row[key]))
        for row in rows
        if key in row and (at := number(row.get(unit))) is not None
    ]
    measured = [(at, value) for at, value in points if value is not None]
    extreme = (max if better == "max" else min)((value for _, value in measured), default=None)
    best = next(((at, value) for at, value in measured if value == extreme), None) if better else None
    return Curve(name, unit, tuple(thin(points)), best)


def layers_of(run: RunRecord) -> tuple[Layer, ...]:
    """Every weight with its layer's gradient, dead units and saturation; then the layers without weights."""
    ratios = columns(run, "ratios")
    gradients = columns(run, "gradients")
    dead = next(reversed(run.layer_rows("dead_units")), {})
    activations = next(reversed(run.layer_rows("activations")), {})
    owner = {name: name.rpartition(".")[0] or name for name in ratios}
    names = list(dict.fromkeys([*gradients, *dead, *_saturating(activations)]))
    shown = [*ratios.items(), *((name, ()) for name in names if name not in owner.values())]
    return tuple(
        Layer(
            name,
            layer,
            moved,
            gradients.get(layer, ()),
            _counts(dead.get(layer)),
            _share(activations.get(layer)),
        )
        for name, moved in shown
        for layer in [owner.get(name, name)]
    )


def columns(run: RunRecord, kind: str) -> dict[str, tuple[float | None, ...]]:
    """The numbers by layer of a record file as one series a name."""
    held = thin(run.layer_rows(kind))
    names = dict.fromkeys(name for item in held for name in item)
    return {name: tuple(number(item[name]) for item in held if name in item) for name in names}


def records_off(run: RunRecord) -> tuple[dict[str, str], dict[str, str]]:
    """(the records that are turned off, and their key; those without a row yet, and how often one is due)."""
    off, late = {}, {}
    for record in map(RECORD_FILES.__getitem__, SHOWN):
        every = run.config.get(record.address)
        if every is None or str(every) == "none":
            off[record.text] = record.address
        elif not run.rows(record.field):
            late[record.text] = f"{record.address}: {every}"
    return off, late


def thin(rows: Sequence[T], most: int = MOST_POINTS) -> Sequence[T]:
    """At most `most` rows, evenly spaced, the last one always."""
    every = -(-len(rows) // most)
    return rows if every <= 1 else rows[::-1][::every][::-1]


def _counts(item: Any) -> tuple[int, int] | None:
    if not isinstance(item, Mapping):
        return None
    dead, of = number(item.get("dead")), number(item.get("of"))
    return None if dead is None or of is None else (int(dead), int(of))


def _share(item: Any) -> float | None:
    return number(item.get("saturated")) if isinstance(item, Mapping) else None


def _saturating(activations: Row) -> Iterable[str]:
    return (name for name, item in activations.items() if _share(item) is not None)
