"""`check --static`: reads the data and infers the shapes without torch, which takes seconds to import."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

from ...assembly.network.conv_shapes import times
from ...assembly.network.per_layer import all_regularizers, check_patterns
from ...assembly.network.shape_inference import outline_net
from ...assembly.network.without_torch import NeedsTorchError, needing_torch, tried, without_torch
from ...assembly.training.checks import check_acting, check_monitor
from ...assembly.training.lr_and_momentum import build_rates
from ...assembly.training.objective import Objective, check_effects, plan_objective
from ...assembly.training.plan import make_plan
from ...assembly.training.stages import unfreezing_stages
from ...config import Config
from ...config.target_size import TargetSize, target_size
from ...data.augment.shape_checks import check_augment_shapes
from ...data.prepare.choose_rows import Chosen, choose_rows, read_raw
from ...errors import DnnlabError, error_path
from ...nn.parameter_table import ParameterTable
from ...registry import Bound
from .result import Check, failed


@dataclass(frozen=True)
class Counted:
    """What is known once the rows are counted."""

    rows: int
    """Training rows."""
    targets: TargetSize | None
    """The size of real targets."""


def outlined_checks(config: Config) -> Generator[Check, None, Counted | None]:
    """`data` and `shapes` as far as they can be known without torch.

    Returns what the rows of the training part tell, None if there are none.

    Raises `NeedsTorchError`, before anything was yielded, where they cannot: a device or precision other than
    the plain ones, data or layers that a part makes with torch itself.
    """
    training = config.experiment.training
    if training.device not in ("auto", "cpu") or training.precision != "fp32":
        raise NeedsTorchError
    try:
        data = read_rows(config)
    except DnnlabError as error:
        yield failed("data", error, "rows that can be trained on")
        yield Check("shapes", None, "not looked at: the data come first")
        return None
    try:
        shapes = Check("shapes", True, walk(config, data))
    except DnnlabError as error:
        shapes = failed("shapes", error, "parts that fit each other and the data")
    yield Check(
        "data", True, data.header(), "", "; ".join(note for note in (data.raw.note, data.filled) if note)
    )
    yield shapes
    return Counted(data.counts()["train"], target_size(data.raw.names, data.target_spread()))


def read_rows(config: Config) -> Chosen:
    """The rows of a config's data, split but not scaled; errors carry their place in the file."""
    bound = config.experiment.data
    with config.error_places(), needing_torch(), error_path("data"):
        chosen = choose_rows(read_raw(bound, config.folder_of), bound)
        check_augment_shapes(bound.common["augment"], tuple(chosen.raw.train[0].shape[1:]), bound.name)
        return chosen


def check_batch_effects(
    regularizers: dict[str, Bound], objective: Objective, in_shape: tuple[int, ...]
) -> None:
    """What those that change batches refuse; they ask no more than the task and the shape of a row."""
    table = ParameterTable(objective.task, in_shape=in_shape)
    for name, bound in regularizers.items():
        if bound.flag("effect") == "batch":
            with error_path(f"regularizers.{name}"):
                tried(bound, table)


def walk(config: Config, data: Chosen) -> str:
    """The net in words.

    Raises what `build` would raise for its shapes, loss, metrics, batches and schedule.
    """
    x = config.experiment
    with config.error_places(), without_torch():
        facts = data.facts()
        objective = plan_objective(x, facts)
        regularizers = all_regularizers(x)
        check_effects(regularizers, objective)
        net = outline_net(x, regularizers, facts.in_shape, objective.task.outputs)
        check_batch_effects(regularizers, objective, facts.in_shape)
        rows = data.counts()["train"]
        check_acting(x, rows)
        check_monitor(objective, data.class_counts(), data.raw.names)
        plan = make_plan(x, rows, objective)
        unfreezing_stages(x, net.choices, net.learning, plan)
        if x.reuse is not None and x.reuse.layers is not None:
            check_patterns([(x.reuse.layers, "reuse.layers")], [*net.learning])
        with error_path("optimizer"):
            tried(
                x.optimizer,
                [
                    {
                        "params": [],
                        "names": [],
                        "lr_factor": 1.0,
                        "weight_decay": 0.0,
                        "role": "all",
                        "matrix": True,
                    }
                ],
            )
        build_rates(
            x.schedule, x.optimizer, config.written("optimizer.lr"), plan.steps_per_epoch, plan.epochs
        )
    count = f"{len(net.layers)} layer{'s' if len(net.layers) != 1 else ''} with {net.weights:,} weights"
    shape = times(facts.in_shape)
    goal = f"{objective.loss_part.name}, monitor {objective.monitor}"
    return f"{shape} to {objective.task.outputs}; {count}; {goal}"
