"""Evaluate a run's net on a part of its data, with confidence intervals.

Each evaluation is a new file in the run folder; earlier ones are kept.
"""

from __future__ import annotations

import json
import math
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Unpack

import numpy as np
from torch import Tensor, nn

from ...assembly.data import load_data, to_split
from ...data.prepare.prepared_data import Prepared
from ...data.raw import RawDataset
from ...engine.loop import EVALUATION_ROWS
from ...engine.measure import evaluate as measure
from ...engine.split import Split
from ...errors import DataError, Problem, RunError
from ...rundir import add_file, find_run
from ...rundir.json_values import plain
from ...rundir.manifest import SEAL, seal_of
from ...rundir.run_record import EVALUATIONS, RunRecord, read_record
from ...steps import rows_per_batch
from ..train.resume import check_data
from ..train.train import memory_errors
from .decode import own_units, task_word, two_columns
from .groups import group_scores, groups_of
from .intervals import LEVEL
from .model import Model, ModelOptions, check_word, finite, load_model
from .scores import Scores, class_scores, label_scores, number_scores

SPLITS = ("test", "validation", "train")


@dataclass(frozen=True)
class Evaluation:
    """An evaluation that was written."""

    path: Path
    """The file in the run folder."""
    result: dict[str, Any]
    """The content of the file (see `evaluate`)."""
    earlier: int
    """The number of earlier evaluations of the same part."""
    tested: bool
    """Whether the run has a test part."""
    notes: tuple[str, ...]
    """Sentences for the user."""

    def json(self) -> dict[str, Any]:
        """The JSON answer: the content of the file, and its path."""
        return {
            **self.result,
            "run": str(self.path.parent.parent),
            "file": str(self.path),
            "earlier": self.earlier,
        }


def evaluate(
    word: str | Path,
    runs_dir: Path,
    *,
    split: str = "test",
    which: str = "best",
    batch_size: int | None = None,
    raw: RawDataset | None = None,
    by: str | None = None,
    **options: Unpack[ModelOptions],
) -> Evaluation:
    """Measure a run's net on a part of its data and keep the result in its folder's evaluations/.

    Nothing else of the folder changes.

    which: best, last or an average (ema). batch_size: rows at a time, as in training if it is None. raw:
    the data of a run from Python. by: a column of the run's table, whose values are measured one by one, too.
    options: of `load_model`. The file holds {run, split, weights, epoch, step, time, rows, task, metrics,
    intervals, level, per_class, per_target, by, groups, confusion, confusions, fingerprint, sha256}; metrics
    and intervals are flat, name -> number or [low, high]. Raises `RunError` (no weights, data that have
    changed, no such part), `UsageError`, `DataError`, `ConfigError`, `StorageError`.
    """
    check_word("split", split, SPLITS, code="split")
    run = read_record(find_run(str(word), runs_dir))
    with memory_errors(
        "expected a batch that fits", f"take fewer rows at a time: --batch-size {fewer(batch_size)}"
    ):
        model = load_model(run, which, **options)
        data = data_of(run, model, raw)
        part = part_of(run, model, data, split)
        groups = [] if by is None else groups_of(model, data, split, by)
        size = batch_size or max(size_in_training(model, len(data.train.inputs)), EVALUATION_ROWS)
        measured, outputs = answers(model, part, size)
    targets = part.all_targets()
    scores = score(outputs, targets, model)
    scores.metrics |= {key.removeprefix("val_"): value for key, value in measured.items()}
    begun = {"run": run.name, "split": split, "weights": which, "epoch": model.epoch, "step": model.step}
    task = model.objective.task
    facts = {
        "rows": len(part),
        "task": task_word(task, model.copies),
        "names": list(task.names),
        "level": LEVEL,
    }
    if by is not None:
        facts |= {"by": by, "groups": group_scores(groups, lambda i: score(outputs[i], targets[i], model))}
    earlier = evaluations(run, split)
    path, result = save(
        run, split, which, {**begun, **facts, **scores.json(), "fingerprint": data.fingerprint}
    )
    damage = sorted(words for words in run.problems if words.startswith(EVALUATIONS))
    return Evaluation(path, result, earlier, data.test is not None, (*model.notes, *damage))


