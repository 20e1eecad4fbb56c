"""The sections of a config: the fields are the keys of the YAML, with their ranges and defaults."""

from __future__ import annotations

from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le

from ..registry import (
    Bound,
    NonNegativeInt,
    Part,
    PartMap,
    Pattern,
    Positive,
    PositiveInt,
    Section,
    yaml_default,
)
from ..registry.kinds import LayerKeys
from .schema_paths import Slot
from .values import CheckpointInterval, Device, Interval

LayerSettings = LayerKeys


class Training(Section):
    """How long and on what a run trains."""

    epochs: PositiveInt = 20
    """passes over the training rows."""
    batch_size: PositiveInt | Literal["full"] = 32
    """rows of a batch; full: all training rows."""
    accumulate: PositiveInt = 1
    """batches whose gradients are summed before an update."""
    monitor: str = "auto"
    """the measure that decides which epoch is best; auto: val_<first metric>, val_loss or train_loss."""
    device: Device = yaml_default("auto")
    """where to compute: auto, cpu, cuda, cuda:1 or mps."""
    precision: Literal["fp32", "tf32", "bf16", "fp16"] = "fp32"
    """the precision of the arithmetic."""
    threads: PositiveInt | Literal["auto"] = "auto"
    """threads of the CPU; auto: one."""
    deterministic: bool = True
    """use only algorithms that repeat bit by bit."""
    compile: bool = False
    """compile the net with torch.compile."""
    max_minutes: Positive | None = None
    """stop after this time."""
    eval_every: PositiveInt = 1
    """epochs between two validations."""


class Checkpoint(Section):
    """When checkpoints are written and which stay."""

    every: CheckpointInterval | Literal["auto"] = "auto"
    """the time between two checkpoints: 5 epochs, 500 steps or 10 minutes; auto: at epoch ends, at most every
    5 s, and every 5 minutes within a long epoch."""
    keep: Literal["best_and_last", "all"] | PositiveInt = "best_and_last"
    """which checkpoints stay: best_and_last, all, or the number of newest ones."""


class Logging(Section):
    """What is measured while training, and how often.

    `none` turns a measurement off. Nothing here changes what is learned.
    """

    update_ratio_every: Interval | None = yaml_default("50 steps")
    """how far weights move in a step, relative to their size."""
    gradient_norm_every: Interval | None = yaml_default("50 steps")
    """the norm of each layer's gradient before clipping."""
    activations_every: Interval | Literal["auto"] | None = "auto"
    """mean, deviation, zeros and saturation after each layer; auto: in the first step and at the ends of
    epochs 1 to 8, 10, 12, 14, 16, 20, 24, 28, 32, 40 and so on."""
    dead_units_every: Interval | Literal["auto"] | None = "auto"
    """units that give 0 for all of 256 fixed training rows; auto: as in activations_every."""
    predictions_every: Interval | Literal["auto"] | None = "auto"
    """how often each class is predicted for 256 fixed training rows; auto: as in activations_every."""
    histograms: Annotated[int, Ge(2), Le(20)] | Literal["auto"] | None = "auto"
    """histograms of activations and gradients; auto: at the ends of epochs 1, 2, 3, 4, 6, 8, 12, 16, 24 and
    so on and of the last epoch; a number: at so many epochs, evenly spread from the first to the last."""
    train_eval: bool | None = True
    """at epoch ends, loss and metrics of a fixed sample of training rows in evaluation mode; a twentieth of
    the rows, but at least 256 and at most 1,000."""
    probes: dict[str, Interval] = yaml_default({})
    """other probes by name, and how often each measures: {my_probe: 10 steps}."""
    steps_every: Interval | Literal["auto"] | None = "auto"
    """how often a row is written to steps.jsonl; auto: together with the update ratios."""
    tensorboard: bool = False
    """write the same numbers as TensorBoard event files into the run's folder."""


class Unfreeze(Section):
    """A moment at which frozen layers begin to learn."""

    at: Interval
    """when: 5 epochs, 500 steps or 30 % of the training."""
    layers: Pattern
    """a pattern over the names of the layers; those of them that are still frozen begin to learn."""
    lr_factor: Positive = 1.0
    """multiplies their learning rate."""


