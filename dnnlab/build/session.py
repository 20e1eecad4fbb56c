"""The whole of `build`: a checked config and the data become a `Session`; nothing is on disk yet."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from ..engine.plan import steps_per_epoch
from ..engine.session import Part, Session
from ..errors import ConfigError, DnnlabError, Problem
from ..nn.layers import Conv
from ..nn.raw import Raw
from ..nn.seeds import generator_for
from ..nn.table import ParameterTable
from ..registry import Bound, bind
from .blame import under
from .choices import REGULARIZER_KEYS, Choice, Choices
from .data import prepare
from .device import autocast_for, choose_device, set_determinism, set_threads
from .facts import Facts, facts_described, facts_of
from .groups import parameter_groups
from .net import Blueprint, build_net, initialize, on_table
from .objective import Objective, choose_loss, make_objective, make_task
from .plan import make_plan, probes_of
from .prepared import Prepared
from .rates import build_rates


class Config(Protocol):
    """What build reads of a config; the object itself ends here."""

    @property
    def experiment(self) -> Any: ...
    def folder_of(self, address: str) -> Path: ...
    def written(self, address: str) -> bool: ...
    def locate(self, problem: Problem) -> Problem: ...


@dataclass
class Built:
    """A session and what the screen and the run folder say of how it came to be.

    data: without its test part. described, data_tensors: what data.json and data.safetensors hold, of all parts.
    """

    session: Session
    data: Prepared
    described: dict[str, Any]
    data_tensors: dict[str, Tensor]
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
    described, tensors = data.to_json(), data.tensors()
    data = replace(data, test=None)  # training never looks at it, so its memory is free
    regularizers = all_regularizers(x.regularizers, x.per_layer)
    facts = facts_of(data)
    objective = plan_objective(x, facts)
    check_effects(regularizers, objective)
    blueprint = blueprint_of(x, regularizers)
    table = build_net(blueprint, data.in_shape, objective.task)
    # Evaluation's 256 rows are enough for the initializers that look at data.
    initializers = initialize(table, blueprint, data.train[0][:256])
    session = assemble(config, data, objective, table, regularizers, device)
    session.autocast = autocast
    if x.training.precision == "fp16":
        session.scaler = torch.amp.GradScaler(device.type)
    if x.training.compile:
        session.forward = torch.compile(session.net)
    return Built(session, data, described, tensors, objective, initializers, used_threads, regularizers)


def load_data(config: Config, raw: Raw | None) -> Prepared:
    """Read, split and scale the data. Raises `DataError` and `ConfigError` below `data`."""
    bound = config.experiment.data
    # A path belongs to the file or the shell that named it, which need not be the one that chose the set.
    named = next((f"data.{key}" for key in ("path", "root", "x") if key in bound.keys), "data")
    with under("data"):
        return prepare(raw if raw is not None else bound(config.folder_of(named)), bound)


def plan_objective(x: Any, facts: Facts) -> Objective:
    """Task, loss, metrics and monitor of an experiment."""
    copies = x.architecture.flag("target") == "input"
    target, classes, width = ("real", 0, math.prod(facts.in_shape)) if copies else (facts.target, facts.classes, facts.width)
    loss = choose_loss(x.loss, target, classes)
    task = make_task(loss, target, classes, width, () if copies else facts.names, None if copies else facts.scaling)
    averages = [name for name, bound in x.regularizers.items() if bound.flag("effect") == "average"]
    return make_objective(task, loss, x.metrics, x.training.monitor, facts.validated, copies, averages)


def blueprint_of(x: Any, regularizers: dict[str, Bound]) -> Blueprint:
    """What the net is made from."""
    default = Choice(x.activation, None if x.initializer == "auto" else x.initializer, x.normalization)
    return Blueprint(x.architecture, default, x.per_layer, regularizers, frozenset(x.regularizers), x.seed)


def rebuild_net(config: Config, described: Mapping[str, Any]) -> nn.Module:
    """The net of a run without its data. described: the content of data.json. The weights are not set."""
    x = config.experiment
    facts = facts_described(described)
    net = build_net(blueprint_of(x, all_regularizers(x.regularizers, x.per_layer)), facts.in_shape, plan_objective(x, facts).task).net
    assert net is not None
    return net


def all_regularizers(regularizers: dict[str, Bound], per_layer: Any) -> dict[str, Bound]:
    """Those of the config and those that only `per_layer` names, in the order of their names: it fixes the order of their effects."""
    named = {key for settings in per_layer.values() for key in REGULARIZER_KEYS if key in settings.model_fields_set}
    more = {key: bind("regularizers", key) for key in named - set(regularizers)}
    return dict(sorted({**regularizers, **more}.items()))


def check_effects(regularizers: dict[str, Bound], objective: Objective) -> None:
    """Refuse batch effects that make targets which the loss cannot take."""
    if objective.task.target != "index" or "soft" in objective.loss_part.flag("targets"):
        return
    for name, bound in regularizers.items():
        if bound.flag("makes") == "soft":
            text = f"{name} makes soft targets; {objective.loss_part.name} needs one class a row"
            raise ConfigError(
                Problem(text, "expected a loss for soft targets", "loss: cross_entropy", f"regularizers.{name}", code="soft_targets")
            )


def augmentations(data_part: Bound, in_shape: tuple[int, ...]) -> list[Any]:
    """The functions of `data.augment`. Raises `ConfigError` when the inputs are no images."""
    chosen: list[Bound] = data_part.common["augment"]
    if chosen and len(in_shape) != 3:
        text = f"{chosen[0].name} changes images; a row of {data_part.name} is {in_shape[0]} numbers"
        raise ConfigError(Problem(text, "expected images", "remove data.augment", "data.augment", code="no_images"))
    return [bound() for bound in chosen]


def to_part(tensors: tuple[Tensor, Tensor], target: str, device: torch.device, images_last: bool) -> Part:
    """A part of the data on the device. target "input": the inputs themselves, flattened, are what is to be learned."""
    inputs, targets = (t.to(device) for t in tensors)
    if target == "input":
        targets = inputs.flatten(1)
    if images_last:
        inputs = inputs.contiguous(memory_format=torch.channels_last)
    return Part(inputs, targets)


def balanced(part: Part, data: Prepared) -> Part:
    """The training part with the weights of its rows, or with what an epoch draws them by, where the classes are to be balanced."""
    weights = data.row_weights
    if weights is None:
        return part
    return replace(part, sampling=weights) if data.balance == "sampling" else replace(part, weights=weights.to(part.inputs.device))


def make_optimizer(optimizer: Bound, groups: list[dict[str, Any]]) -> Any:
    """The optimizer on its groups; its errors name its place."""
    with under("optimizer"):
        return optimizer(groups)


def assemble(
    config: Config, data: Prepared, objective: Objective, table: ParameterTable, regularizers: dict[str, Bound], device: torch.device
) -> Session:
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
    groups = parameter_groups(table, x.optimizer, Choices(Choice(x.activation, None, None), x.per_layer))
    effect = {
        name: [on_table(b, table) for b in regularizers.values() if b.flag("effect") == name]
        for name in ("batch", "penalty", "constraint", "average", "stop")
    }
    probes = [bound for bound, _ in probes_of(x.logging)]
    target = x.architecture.flag("target")
    return Session(
        net=net,
        forward=net,
        task=objective.task,
        table=table,
        loss=objective.loss,
        metrics=objective.metrics,
        optimizer=make_optimizer(x.optimizer, groups),
        rates=build_rates(x.schedule, x.optimizer, config.written("optimizer.lr"), per_epoch, plan.epochs),
        plan=plan,
        train=balanced(to_part(data.train, target, device, images_last), data),
        validation=None if data.validation is None else to_part(data.validation, target, device, images_last),
        device=device,
        generator=generator_for(device),
        augment=augmentations(x.data, data.in_shape),
        batch_effects=effect["batch"],
        penalties=effect["penalty"],
        constraints=effect["constraint"],
        averages=effect["average"],
        stopper=next(iter(effect["stop"]), None),
        clip=None if x.gradient_clipping is None else x.gradient_clipping(),
        probes={bound.flag("file"): bound() for bound in probes},
        probe_needs=frozenset[str]().union(*(bound.flag("needs") for bound in probes)),
        closure=x.optimizer.flag("closure"),
    )
