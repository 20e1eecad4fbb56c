"""Predict new inputs with a run's net. They are read, checked and scaled like the data of the run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...data.new_inputs.encode import TABLES, encode_inputs
from ...data.new_inputs.images import image_paths
from ...data.prepare.scaling import scaling_of
from ...data.progress_notes import send_note
from ...data.readers.idx import read_idx
from ...data.readers.image_files import SUFFIXES
from ...errors import DataError, Problem
from ...rundir import find_run
from ...rundir.run_record import RunRecord, read_record
from ..train.train import memory_errors
from .decode import (
    LABELS,
    NUMBERS,
    RECONSTRUCTION,
    Array,
    log_softmax,
    own_units,
    sigmoid,
    task_word,
    two_columns,
)
from .model import Model, check_word, damaged, finite, load_model
from .predictions import Predictions

ROWS = 256
UNKNOWN = ("zeros", "error")
_OTHERS = frozenset({*TABLES, *SUFFIXES, ".npz", ".npy"})


def predict(
    word: str | Path,
    source: Any,
    runs_dir: Path,
    *,
    which: str = "best",
    device: str | None = None,
    trust_plugins: bool = False,
    on_unknown: str = "zeros",
) -> Predictions:
    """The predictions of a run's net for new inputs.

    source: a path (CSV, .npz, .npy, IDX, an image, a folder of images), an array of rows, or a data frame.
    which: best, last or an average (ema). on_unknown: what a category becomes that the run does not know:
    zeros, in all features of its column, with a note; error refuses it. Targets among the inputs are
    ignored. Raises `DataError` with all misfits of the inputs, `RunError` (no weights, damage),
    `ConfigError` (a missing device), `UsageError`.
    """
    check_word("on-unknown", on_unknown, UNKNOWN)
    run = read_record(find_run(str(word), runs_dir))
    with memory_errors(
        f"expected room for all inputs and {ROWS} rows at a time in the net",
        "predict fewer rows at once, or take --device cpu",
    ):
        model = load_model(run, which, device, trust_plugins=trust_plugins)
        tensors = run.view.tensors("data.safetensors")
        if tensors is None or "inputs" not in model.described:
            why = next(
                (words for words in run.problems if words.startswith("data.")),
                "data.json does not say how inputs are read",
            )
            raise damaged(run, why)
        inputs = read_inputs(run, model.described, tensors, source, on_unknown)
        outputs = finite(outputs_of(model, inputs))
        found = meaning(model, outputs)
        if model.copies:
            found = reconstruction(model, outputs, inputs, tensors)
    return replace(
        found,
        inputs=names_of(source),
        run=str(run.path),
        weights=which,
        epoch=model.epoch,
        notes=tuple(model.notes),
    )


def read_inputs(
    run: RunRecord,
    described: Mapping[str, Any],
    tensors: Mapping[str, Tensor],
    source: Any,
    on_unknown: str = "zeros",
) -> Tensor:
    """The encoded rows.

    A target column or array is not even looked at: it may be empty, or hold what is not known yet.
    """
    blind = {**described, "inputs": {**described["inputs"], "targets": [], "y": ""}}
    path = Path(source) if isinstance(source, str | Path) else None
    try:
        with np.errstate(over="raise"):
            found = source if path is None else read_idx(path) if is_idx(path) else path
            unknown = None if on_unknown == "error" else send_note
            return encode_inputs(blind, tensors, found, unknown=unknown)[0]
    except FloatingPointError:
        text = (
            f"{'the inputs' if path is None else path.name}: numbers that are too large for float32 (beyond "
            "3.4e38) once they are scaled"
        )
        raise DataError(Problem(text, "expected numbers like those of the run", code="too_large")) from None
    except KeyError as error:
        raise damaged(
            run, f"data.json and data.safetensors do not fit together ({error} is missing)"
        ) from error
    except DataError as error:
        if path is None:
            raise
        named = (
            p if path.name in p.received else replace(p, received=f"{path.name}: {p.received}")
            for p in error.problems
        )
        raise error.located(named) from None


def is_idx(path: Path) -> bool:
    """Whether a file is called like IDX files are: t10k-images-idx3-ubyte.gz, x.idx."""
    return path.is_file() and "idx" in path.name.lower() and path.suffix.lower() not in _OTHERS


def names_of(source: Any) -> tuple[str, ...]:
    """The images' names, relative to their folder; nothing for other sources, whose rows have no names."""
    path = Path(source) if isinstance(source, str | Path) else None
    if path is None or not (path.is_dir() or path.suffix.lower() in SUFFIXES):
        return ()
    return tuple(str(file.relative_to(path)) if path.is_dir() else file.name for file in image_paths(path))


@torch.no_grad()
def outputs_of(model: Model, inputs: Tensor) -> Array:
    """The net's outputs (rows, outputs) as float64, a few rows at a time."""
    blocks = []
    for block in torch.split(inputs, ROWS):
        block = block.to(model.device)
        if model.images_last:
            block = block.contiguous(memory_format=torch.channels_last)
        with model.autocast():
            blocks.append(model.net(block).float().flatten(1).cpu().numpy())
    return np.concatenate(blocks).astype(np.float64)


def meaning(model: Model, outputs: Array) -> Predictions:
    """The outputs as probabilities, or as numbers in their own units."""
    task = model.objective.task
    word = task_word(task, model.copies)
    if word in (NUMBERS, RECONSTRUCTION):
        return Predictions(word, task.names, own_units(outputs, task))
    if word == LABELS:
        return Predictions(word, task.names, sigmoid(outputs), answer=outputs > 0)
    logits = two_columns(outputs)
    values = np.exp(log_softmax(logits)) if model.probabilities else logits
    return Predictions(
        word, task.names, values, probabilities=model.probabilities, answer=logits.argmax(axis=1)
    )


def reconstruction(
    model: Model, outputs: Array, inputs: Tensor, tensors: Mapping[str, Tensor]
) -> Predictions:
    """The reconstructions in the units of the inputs, and the error of each.

    The error is the root mean squared error of the scaled inputs.
    """
    shape = tuple(model.described["in_shape"])
    errors = np.sqrt(np.square(outputs - inputs.flatten(1).double().numpy()).mean(axis=1))
    scaling = scaling_of(model.described["scaling"], tensors)
    values = (outputs.reshape(-1, *shape) * scaling.scale + scaling.offset).reshape(len(outputs), -1)
    names = tuple(model.described["columns"]) or tuple(f"x{i}" for i in range(values.shape[1]))
    return Predictions(RECONSTRUCTION, names, values, answer=errors, shape=shape)