class Reuse(Section):
    """Weights to start from in place of random ones, and which of them learn when.

    What the sources advise, by the rows that there are and by how far the new task is from the old one:

        rows    task      what to do
        few     similar   freeze all; only the new output layer learns
        few     another   take the lower layers alone, by the key layers
        many    similar   take all, and unfreeze from the top at a lower rate
        many    another   take all and let all learn at a lower rate, or none

    Begin with all reused layers frozen and look at the validation score. Then unfreeze the upper one or two
    layers, at a tenth of the rate; more rows allow more. If it stays poor with few rows, drop the top hidden
    layer and begin again; with many rows, add layers in its place. Small dense nets gain little.

    Sources: Geron, Hands-On Machine Learning, ch. 11; Karpathy, CS231n, Transfer learning; Yosinski, Clune,
    Bengio & Lipson 2014, arXiv:1411.1792.
    """

    from_: str
    """a run (a piece of its name, SWEEP/TRIAL, last), the folder of a checkpoint, or a file or folder of
    weights that another tool wrote."""
    weights: Literal["best", "last", "ema", "swa"] = "best"
    """which weights of a run or checkpoint: of its best epoch, of its last step, or an average."""
    layers: Pattern | None = None
    """a pattern over the names of the layers that are taken; none: all that both nets have."""
    map: dict[Pattern, str] = yaml_default({})
    """their names to ours, by patterns over whole names: {"dense_(.*)": "hidden\\1"}; the first that fits
    holds."""
    freeze: Pattern | None = None
    """a pattern over the names of the layers that do not learn; their normalization keeps its statistics."""
    unfreeze: list[Unfreeze] = yaml_default([])
    """when frozen layers begin to learn, in order."""
    layer_decay: Annotated[float, Gt(0), Le(1)] = 1.0
    """multiplies the learning rate once for each layer below the output layer: lower layers learn more
    slowly."""
    cache_frozen: Literal["auto", "memory", "disk"] | None = None
    """whether the outputs of the frozen layers at the input are computed once, with the very same bits.

    memory, disk: there, or refused with the reason; auto: where it is possible; none: never."""


class Lint(Section):
    """Advice that is not wanted."""

    ignore: list[str] = yaml_default([])
    """codes of advice that is not wanted."""


class Experiment(Section):
    """A whole config."""

    name: str = "experiment"
    """The name of the run's folder; by default that of the file."""
    tags: list[str] = yaml_default([])
    """Free words; they make no difference between runs."""
    note: str = ""
    """Free text; it makes no difference between runs."""
    seed: NonNegativeInt = 0
    """The seed of weights, order of rows and dropout, never of the split."""
    plugins: list[str] = yaml_default([])
    """Python files that register parts."""
    data: Annotated[Bound, Part("data")]
    """Which data, and how its rows are split, limited, scaled and augmented."""
    architecture: Annotated[Bound, Part("architecture")] = yaml_default("mlp")
    """What the net is made of."""
    activation: Annotated[Bound, Part("activation")] = yaml_default("relu")
    """The activation of all hidden layers."""
    initializer: Annotated[Bound, Part("initializer")] | Literal["auto"] = "auto"
    """How weights begin; auto: he_normal for relu and its family, lecun_normal for selu, else
    glorot_uniform."""
    normalization: Annotated[Bound, Part("normalization")] | None = None
    """Normalization in all hidden layers."""
    per_layer: dict[Pattern, LayerSettings] = yaml_default({})
    """Patterns of layer names, and what is different in the layers that match."""
    loss: Annotated[Bound, Part("loss")] | Literal["auto"] = "auto"
    """What training minimizes; auto: by the targets."""
    metrics: list[Annotated[Bound, Part("metrics")]] | Literal["auto"] = "auto"
    """What is measured besides the loss; auto: by the targets. The first metric is the monitor."""
    optimizer: Annotated[Bound, Part("optimizer")] = yaml_default({"name": "adam", "lr": 1e-3})
    """How weights move."""
    schedule: Annotated[Bound, Part("schedule")] = yaml_default("constant")
    """How the learning rate changes."""
    gradient_clipping: Annotated[Bound, Part("gradient_clipping")] | None = None
    """A bound for gradients."""
    regularizers: Annotated[dict[str, Bound], PartMap("regularizers")] = yaml_default({})
    """What acts against overfitting: a mapping from names to keys (`dropout: 0.2` sets the first key)."""
    reuse: Reuse | None = None
    """Weights to start from, and which of them learn when."""
    training: Training = yaml_default({})
    """How long and on what a run trains."""
    checkpoint: Checkpoint = yaml_default({})
    """When checkpoints are written and which stay."""
    logging: Logging = yaml_default({})
    """What is measured while training, and how often."""
    lint: Lint = yaml_default({})
    """Advice that is not wanted."""


ROOT = Slot("section", fields=Experiment.yaml_keys)
