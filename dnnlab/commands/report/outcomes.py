"""The confusion matrix of a run, and the rows with the highest losses.

They come from the evaluations of the run, else from its validation part. The test part is never read here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...errors import DnnlabError
from ...lazy_torch import torch
from ...rundir.json_values import number
from ...rundir.run_record import Row, texts
from .records import Records

if TYPE_CHECKING:
    import numpy as np

WORST = 12


@dataclass(frozen=True)
class Confusion:
    """A confusion matrix."""

    names: list[str]
    """The classes."""
    counts: list[list[int]] | None
    """The counts (rows true, columns predicted); None if there are very many classes."""
    mistakes: list[Row]
    """The most frequent mistakes."""
    source: str
    """A sentence that names the rows on which it was counted."""


@dataclass(frozen=True)
class ValidationOutcome:
    """The predictions of the net on the validation part."""

    confusion: Confusion | None = None
    """The confusion matrix, or None."""
    worst: list[Wrong] = field(default_factory=list)
    """The rows with the highest losses."""
    rows: int = 0
    """The number of validation rows."""
    epoch: int = 0
    """The epoch of the weights."""
    why: str = ""
    """The reason why the confusion matrix is missing."""


@dataclass(frozen=True)
class Wrong:
    """A row with a high loss."""

    row: int
    """The number of the row, from 0."""
    predicted: str
    """The predicted class."""
    true: str
    """The true class."""
    loss: float
    """The loss of the row."""
    sure: float | None
    """The probability of the predicted class; None if it is unknown."""
    pixels: np.ndarray | None
    """(height, width) or (height, width, 3) in 0..1; None if the row is no image."""
    values: list[tuple[str, float]]
    """(name, number) of each input, if the row is no image."""


def kept_confusion(records: Records) -> Confusion | None:
    """The confusion matrix in the run's newest evaluation of the test or the validation part."""
    known = (
        _of_evaluation(found)
        for _, found in records.run.evaluations()
        if found.get("split") in ("test", "validation")
    )
    return next((confusion for confusion in known if confusion is not None), None)


def _of_evaluation(found: Row) -> Confusion | None:
    names, counts, mistakes = texts(found.get("names")), found.get("confusion"), found.get("confusions")
    if found.get("task") != "classes" or not names:
        return None
    square = (
        isinstance(counts, list)
        and len(counts) == len(names)
        and all(_whole(row, len(names)) for row in counts)
    )
    if not square and not isinstance(mistakes, list):
        return None
    rows = number(found.get("rows"))
    size = f"{rows:,.0f} rows" if rows is not None else "rows"
    when = str(found.get("time", ""))[:16].replace("T", " ")
    source = (
        f"On the {found.get('split')} part ({size}), from `dnnlab evaluate` of {when}, weights: "
        f"{found.get('weights')}."
    )
    named = (
        [m for m in mistakes if isinstance(m, dict) and {"true", "predicted", "rows"} <= m.keys()]
        if isinstance(mistakes, list)
        else []
    )
    kept = [m for m in named if isinstance(m["rows"], int)]
    return Confusion(names, counts if square else None, kept, source)


def _whole(row: Any, length: int) -> bool:
    return isinstance(row, list) and len(row) == length and all(isinstance(n, int) and n >= 0 for n in row)


def validation_outcome(records: Records, *, trust_plugins: bool = False) -> ValidationOutcome:
    """Let the net answer the validation part once more; `why` says what kept it from that.

    Nothing is saved.
    """
    from ..inference.evaluate import answers, data_of, part_of, size_in_training
    from ..inference.model import load_model
    from ..train.train import memory_errors

    run = records.run
    try:
        with memory_errors("expected room for the data and the net", "leave them out: --no-data"):
            model = load_model(run, trust_plugins=trust_plugins)
            data = data_of(run, model, None)
            part = part_of(run, model, data, "validation")
            _, outputs = answers(model, part, max(size_in_training(model, len(data.train.inputs)), 256))
            return _outcome(model, data, part, outputs)
    except DnnlabError as error:
        problem = error.problems[0]
        return ValidationOutcome(why="; ".join(words for words in (problem.received, problem.fix) if words))


