"""The whole of `build`: a checked config and the data become a `Session`; nothing is on disk yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from inspect import signature
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from ..data.augment.pipeline import augmentations, copied_too
from ..data.prepare.choose_rows import read_raw
from ..data.prepare.facts import facts_described, facts_of
from ..data.prepare.pipeline import prepare
from ..data.prepare.prepared_data import Prepared
from ..data.prepare.shared_files import Ready, noted, ready
from ..data.raw import Raw
from ..data.storage.row_stream import Streamed
from ..engine.plan import steps_per_epoch
from ..engine.session import Clipping, Part, Session
from ..errors import DnnlabError, Problem, error_path
from ..nn.layers.linear_maps import Conv
from ..nn.parameter_table import ParameterTable
from ..nn.regularizers.penalty import with_slopes
from ..nn.seeds import generator_for
from ..registry import Bound
from .network.net import Blueprint, build_net, initialize, on_table
from .network.per_layer import Choices, default_choice
from .training.acting import check_acting
from .training.checks import check_monitor, counted, measuring_notes
from .training.device import autocast_for, choose_device, set_determinism, set_threads
from .training.lr_and_momentum import build_rates
from .training.objective import Objective, all_regularizers, check_effects, plan_objective
from .training.one_row import check_single_rows
from .training.parameter_groups import parameter_groups
from .training.plan import check_tensorboard, make_plan, probes_of
from .training.weight_decay import handed_over, with_decays


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

    data: without its test part. described, data_tensors: what data.json and data.safetensors hold, of all
    parts.
    """

    session: Session
    data: Prepared
    described: dict[str, Any]
    data_tensors: dict[str, Tensor]
    objective: Objective
    initializers: dict[str, Bound]
    threads: int
    regularizers: dict[str, Bound] = field(default_factory=dict)


def build(
    config: Config, raw: Raw | None = None, threads: int | None = None, data: Ready | None = None
) -> Built:
    """Build everything that a config describes.

    raw: data that comes from Python instead of `data`. threads: those recorded with a run that is resumed.
    data: those of the config, prepared before. Raises `ConfigError` and `DataError` whose problems carry
    their place in the file.
    """
    try:
        return _build(config, raw, threads, data)
    except DnnlabError as error:
        raise error.located(config.locate(p) for p in error.problems) from error.__cause__


def _build(config: Config, raw: Raw | None, threads: int | None, prepared: Ready | None) -> Built:
    x = config.experiment
    check_tensorboard(x.logging)
    device = choose_device(x.training.device)
    autocast = autocast_for(x.training.precision, device)
    used_threads = set_threads(x.training.threads, threads)
    set_determinism(x.training.deterministic, device)
    found = ready(load_data(config, raw, device)) if prepared is None else prepared
    regularizers = all_regularizers(x)
    objective = plan_objective(x, facts_of(found.data))
    check_together(x, found.data, regularizers, objective)
    found = noted(found, measuring_notes(objective, counted(found.data), found.data.names))
    data = found.data
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
    return Built(
        session, data, found.described, found.tensors, objective, initializers, used_threads, regularizers
    )


def check_together(x: Any, data: Prepared, regularizers: dict[str, Bound], objective: Objective) -> None:
    """Refuse what could not act, or not be measured, on these data. Raises `ConfigError`."""
    check_effects(regularizers, objective)
    check_acting(x, len(data.train.inputs))
    check_monitor(objective, counted(data), data.names)


def load_data(config: Config, raw: Raw | None, device: torch.device | None = None) -> Prepared:
    """Read, split and scale the data. device: where they are to fit, by default the CPU.

    Raises `DataError`, `ConfigError` below `data`.
    """
    bound = config.experiment.data
    with error_path("data"):
        return prepare(raw if raw is not None else read_raw(bound, config.folder_of), bound, device)


def blueprint_of(x: Any, regularizers: dict[str, Bound]) -> Blueprint:
    """What the net is made from."""
    return Blueprint(
        x.architecture, default_choice(x), x.per_layer, regularizers, frozenset(x.regularizers), x.seed
    )


def rebuild_net(config: Config, described: Mapping[str, Any]) -> nn.Module:
    """The net of a run without its data. described: the content of data.json. The weights are not set."""
    x = config.experiment
    facts = facts_described(described)
    net = build_net(blueprint_of(x, all_regularizers(x)), facts.in_shape, plan_objective(x, facts).task).net
    assert net is not None
    return net


