"""The sections of a config and their keys: like parts, each is the signature of a function."""
# ruff: noqa: B006 (the defaults are never changed)

from __future__ import annotations

from typing import Annotated, Literal

from annotated_types import Ge, Le

from ..registry import NonNegativeInt, Part, PartMap, Pattern, Positive, PositiveInt, section
from ..registry.kinds import layer_keys
from .schema_paths import Slot
from .values import CheckpointInterval, Device, Interval


def _training(
    *,
    epochs: PositiveInt = 20,
    batch_size: PositiveInt | Literal["full"] = 32,
    accumulate: PositiveInt = 1,
    monitor: str = "auto",
    device: Device = "auto",  # type: ignore[assignment]
    precision: Literal["fp32", "tf32", "bf16", "fp16"] = "fp32",
    threads: PositiveInt | Literal["auto"] = "auto",
    deterministic: bool = True,
    compile: bool = False,
    max_minutes: Positive | None = None,
    eval_every: PositiveInt = 1,
) -> None:
    """How long and on what a run trains.

    epochs: passes over the training rows. batch_size: rows of a batch; full: all of them. accumulate: batches
    whose gradients are summed before an update. monitor: the measure that decides what is best; auto:
    val_<first metric>, else val_loss, else train_loss. device: auto, cpu, cuda, cuda:1, mps. precision: of
    the arithmetic. threads: auto: one. deterministic: only algorithms that repeat bit by bit. compile:
    through torch.compile. max_minutes: stop after this time. eval_every: epochs between two validations.
    """


def _checkpoint(
    *,
    every: CheckpointInterval | Literal["auto"] = "auto",
    keep: Literal["best_and_last", "all"] | PositiveInt = "best_and_last",
) -> None:
    """When checkpoints are written and which stay.

    every: 5 epochs, 500 steps or 10 minutes between two; auto: at epoch ends, at most every 5 s, and every 5
    minutes within a long epoch. keep: best_and_last, all, or the number of newest ones.
    """


def _logging(
    *,
    update_ratio_every: Interval | None = "50 steps",  # type: ignore[assignment]
    gradient_norm_every: Interval | None = "50 steps",  # type: ignore[assignment]
    activations_every: Interval | Literal["auto"] | None = "auto",
    dead_units_every: Interval | Literal["auto"] | None = "auto",
    predictions_every: Interval | Literal["auto"] | None = "auto",
    histograms: Annotated[int, Ge(2), Le(20)] | Literal["auto"] | None = "auto",
    train_eval: bool | None = True,
    probes: dict[str, Interval] = {},
    steps_every: Interval | Literal["auto"] | None = "auto",
    tensorboard: bool = False,
) -> None:
    """What is measured while training, and how often.

    update_ratio_every: how far weights move against their size. gradient_norm_every: each layer's gradient
    before clipping. activations_every: mean, deviation, zeros and saturation behind each layer.
    dead_units_every: units that give 0 for all of 256 fixed training rows. predictions_every: how often each
    class is predicted for these rows. The three at auto: in the first step and at the ends of epochs 1 to 8,
    10, 12, 14, 16, 20, 24, 28, 32, 40 and so on. histograms: of activations and gradients; auto: at the ends
    of epochs 1, 2, 3, 4, 6, 8, 12, 16, 24 and so on and of the last one; a number: of so many epochs, evenly
    spread, the first and the last among them. train_eval: at epoch ends loss and metrics of a fixed sample of
    training rows in evaluation mode; a twentieth of the rows, but at least 256 and at most 1,000. probes:
    other probes by name, and how often: {my_probe: 10 steps}. steps_every: rows of steps.jsonl; auto: with
    the ratios. tensorboard: the same numbers as TensorBoard's event files, in the run's folder. `none` turns
    each off; nothing here changes what is learned.
    """


def _lint(*, ignore: list[str] = []) -> None:
    """ignore: codes of advice that is not wanted."""


Training = section(_training)
Checkpoint = section(_checkpoint)
Logging = section(_logging)
Lint = section(_lint)
LayerSettings = section(layer_keys)


def _experiment(
    *,
    name: str = "experiment",
    tags: list[str] = [],
    note: str = "",
    seed: NonNegativeInt = 0,
    plugins: list[str] = [],
    data: Part["data"],
    architecture: Part["architecture"] = "mlp",  # type: ignore[assignment]
    activation: Part["activation"] = "relu",  # type: ignore[assignment]
    initializer: Part["initializer"] | Literal["auto"] = "auto",
    normalization: Part["normalization"] | None = None,
    per_layer: dict[Pattern, LayerSettings] = {},  # type: ignore[valid-type]
    loss: Part["loss"] | Literal["auto"] = "auto",
    metrics: list[Part["metrics"]] | Literal["auto"] = "auto",
    optimizer: Part["optimizer"] = {"name": "adam", "lr": 1e-3},  # type: ignore[assignment]
    schedule: Part["schedule"] = "constant",  # type: ignore[assignment]
    gradient_clipping: Part["gradient_clipping"] | None = None,
    regularizers: PartMap["regularizers"] = {},  # type: ignore[assignment]
    training: Training = {},  # type: ignore[valid-type]
    checkpoint: Checkpoint = {},  # type: ignore[valid-type]
    logging: Logging = {},  # type: ignore[valid-type]
    lint: Lint = {},  # type: ignore[valid-type]
) -> None:
    """One experiment.

    name: of the run's folder, by default the file's. tags, note: free, no difference between runs. seed: of
    weights, order and dropout, never of the split. plugins: Python files with parts. per_layer: patterns of
    layer names to what is different there. initializer auto: he_normal for relu and its family, lecun_normal
    for selu, else glorot_uniform. loss, metrics auto: by the targets.
    """


Experiment = section(_experiment)
ROOT = Slot("section", fields=Experiment.dnnlab_fields)  # type: ignore[attr-defined]
