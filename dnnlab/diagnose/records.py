"""The records of a run, checked for the rules: every number is finite or None, whatever the files hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, overload

from ..config.target_size import TargetSize
from ..registry import PartFacts
from ..rundir.json_values import number
from ..rundir.record_files import RECORD_FILES
from ..rundir.rows import Row, Rows
from ..steps import rows_per_step

Values = Mapping[str, float | None]
Curve = list[tuple[int, float]]

KEYS = {field: record.address for field, record in RECORD_FILES.items() if record.key}
"""The field of a record and the key that turns it on."""


@dataclass(frozen=True)
class Sample:
    """One row of a record file."""

    step: int
    """The step at which it was taken."""
    epoch: int
    """The epoch of that step."""
    values: Values = field(default_factory=dict)
    """The numbers by name."""
    groups: Mapping[str, Values] = field(default_factory=dict)
    """The numbers by layer, for records with several numbers a layer."""
    nonfinite: frozenset[str] = frozenset()
    """Names of numbers that were infinite or NaN; their values are None, as for undefined numbers."""


@dataclass(frozen=True)
class Records:
    """The records of a run, finished or not, that the rules read.

    Samples are in the order of their steps; a missing file gives an empty tuple.
    """

    word: str = "RUN"
    """The argument RUN in proposed commands."""
    status: str = "done"
    """The status in meta.json."""
    reason: str = ""
    """The reason in meta.json."""
    config: Mapping[str, Any] = field(default_factory=dict)
    """The resolved config: address -> value."""
    target: str = "index"
    """The kind of the targets: index, multi or real."""
    names: tuple[str, ...] = ()
    """The classes or labels."""
    class_counts: tuple[int, ...] = ()
    """The number of training rows of each class or label."""
    rows: Mapping[str, int] = field(default_factory=dict)
    """The number of rows of each part of the data."""
    monitor: str = "val_loss"
    """The measure that selects the best epoch."""
    scaled_target: bool = False
    """Whether real targets were standardized."""
    spread: Values = field(default_factory=dict)
    """The size of the net's inputs, from data.json."""
    targets: TargetSize | None = None
    """The size of real targets, from data.json."""
    baseline: Values = field(default_factory=dict)
    """The metrics of the linear model beside the net."""
    baseline_model: str = ""
    """Its name: ridge or logistic."""
    metrics: Sequence[Sample] = ()
    """The epochs."""
    steps: Sequence[Sample] = ()
    """The logged steps, of which there may be a million: `logged` reads one of their numbers."""
    ratios: Sequence[Sample] = ()
    """The update ratios of the weights."""
    gradients: Sequence[Sample] = ()
    """The gradient norms of the weights."""
    activations: Sequence[Sample] = ()
    """The saturated shares of the layers."""
    dead_units: Sequence[Sample] = ()
    """The dead units of the layers."""
    predictions: Sequence[Sample] = ()
    """The shares of the predicted classes."""
    parts: PartFacts = field(default_factory=PartFacts)
    """The traits of the parts that the config names."""

    def has(self, kind: str, trait: str) -> bool:
        """Whether the part that the config names for a kind has a trait (see `registry/kinds.py`)."""
        return self.parts.has(kind, self.config.get(kind), trait)

    def loss_has(self, trait: str) -> bool:
        """Whether the loss has a trait; `auto` is the squared error for numbers, else the cross-entropy."""
        if str(self.config.get("loss", "auto")) != "auto":
            return self.has("loss", trait)
        return trait in (
            ("squared", "variance") if self.copies or self.target == "real" else ("entropy", "shares")
        )

    @property
    def copies(self) -> bool:
        """Whether the net learns its own inputs, as an autoencoder does."""
        return bool(self.parts.flag("architecture", self.config.get("architecture"), "target") == "input")

    @property
    def classifies(self) -> bool:
        """Whether each row has one class of several."""
        return self.target == "index" and not self.copies

    @property
    def frozen(self) -> dict[str, str]:
        """Key that keeps layers as they are in the whole training -> the value that lets them learn."""
        found = {k: "false" for k, v in self.config.items() if k.endswith(".frozen") and v is True}
        freeze = self.config.get("reuse.freeze", "none")
        later = any(key.startswith("reuse.unfreeze.") for key in self.config)
        return found if freeze in ("none", None) or later else {**found, "reuse.freeze": "none"}

    @property
    def epochs(self) -> int:
        """The number of finished epochs."""
        return self.metrics[-1].epoch if self.metrics else 0

    @property
    def last_step(self) -> int:
        """The last step that a row names."""
        return max((rows[-1].step for rows in (self.metrics, self.steps, self.ratios) if rows), default=0)

    def curve(self, key: str) -> Curve:
        """(epoch, value) of a measure, for the epochs in which it was taken."""
        return curve_of(self.metrics, key)

    def trained(self, measure: str) -> Curve:
        """A measure on training rows: in evaluation mode if recorded, else the mean of the epoch's steps."""
        return self.curve(f"train_eval_{measure}") or self.curve(f"train_{measure}")

    def logged(self, key: str) -> list[float]:
        """A number of the logged steps that have it."""
        rows = self.steps
        values = (
            rows.rows.numbers(key) if isinstance(rows, ManySamples) else [r.values.get(key) for r in rows]
        )
        return [value for value in values if value is not None]

    def logged_epochs(self, key: str) -> Curve:
        """(epoch, value) of a number of the logged steps that have it."""
        return curve_of(self.steps, key)

    def number(self, key: str, default: float = 0.0) -> float:
        """A key of the config that is a number."""
        found = number(self.config.get(key))
        return default if found is None else found

    @property
    def part_names(self) -> dict[str, str]:
        """Every key of the config that names something: address -> name."""
        return {key: value for key, value in self.config.items() if isinstance(value, str)}

    @property
    def batch_rows(self) -> int | None:
        """Training rows of one optimizer step."""
        size, rows = self.config.get("training.batch_size"), self.rows.get("train")
        if size == "full":
            return rows
        found = number(size)
        if found is None:
            return None
        return rows_per_step(rows, int(found), int(self.number("training.accumulate", 1.0)))

    @property
    def layers(self) -> list[str]:
        """The layers with weights, first to last, as the records name them."""
        if self.gradients:
            return list(self.gradients[0].values)
        return list(dict.fromkeys(name.rpartition(".")[0] for row in self.ratios[:1] for name in row.values))


