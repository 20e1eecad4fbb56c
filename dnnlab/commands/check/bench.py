"""The test bench of the checks: the data of a config, and fresh nets on demand. Nothing is written."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ...config import Config
from ...config.sections import Experiment, Logging
from ...lazy_torch import torch
from ...registry import Bound, Duration, bind
from ...steps import steps_per_epoch
from .check import shapes

if TYPE_CHECKING:
    from ...assembly.reuse.source import WeightSource
    from ...assembly.training.lr_and_momentum import ScheduledRates
    from ...assembly.training.objective import Objective
    from ...data.prepare.prepared_data import Prepared
    from ...engine.session import Session

STILL: dict[str, Any] = {"unfreeze": [], "cache_frozen": None}  # of reuse: one phase, computed as it is
DECAYS = ("weight_decay", "l1", "l2", "l2_shrinkage")  # keys of optimizers that regularize


@dataclass(frozen=True, eq=False)
class Bench:
    """A config and its data, read once. `session` builds a new net on each call."""

    config: Config
    data: Prepared
    objective: Objective
    device: torch.device

    @property
    def experiment(self) -> Any:
        """The experiment of the config, with its regularizers."""
        return self.config.experiment

    @property
    def rows(self) -> int:
        """Training rows."""
        return len(self.data.train.inputs)

    @cached_property
    def regularizers(self) -> dict[str, Bound]:
        """All regularizers of the config, including those of single layers."""
        from ...assembly.network.per_layer import all_regularizers

        return all_regularizers(self.experiment)

    def sample(self, count: int) -> torch.Tensor:
        """Row numbers of `count` training rows, always the same ones; all rows if there are fewer."""
        from ...nn.seeds import mix

        return torch.randperm(self.rows, generator=torch.Generator().manual_seed(mix(0, "check")))[:count]

    @cached_property
    def source(self) -> WeightSource | None:
        """The weights that the config's net begins with, if they are those of another training."""
        from ...assembly.reuse.source import read_source

        return read_source(self.config)

    def session(
        self, rows: torch.Tensor | None = None, *, seed: int | None = None, effects: Collection[str] = ()
    ) -> Session:
        """A session with a fresh net: constant rate, full batches, no augmentation, no records.

        rows: the training rows to keep, None for all. seed: another one than the config's. effects: which
        regularizers stay.
        """
        from ...assembly.network.net import build_network, measured_rows
        from ...assembly.reuse.transfer import take_over
        from ...assembly.session import assemble
        from ...assembly.training.recipe import Hardware
        from ...data.prepare.prepared_data import SplitRows

        x = plain(self.experiment)
        x = x if seed is None else x.model_copy(update={"seed": seed})
        train = self.data.train
        if rows is not None:
            train = SplitRows(train.inputs[rows], train.targets[rows])
        data = replace(self.data, train=train, validation=None, balance=None)
        kept = {name: bound for name, bound in self.regularizers.items() if bound.flag("effect") in effects}
        inputs = measured_rows(self.data.train.inputs)
        network = build_network(x, data.in_shape, self.objective.task, kept, inputs)
        config = replace(self.config, experiment=x)
        if self.source is not None:
            take_over(config, network, self.data, self.source)
        return assemble(config, data, self.objective, network, Hardware(self.device))

    @cached_property
    def rates(self) -> ScheduledRates:
        """The rates of the whole training, as the config's schedule gives them."""
        from ...assembly.training.lr_and_momentum import build_rates

        x = self.experiment
        return build_rates(
            x.schedule,
            x.optimizer,
            self.config.written("optimizer.lr"),
            self.steps_per_epoch,
            x.training.epochs,
        )

    @property
    def total_steps(self) -> int:
        """Steps of the whole training."""
        return int(self.steps_per_epoch * self.experiment.training.epochs)

    @property
    def steps_per_epoch(self) -> int:
        """Steps of an epoch."""
        training = self.experiment.training
        return steps_per_epoch(self.rows, training.batch_size, training.accumulate)


def open_bench(config: Config) -> Bench:
    """Read the data of a config and build all of it once.

    Raises `DnnlabError` whose problems carry their place in the file.
    """
    from ...engine.runtime import prepare

    prepare()
    from ...assembly.data import load_data
    from ...assembly.training.device import choose_device, set_determinism, set_threads
    from ...assembly.training.objective import plan_objective
    from ...data.prepare.facts import facts_of

    x = config.experiment
    with config.error_places():
        device = choose_device(x.training.device)
        set_threads(x.training.threads, None)
        set_determinism(x.training.deterministic, device)
        data = load_data(config)
        shapes(config, data)
        return Bench(config, data, plan_objective(x, facts_of(data)), device)


def plain(x: Experiment) -> Experiment:
    """The experiment without regularization, weight decay, augmentation and schedule, in full batches.

    Layers that begin to learn later stay frozen.
    """
    decays = {key: 0.0 for key in DECAYS if key in x.optimizer.keys}
    return x.model_copy(
        update={
            "data": replace(x.data, common={**x.data.common, "augment": []}),
            "optimizer": replace(x.optimizer, keys={**x.optimizer.keys, **decays}),
            "schedule": bind("schedule", "constant"),
            "training": x.training.model_copy(
                update={"batch_size": "full", "accumulate": 1, "precision": "fp32", "compile": False}
            ),
            "reuse": None if x.reuse is None else x.reuse.model_copy(update=STILL),
            "logging": silent(x.logging),
        }
    )


def silent(logging: Logging) -> Logging:
    """A row of steps.jsonl for every step, and nothing else."""
    off: dict[str, Any] = {
        key: None for key in type(logging).model_fields if key.endswith("_every") or key == "histograms"
    }
    off |= {"probes": {}, "steps_every": Duration.parse("1 steps")}
    off |= {key: False for key in ("train_eval", "tensorboard") if key in type(logging).model_fields}
    return logging.model_copy(update=off)
