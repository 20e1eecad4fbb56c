"""What a run folder says, as typed fields: the only place that knows the keys of meta.json and data.json.

Nothing here fails on damage: a field that is missing or has another type than dnnlab writes is empty.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from dnnlab.lazy_torch import torch
from dnnlab.rundir.histograms import FILE as HISTOGRAMS
from dnnlab.rundir.json_values import number
from dnnlab.rundir.names import RUN_NAME
from dnnlab.rundir.reader import RunView, read_run
from dnnlab.rundir.record_files import RECORD_FILES
from dnnlab.rundir.status import RunStatus

Row = dict[str, Any]

DATA = "data.json"
BASELINE = "baseline.json"
REUSE, REUSED = "reuse.json", "reuse.safetensors"
EVALUATIONS = "evaluations"
VERDICTS = "verdicts.json"
_BESIDE = ("epoch", "step", "seconds", "samples_per_second", "lr", "nonfinite")
"""The keys of a row of metrics.jsonl that are no metrics."""
_TYPES: dict[str, tuple[type, str]] = {
    "config": (dict, "a mapping"),
    "best": (dict, "a mapping"),
    "last": (dict, "a mapping"),
    "tags": (list, "a list"),
    "name": (str, "a text"),
    "monitor": (str, "a text"),
    "better": (str, "a text"),
}
"""The keys of meta.json without whose type a run cannot be compared."""


@dataclass(frozen=True)
class Source:
    """A text that a run keeps of what it was made from."""

    path: str
    """Where it was read."""
    file: str
    """The copy in the run folder."""


@dataclass(frozen=True)
class DataRecord:
    """What data.json says of the data."""

    content: Row = field(default_factory=dict)
    """The whole file, from which a net can be rebuilt; {} if it cannot be read."""
    name: str = ""
    """The name of the data."""
    in_shape: tuple[int, ...] | None = None
    """The shape of one input."""
    target: str = "index"
    """What a target is: index, multi or real."""
    names: tuple[str, ...] = ()
    """The names of the classes, labels or targets."""
    rows: Mapping[str, int] = field(default_factory=dict)
    """The number of rows of each part."""
    own_parts: frozenset[str] = frozenset()
    """The parts that the data brought along, not taken from the training rows."""
    class_counts: tuple[int, ...] = ()
    """The training rows of each class or label."""
    scaled_target: bool = False
    """Whether real targets were standardized."""
    spread: Row = field(default_factory=dict)
    """The size of the inputs that the net gets."""
    target_spread: Row = field(default_factory=dict)
    """Mean and deviation of real targets, as the net gets them."""
    fingerprint: Any = None
    """The fingerprint of the data."""


def data_record(content: Row) -> DataRecord:
    """The typed fields of the content of data.json."""
    shape = content.get("in_shape")
    whole = isinstance(shape, list) and all(isinstance(n, int) for n in shape)
    return DataRecord(
        content=content,
        name=str(content.get("name", "")),
        in_shape=tuple(shape) if isinstance(shape, list) and whole else None,
        target=str(content.get("target", "index")),
        names=tuple(texts(content.get("names"))),
        rows={part: n for part, n in mapping(content.get("rows")).items() if isinstance(n, int)},
        own_parts=frozenset(part for part, of in mapping(content.get("taken_from")).items() if of == part),
        class_counts=tuple(
            n for n in items(mapping(content.get("class_counts")).get("train")) if isinstance(n, int)
        ),
        scaled_target=bool(content.get("target_scaling")),
        spread=mapping(content.get("spread")),
        target_spread=mapping(content.get("target_spread")),
        fingerprint=content.get("fingerprint"),
    )


@dataclass(frozen=True)
class Baseline:
    """The linear model beside the net, of baseline.json."""

    model: str
    """"ridge" or "logistic"."""
    metrics: Mapping[str, float]
    """`train_...` and `val_...`, as those of the net; empty if it was skipped."""
    skipped: str = ""
    """Why there is none."""


class RunRecord:
    """A run folder as typed fields, each read when it is first asked for; `view` notes what is damaged."""

    def __init__(self, view: RunView) -> None:
        self.view = view
        self._rows: dict[str, Sequence[Row]] = {}

    # The folder

    @property
    def path(self) -> Path:
        """The run folder."""
        return self.view.path

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.view.name

    @property
    def short_name(self) -> str:
        """The folder's name without time and digits."""
        return self.name[16:-7] if RUN_NAME.fullmatch(self.name) else self.name

    @property
    def status(self) -> RunStatus:
        """How the run stands."""
        return self.view.status

    @property
    def problems(self) -> list[str]:
        """What is damaged or missing in the files that were read so far, in words."""
        return self.view.problems

    # meta.json

    @property
    def readable(self) -> bool:
        """Whether meta.json says anything."""
        return bool(self._meta)

    @property
    def kind(self) -> Any:
        """`sweep` if the folder was made by a sweep; a run has none."""
        return self._meta.get("kind")

    @property
    def experiment(self) -> str:
        """The name of the experiment; without one, the folder's name without time and digits."""
        given = self._meta.get("name")
        return given if isinstance(given, str) and given else self.short_name

    @property
    def reason(self) -> str:
        """Why the run ended, in words; "" while it is running."""
        return str(self._meta.get("reason") or "")

    @property
    def monitor(self) -> str | None:
        """The metric that decides which epoch is the best."""
        found = self._meta.get("monitor")
        return found if isinstance(found, str) else None

    @property
    def better(self) -> str | None:
        """Whether `max` or `min` of the monitor is best."""
        found = self._meta.get("better")
        return found if isinstance(found, str) else None

    @property
    def best(self) -> Row:
        """{epoch, metrics} of the best epoch; {} if there is none."""
        return mapping(self._meta.get("best"))

    @property
    def last(self) -> Row:
        """{epoch, metrics} of the last epoch; {} if there is none."""
        return mapping(self._meta.get("last"))

    @property
    def seconds(self) -> float | None:
        """Seconds of training; of a run without an end, until its last epoch."""
        if "seconds" in self._meta:
            return number(self._meta["seconds"])
        return number(self.metrics[-1].get("seconds")) if self.metrics else None

    @property
    def config(self) -> Row:
        """The resolved config, flat: address -> value."""
        return mapping(self._meta.get("config"))

    @property
    def overrides(self) -> list[str]:
        """The overrides of the command line."""
        return texts(self._meta.get("overrides"))

    @property
    def plugin_parts(self) -> Row:
        """What the run keeps of the parts of its plugins."""
        return mapping(self._meta.get("plugin_parts"))

    @property
    def seed(self) -> int | None:
        """The seed."""
        return whole(self._meta.get("seed"))

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags."""
        return tuple(tag for tag in items(self._meta.get("tags")) if isinstance(tag, str))

    @property
    def note(self) -> str:
        """The note of the user."""
        found = self._meta.get("note")
        return found if isinstance(found, str) else ""

    @property
    def parameters(self) -> int | None:
        """The number of all parameters of the net."""
        return whole(mapping(self._meta.get("parameters")).get("total"))

    @property
    def trained_parameters(self) -> int | None:
        """The number of the parameters that are trained."""
        return whole(mapping(self._meta.get("parameters")).get("trained"))

    @property
    def created(self) -> str | None:
        """When the run was made (ISO 8601)."""
        found = self._meta.get("created")
        return None if found is None else str(found)

    @property
    def order(self) -> str | None:
        """The time by which the run is sorted (ISO 8601), if the clock was set back before it was made."""
        found = self._meta.get("order")
        return None if found is None else str(found)

    @property
    def times(self) -> Row:
        """When the run was started, resumed and ended (ISO 8601)."""
        return mapping(self._meta.get("times"))

    @property
    def command(self) -> Any:
        """The command that started the run."""
        return self._meta.get("command")

    @property
    def folder(self) -> str | None:
        """The working folder of that command."""
        found = self._meta.get("folder")
        return found if isinstance(found, str) else None

    @property
    def sources(self) -> tuple[Source, ...]:
        """The files that the config was read from, the config's own first; the damaged ones are left out."""
        found = map(mapping, items(self._meta.get("sources")))
        return tuple(Source(item["path"], item["file"]) for item in found if _is_source(item))

    @property
    def sources_whole(self) -> bool:
        """Whether there are sources, and none of them is damaged."""
        return bool(self.sources) and len(self.sources) == len(items(self._meta.get("sources")))

    @property
    def overrides_whole(self) -> bool:
        """Whether the overrides are known."""
        found = self._meta.get("overrides", [])
        return isinstance(found, list) and all(isinstance(text, str) for text in found)

    @property
    def surroundings(self) -> Row:
        """Versions, device, threads and process at the start of the run; None for what is unknown."""
        return {key: self._meta.get(key) for key in ("versions", "device", "threads", "process")}

    @property
    def versions(self) -> Row:
        """Package -> version."""
        return mapping(self._meta.get("versions"))

    @property
    def device(self) -> Row:
        """The type and the name of the device, and what else is known of it."""
        return mapping(self._meta.get("device"))

    @property
    def threads(self) -> Any:
        """The number of torch's threads."""
        return self._meta.get("threads")

    @property
    def host(self) -> Any:
        """The name of the machine."""
        return self._meta.get("host")

    @property
    def git(self) -> Row:
        """The commit of the working folder, and whether it was changed since."""
        return mapping(self._meta.get("git"))

    @cached_property
    def meta_problem(self) -> str | None:
        """Why meta.json cannot be used; None if it is whole."""
        meta = self._meta
        found = next((words for words in self.problems if words.startswith("meta.json")), None)
        if found is not None and meta and "format" not in meta:
            return "meta.json is not dnnlab's (it has no format)"
        if found is not None or not meta:
            return found or next(iter(self.problems), "meta.json is empty")
        for key, (kind, words) in _TYPES.items():
            unset = key == "monitor" and meta.get(key) is None
            if key in meta and not isinstance(meta[key], kind) and not unset:
                return f"meta.json is damaged: {key} is not {words}"
        if any(not isinstance(at.get("metrics", {}), dict) for at in (self.best, self.last)):
            return "meta.json is damaged: metrics is not a mapping"
        return None

    # The other files

    @cached_property
    def data(self) -> DataRecord:
        """What data.json says of the data."""
        return data_record(self.view.json(DATA) or {})

    def rows(self, kind: str) -> Sequence[Row]:
        """The rows of a record file up to the first damage. kind: its field in `RECORD_FILES`."""
        if kind not in self._rows:
            self._rows[kind] = self.view.rows(RECORD_FILES[kind].file)
        return self._rows[kind]

    def layer_rows(self, kind: str) -> list[Row]:
        """The numbers by layer of a record file, one mapping a row."""
        inside = RECORD_FILES[kind].inside
        return [held for row in self.rows(kind) if isinstance(held := row.get(inside), dict)]

    @property
    def metrics(self) -> Sequence[Row]:
        """The rows of metrics.jsonl, one an epoch."""
        return self.rows("metrics")

    @property
    def steps(self) -> Sequence[Row]:
        """The rows of steps.jsonl, one a step that was recorded."""
        return self.rows("steps")

    @property
    def histograms(self) -> dict[str, torch.Tensor]:
        """The tensors of histograms.safetensors; {} if there is no such file, or a damaged one."""
        if not os.path.isfile(self.path / HISTOGRAMS):
            return {}
        return self.view.tensors(HISTOGRAMS) or {}

    @cached_property
    def reuse(self) -> Row:
        """What the run took over from another training (see `LayerFate`); {} if it began by itself."""
        return (self.view.json(REUSE) or {}) if os.path.isfile(self.path / REUSE) else {}

    @property
    def source_path(self) -> Path | None:
        """Where the run found the weights that it took over; they may be gone since."""
        found = mapping(self.reuse.get("source")).get("path")
        return Path(found) if isinstance(found, str) else None

    @property
    def lineage(self) -> tuple[Row, ...]:
        """The trainings that the weights come from, the nearest first."""
        return tuple(mapping(item) for item in items(self.reuse.get("lineage")))

    @property
    def reused(self) -> dict[str, torch.Tensor]:
        """The weights that the run began with in place of random ones; {} if there are none."""
        return (self.view.tensors(REUSED) or {}) if os.path.isfile(self.path / REUSED) else {}

    @property
    def verdicts(self) -> Any:
        """The list of verdicts that the run keeps, whatever the file holds; None if there is none."""
        return (self.view.json(VERDICTS) or {}).get("verdicts")

    @cached_property
    def baseline(self) -> Baseline | None:
        """The linear model beside the net; None if none was measured."""
        if not os.path.isfile(self.path / BASELINE):
            return None
        found = self.view.json(BASELINE) or {}
        metrics = {str(k): v for k, v in mapping(found.get("metrics")).items() if number(v) is not None}
        model, skipped = str(found.get("model") or ""), str(found.get("skipped") or "")
        return Baseline(model, metrics, skipped) if metrics or skipped else None

    def evaluations(self) -> Iterator[tuple[str, Row]]:
        """(file in the run folder, content) of every whole evaluation, the newest first."""
        folder = self.path / EVALUATIONS
        files = sorted(folder.glob("*.json"), reverse=True) if os.path.isdir(folder) else []
        for path in files:
            file = f"{EVALUATIONS}/{path.name}"
            content = self.view.json(file)
            if content is not None:
                yield file, content

    @property
    def _meta(self) -> Row:
        return self.view.meta