@dataclass(frozen=True)
class ManySamples(Sequence[Sample]):
    """So many rows that samples are only made of those that are looked at."""

    rows: Rows
    """The rows; each has a step and an epoch."""

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, index: int) -> Sample: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Sample]: ...
    def __getitem__(self, index: int | slice) -> Sample | Sequence[Sample]:
        return samples(self.rows[index]) if isinstance(index, slice) else samples([self.rows[index]])[0]


def many_samples(rows: Sequence[Row]) -> Sequence[Sample]:
    """Rows as samples; rows without step and epoch are left out."""
    if isinstance(rows, Rows) and not any(None in rows.numbers(key) for key in ("step", "epoch")):
        return ManySamples(rows)
    return samples(rows)


def curve_of(rows: Sequence[Sample], key: str) -> Curve:
    """(epoch, value) of a number of the samples that have it."""
    if not isinstance(rows, ManySamples):
        return [(row.epoch, value) for row in rows if (value := row.values.get(key)) is not None]
    known = zip(map(int, rows.rows.numbers("epoch")), rows.rows.numbers(key), strict=True)  # type: ignore[arg-type]  # each row has an epoch
    return [(epoch, value) for epoch, value in known if value is not None]


def samples(rows: Iterable[Mapping[str, Any]], inside: str = "") -> tuple[Sample, ...]:
    """Rows of a JSONL file as samples; rows without step and epoch are left out.

    inside: the key below which the numbers stand ("ratios", "norms", "layers", "units"), "" for the row
    itself.
    """
    found = []
    for row in rows:
        step, epoch = number(row.get("step")), number(row.get("epoch"))
        held = row if not inside else row.get(inside)
        if step is None or epoch is None or not isinstance(held, Mapping):
            continue
        values = {str(k): number(v) for k, v in held.items() if not isinstance(v, Mapping)}
        groups = {str(k): numbers(v) for k, v in held.items() if isinstance(v, Mapping)}
        found.append(Sample(int(step), int(epoch), values, groups, _nonfinite(row, inside)))
    return tuple(found)


def _nonfinite(row: Mapping[str, Any], inside: str) -> frozenset[str]:
    """The names below `inside` that a row lists as infinite or NaN."""
    listed = row.get("nonfinite")
    prefix = f"{inside}." if inside else ""
    names = (name for name in listed if isinstance(name, str)) if isinstance(listed, list) else ()
    return frozenset(name.removeprefix(prefix) for name in names if name.startswith(prefix))


def numbers(values: Mapping[str, Any]) -> dict[str, float | None]:
    """The numbers of a mapping; other values become None, True and False become 1 and 0."""
    return {str(k): float(v) if isinstance(v, bool) else number(v) for k, v in values.items()}