def to_part(
    rows: tuple[Tensor | Streamed, Tensor], target: str, device: torch.device, images_last: bool
) -> Part:
    """A part of the data on the device. target "input": the inputs themselves, flattened, are what is to be learned."""
    if isinstance(rows[0], Streamed):
        return Part(
            rows[0].to(device, images_last=images_last), None if target == "input" else rows[1].to(device)
        )
    inputs, targets = rows[0].to(device), rows[1].to(device)
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
    return (
        replace(part, sampling=weights)
        if data.balance == "sampling"
        else replace(part, weights=weights.to(part.inputs.device))
    )


def make_optimizer(optimizer: Bound, groups: list[dict[str, Any]]) -> Any:
    """The optimizer on its groups; its errors name its place."""
    with error_path("optimizer"):
        return optimizer(groups)


def make_clipping(clipping: Bound, table: ParameterTable) -> Clipping:
    """The clipping; one that goes by units gets the table.

    Its errors name its place. One without the key `measure` always measures.
    """
    with error_path("gradient_clipping"):
        clip = clipping(table) if clipping.flag("needs_table") else clipping()
    return clip if "measure" in signature(clip).parameters else lambda params, *, measure: clip(params)


def tail_of(averages: list[Any]) -> tuple[float, float] | None:
    """(step, rate) of an average that keeps the learning rate constant from that step on."""
    return next((tail for average in averages if (tail := getattr(average, "tail", None)) is not None), None)


def assemble(
    config: Config,
    data: Prepared,
    objective: Objective,
    table: ParameterTable,
    regularizers: dict[str, Bound],
    device: torch.device,
) -> Session:
    """The session around a net that is ready."""
    x = config.experiment
    assert table.net is not None
    # torch's L-BFGS (the closure) takes each gradient as one row, which channels-last ones are not.
    images_last = any(isinstance(m, Conv) for m in table.net.modules()) and not x.optimizer.flag("closure")
    net = table.net.to(device)
    if images_last:
        net = net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    net.train()
    plan = make_plan(x, len(data.train[0]), objective)
    check_single_rows(net, data.train[0], plan.batch_size)
    per_epoch = steps_per_epoch(len(data.train[0]), plan.batch_size * plan.accumulate)
    table.steps_per_epoch, table.total_steps = per_epoch, per_epoch * plan.epochs
    groups = parameter_groups(table, x.optimizer, Choices(default_choice(x), x.per_layer, table.own))
    effect = {
        name: [on_table(b, table) for b in regularizers.values() if b.flag("effect") == name]
        for name in ("batch", "penalty", "constraint", "average", "stop")
    }
    decays = handed_over(effect["penalty"], x.optimizer, x.gradient_clipping)
    probes = [bound for bound, _ in probes_of(x.logging, objective.task.target)]
    target, generator = x.architecture.flag("target"), generator_for(device)
    augment = augmentations(x.data.common["augment"], data, device)
    both = copied_too(augment, target, generator)
    return Session(
        net=net,
        forward=net,
        task=objective.task,
        table=table,
        loss=objective.loss,
        metrics=objective.metrics,
        optimizer=make_optimizer(x.optimizer, with_decays(groups, decays)),
        rates=build_rates(
            x.schedule,
            x.optimizer,
            config.written("optimizer.lr"),
            per_epoch,
            plan.epochs,
            tail_of(effect["average"]),
        ),
        plan=plan,
        train=balanced(to_part(data.train, target, device, images_last), data),
        validation=None if data.validation is None else to_part(data.validation, target, device, images_last),
        device=device,
        generator=generator,
        augment=[] if both else augment,
        batch_effects=[*both, *effect["batch"]],
        penalties=[with_slopes(penalty) for penalty in effect["penalty"]],
        decays=decays,
        constraints=effect["constraint"],
        averages=effect["average"],
        stopper=next(iter(effect["stop"]), None),
        clip=None if x.gradient_clipping is None else make_clipping(x.gradient_clipping, table),
        probes={bound.flag("file"): bound() for bound in probes},
        probe_needs={bound.flag("file"): bound.flag("needs") for bound in probes},
        closure=x.optimizer.flag("closure"),
    )