def fewer(batch_size: int | None) -> int:
    """Rows at a time if those of `batch_size` (None: the usual ones) had no room."""
    return max((batch_size or EVALUATION_ROWS) // 4, 1)


def data_of(run: RunRecord, model: Model, raw: RawDataset | None) -> Prepared:
    """The data as the run had them.

    Raises `RunError` if they have changed, `DataError` if only Python can hand them over.
    """
    if model.config.experiment.data.name == "arrays" and raw is None:
        text = f"{run.name} was trained on arrays from Python, which no folder holds"
        fix = f'in Python: dnnlab.load_run("{run.path}").evaluate(data=(X, y)) with the same arrays'
        raise DataError(Problem(text, "expected the arrays again", fix, code="needs_arrays"))
    with model.config.error_places():
        data = load_data(model.config, raw, model.device)
    check_data(run, data.to_json())
    return data


def part_of(run: RunRecord, model: Model, data: Prepared, split: str) -> Split:
    """One part of the data on the device.

    Raises `RunError` for one that the run does not have, naming those that it has.
    """
    parts = data.parts()
    if split not in parts:
        fix = (
            f"--split {'validation' if 'validation' in parts else 'train'}, "
            f"or train again with data.{split}=0.2"
        )
        raise RunError(
            Problem(
                f"{run.name} has no {split} part",
                f"expected one of {', '.join(parts)}",
                fix,
                code="no_such_part",
            )
        )
    target = "input" if model.copies else "task"
    return to_split(parts[split], target, model.device, images_last=model.images_last)


def size_in_training(model: Model, rows: int) -> int:
    """Rows of a training batch."""
    return rows_per_batch(rows, model.config.experiment.training.batch_size)


class Recorder(nn.Module):
    """Keeps what a net answers: `outputs` holds (rows, ...) float32 tensors on the CPU."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net
        self.outputs: list[Tensor] = []

    def forward(self, inputs: Tensor) -> Tensor:
        """The net's answer."""
        outputs: Tensor = self.net(inputs)
        self.outputs.append(outputs.detach().float().cpu())
        return outputs


def answers(model: Model, part: Split, batch_size: int) -> tuple[dict[str, float], np.ndarray]:
    """`val_loss` and `val_<metric>` as training measures them, and the outputs, (rows, outputs) float64."""
    recorder = Recorder(model.net)
    measured = measure(
        recorder, part, model.objective.loss, model.objective.metrics(), batch_size, model.autocast
    )
    outputs = np.concatenate([tensor.flatten(1).numpy() for tensor in recorder.outputs]).astype(np.float64)
    return measured, finite(outputs)


def score(outputs: np.ndarray, targets: Tensor, model: Model) -> Scores:
    """The scores that suit the targets."""
    task, truth = model.objective.task, targets.cpu().numpy()
    if task.target == "multi":
        return label_scores(outputs, truth, task.names)
    if task.target == "index":
        return class_scores(two_columns(outputs), truth, task.names, model.probabilities)
    truth = truth.reshape(len(truth), -1).astype(np.float64)
    return number_scores(
        own_units(outputs, task), own_units(truth, task), task.names, explained=not model.copies
    )


def evaluations(run: RunRecord, split: str) -> int:
    """How often this part was evaluated before.

    Files that cannot be read are noted in the view's problems.
    """
    return sum(content.get("split") == split for _, content in run.evaluations())


def save(run: RunRecord, split: str, which: str, result: dict[str, Any]) -> tuple[Path, dict[str, Any]]:
    """Add the result to the run as evaluations/<UTC time>-<split>-<weights>.json."""
    while True:
        now = datetime.now(UTC)
        name = f"{now:%Y%m%d-%H%M%S}.{now.microsecond // 1000:03d}-{split}-{which}.json"
        whole = {**result, "time": now.isoformat(timespec="milliseconds")}
        whole["nonfinite"] = [key for key, value in result["metrics"].items() if not math.isfinite(value)]
        whole[SEAL] = seal_of(plain(whole))
        try:
            return add_file(run.path, f"{EVALUATIONS}/{name}", json_text(whole)), whole
        except FileExistsError:
            time.sleep(0.001)  # somebody evaluated in this very millisecond


def json_text(result: dict[str, Any]) -> str:
    """JSON with a line for each key and for each row of a table, so that a confusion matrix is legible."""
    lines = []
    for key, value in plain(result).items():
        if isinstance(value, list) and value and isinstance(value[0], list | dict):
            rows = ",\n  ".join(json.dumps(row, ensure_ascii=False, allow_nan=False) for row in value)
            lines.append(f" {json.dumps(key)}: [\n  {rows}\n ]")
        else:
            lines.append(f" {json.dumps(key)}: {json.dumps(value, ensure_ascii=False, allow_nan=False)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"
