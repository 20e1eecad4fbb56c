"""The whole of `build`: a checked config and the data become a `Session`; nothing is on disk yet."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from ..engine.session import Part, Plan, Progress, Session, steps_per_epoch
from ..errors import ConfigError, DnnlabError, Problem
from ..nn.batch import Task
from ..nn.layers import Conv
from ..nn.raw import Raw
from ..nn.seeds import generator_for
from ..nn.table import ParameterTable
from ..registry import Bound, Duration, bind
from .choices import REGULARIZER_KEYS, Choice
from .data import Prepared, prepare
from .device import autocast_for, choose_device, set_determinism, set_threads
from .groups import parameter_groups
from .net import Blueprint, build_net, initialize
from .objective import Objective, choose_loss, make_objective, make_task, outputs_of
from .rates import Rates, build_rates


class Config(Protocol):
    """What build reads of a config; the object itself ends here."""

    @property
    def experiment(self) -> Any: ...
    def folder_of(self, address: str) -> Path: ...
    def written(self, address: str) -> bool: ...
    def locate(self, problem: Problem) -> Problem: ...


@dataclass
class Built:
    """A session and what the screen and the run folder say of how it came to be."""

    session: Session
    data: Prepared
    objective: Objective
    initializers: dict[str, Bound]
    threads: int
    regularizers: dict[str, Bound] = field(default_factory=dict)


def build(config: Config, raw: Raw | None = None, threads: int | None = None) -> Built:
    """Build everything that a config describes.

    raw: data that comes from Python instead of `data`. threads: those recorded with a run that is resumed.
    Raises `ConfigError` and `DataError` whose problems carry their place in the file.
    """
    try:
        return _build(config, raw, threads)
    except DnnlabError as error:
        raise error.located(config.locate(p) for p in error.problems) from error.__cause__


def _build(config: Config, raw: Raw | None, threads: int | None) -> Built:
    x = config.experiment
    device = choose_device(x.training.device)
    autocast = autocast_for(x.training.precision, device)
    used_threads = set_threads(x.training.threads, threads)
    set_determinism(x.training.deterministic, device)
    data = load_data(config, raw)
    regularizers = with_per_layer(x.regularizers, x.per_layer)
    objective = plan_objective(x, data)
    check_effects(regularizers, objective, x.loss)
    blueprint = Blueprint(x.architecture, Choice(x.activation, _named(x.initializer), x.normalization), x.per_layer, regularizers, x.seed)
    table = build_net(blueprint, data.in_shape, objective.task)
    # Evaluation's 256 rows are enough for the initializers that look at data.
    initializers = initialize(table, blueprint, data.train[0][:256])
    session = assemble(config, data, objective, table, regularizers, device)
    session.autocast = autocast
    if x.training.precision == "fp16":
        session.scaler = torch.amp.GradScaler(device.type)
    if x.training.compile:
        session.forward = torch.compile(session.net)
    return Built(session, data, objective, initializers, used_threads, regularizers)


def load_data(config: Config, raw: Raw | None) -> Prepared:
    """Read, split and scale the data. Raises `DataError` and `ConfigError` below `data`."""
    bound = config.experiment.data
    try:
        return prepare(raw if raw is not None else bound(config.folder_of("data")), bound)
    except DnnlabError as error:
        raise error.located(p if p.path.startswith("data") else p.under("data") for p in error.problems) from None


def plan_objective(x: Any, data: Prepared) -> Objective:
    """Task, loss, metrics and monitor of an experiment."""
    copies = x.architecture.flag("target") == "input"
    target, classes, width = ("real", 0, outputs_of(data.in_shape)) if copies else (data.target, data.classes, data.target_width)
    loss = choose_loss(x.loss, target, classes)
    task = make_task(loss, target, classes, width, () if copies else data.names)
    return make_objective(task, loss, x.metrics, x.training.monitor, data.validation is not None, copies)


def with_per_layer(regularizers: dict[str, Bound], per_layer: Any) -> dict[str, Bound]:
    """The regularizers in the order of their names, which fixes the order of their effects whatever the file's."""
    return dict(sorted(regularizers.items()))


def per_layer_only(regularizers: dict[str, Bound], per_layer: Any) -> dict[str, Bound]:
    """Regularizers that only `per_layer` names; they act where it says."""
    named = {key for settings in per_layer.values() for key in REGULARIZER_KEYS if key in settings.model_fields_set}
    return {key: bind("regularizers", key) for key in sorted(named - set(regularizers))}


def check_effects(regularizers: dict[str, Bound], objective: Objective, loss: Bound | str) -> None:
    """Refuse batch effects that make targets which the loss cannot take."""
    chosen = choose_loss(loss, objective.task.target, objective.task.classes)
    for name, bound in regularizers.items():
        if bound.flag("effect") != "batch" or bound.flag("makes") != "soft":
            continue
        if objective.task.target == "index" and "soft" not in chosen.flag("targets"):
            text = f"{name} makes soft targets; {chosen.name} needs one class a row"
            raise ConfigError(Problem(text, "a loss for soft targets", "loss: cross_entropy", f"regularizers.{name}", code="soft_targets"))


def assemble(config: Config, data: Prepared, objective: Objective, table: ParameterTable, regularizers: dict[str, Bound], device: torch.device) -> Session:
    """The session around a net that is ready."""
    x = config.experiment
    assert table.net is not None
    images_last = any(isinstance(m, Conv) for m in table.net.modules())
    net = table.net.to(device)
    if images_last:
        net = net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    net.train()
    plan = make_plan(x, len(data.train[0]), objective)
    per_epoch = steps_per_epoch(len(data.train[0]), plan.batch_size * plan.accumulate)
    groups = parameter_groups(table, config.experiment, net)
    effects = {e: {n: b(table) for n, b in regularizers.items() if b.flag("effect") == e} for e in ("batch", "penalty", "constraint", "average", "stop")}
    probes = make_probes(x)
    return Session(
        net=net,
        forward=net,
        task=objective.task,
        table=table,
        loss=objective.loss,
        metrics=objective.metrics,
        optimizer=x.optimizer(groups),
        rates=make_rates(config, per_epoch),
        plan=plan,
        train=to_part(data.train, objective, x, device, images_last),
        validation=None if data.validation is None else to_part(data.validation, objective, x, device, images_last),
        device=device,
        generator=generator_for(device),
        augment=[b() for b in augmentations(x, data)],
        batch_effects=list(effects["batch"].values()),
        penalties=list(effects["penalty"].values()),
        constraints=list(effects["constraint"].values()),
        averages=list(effects["average"].values()),
        stopper=next(iter(effects["stop"].values()), None),
        clip=None if x.gradient_clipping is None else x.gradient_clipping(),
        probes={bound.flag("file"): bound() for bound in probes},
        probe_needs=frozenset().union(*(bound.flag("needs") for bound in probes)),
        closure=x.optimizer.flag("closure"),
        progress=Progress(),
    )