def _is_source(item: Row) -> bool:
    return isinstance(item.get("path"), str) and isinstance(item.get("file"), str)


def read_record(path: Path) -> RunRecord:
    """A run folder as it is now, also while it is being written."""
    return RunRecord(read_run(path))


def best_row(history: Iterable[Row], monitor: str | None, better: str) -> Row:
    """The first row in which the monitor was best, as training chooses it; {} if it was never measured."""
    measured = [(value, row) for row in history if (value := number(row.get(monitor or ""))) is not None]
    if not measured:
        return {}
    extreme = (max if better == "max" else min)(value for value, _ in measured)
    return next(row for value, row in measured if value == extreme)


def moment(row: Row) -> Row:
    """{epoch, metrics} of a row of metrics.jsonl, as meta.json has it; {} of an empty row."""
    metrics = {key: value for key, value in row.items() if key not in _BESIDE}
    return {"epoch": row.get("epoch"), "metrics": metrics} if row else {}


def mapping(value: Any) -> Row:
    """The value if it is a mapping, else {}: a damaged file may hold anything."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """The value if it is a list, else []."""
    return value if isinstance(value, list) else []


def texts(value: Any) -> list[str]:
    """The items of a list as texts; [] for everything else."""
    return [str(item) for item in items(value)]


def whole(value: Any) -> int | None:
    """The value if it is a whole number, else None."""
    return value if isinstance(value, int) else None