def _outcome(model: Any, data: Any, part: Any, outputs: np.ndarray) -> ValidationOutcome:
    from ..inference.predict import meaning
    from ..inference.scores import class_scores

    said, targets = meaning(model, outputs), part.all_targets().cpu()
    losses = row_losses(model, outputs, targets)
    names, confusion = list(model.objective.task.names), None
    if said.task == "classes" and not model.copies:
        scores = class_scores(_columns(outputs), targets.numpy(), names, model.probabilities)
        source = (
            f"On the validation part ({len(part):,} rows), answered for this page with the weights of epoch "
            f"{model.epoch}."
        )
        confusion = Confusion(names, scores.confusion, scores.confusions, source)
    order = sorted(range(len(losses)), key=lambda i: -losses[i])[:WORST]
    worst = [] if model.copies else [_wrong(i, losses[i], said, targets, model, data, part) for i in order]
    why = "A net that learns its own inputs has no wrong answers to show." if model.copies else ""
    return ValidationOutcome(confusion, worst, len(part), model.epoch, why)


def _columns(outputs: np.ndarray) -> np.ndarray:
    from ..inference.decode import two_columns

    return two_columns(outputs)


def row_losses(model: Any, outputs: np.ndarray, targets: Any) -> list[float]:
    """The run's own loss of each row by itself."""
    from ...nn.batch import Batch

    answered, loss = torch.from_numpy(outputs).float(), model.objective.loss
    with torch.no_grad():
        return [
            float(loss(answered[i : i + 1], Batch(answered[i : i + 1], targets[i : i + 1])))
            for i in range(len(answered))
        ]


def _wrong(i: int, loss: float, said: Any, targets: Any, model: Any, data: Any, part: Any) -> Wrong:
    inputs = part.rows(slice(i, i + 1)).inputs[0].cpu()
    predicted, true, sure = _words(i, said, targets[i], model)
    places = data.split.get("validation")
    row = int(places[i]) if places is not None else i
    if inputs.ndim == 3:
        return Wrong(row, predicted, true, loss, sure, _pixels(inputs, data), [])
    return Wrong(row, predicted, true, loss, sure, None, _values(inputs, data))


def _words(i: int, said: Any, target: Any, model: Any) -> tuple[str, str, float | None]:
    """What was predicted, what is true, and how sure the net was."""
    from ..inference.decode import own_units

    task = model.objective.task
    if said.task == "classes":
        return (
            said.classes[i],
            task.names[int(target)],
            float(said.values[i].max()) if said.probabilities else None,
        )
    if said.task == "labels":
        true = [name for name, yes in zip(task.names, target.tolist(), strict=True) if yes > 0.5]
        return ", ".join(said.labels[i]) or "none", ", ".join(true) or "none", None
    truth = own_units(target.double().numpy().reshape(1, -1), task)[0]
    return ", ".join(f"{v:.4g}" for v in said.values[i]), ", ".join(f"{v:.4g}" for v in truth), None


def _pixels(image: Any, data: Any) -> np.ndarray | None:
    """The image from black to white; None for one whose channels are no colours."""
    from ...data.augment.pipeline import pixels_of

    shown = pixels_of(data).of(image.clone()).clamp(0.0, 1.0).numpy()
    return None if len(shown) not in (1, 3) else shown[0] if len(shown) == 1 else shown.transpose(1, 2, 0)


def _values(inputs: Any, data: Any, most: int = 6) -> list[tuple[str, float]]:
    """The features that lie farthest from the mean, in their own units; of a category the one that holds."""
    import numpy as np

    scaled = inputs.double().numpy().ravel()
    own = scaled * np.asarray(data.scaling.scale).ravel() + np.asarray(data.scaling.offset).ravel()
    names = data.feature_names or [f"x{i}" for i in range(len(own))]
    shown = [i for i in range(len(own)) if not ("=" in names[i] and own[i] == 0)]
    order = sorted(sorted(shown, key=lambda i: -abs(scaled[i]))[:most])
    return [(names[i], float(own[i])) for i in order]
