"""The whole of `assembly`: a checked config and its data become a `Session`; nothing is on disk yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ..config import Config, counted, target_size
from ..data.prepare.prepared_data import Prepared
from ..data.prepare.shared_files import Ready, noted
from ..data.raw import RawDataset
from ..engine.session import Session
from ..registry import Bound
from .data import placed_data, prepare
from .network.net import Network, build_network, measured_rows
from .reuse.transfer import Reused, reuse_weights
from .training.recipe import Hardware, Objective, agreed_objective, make_recipe, training_hardware


@dataclass
class Built:
    """A session, and what the screen and the run folder report of how it was built."""

    session: Session
    data: Prepared
    """The data without their test split."""
    described: dict[str, Any]
    """The content of data.json, of all splits."""
    data_tensors: dict[str, Tensor]
    """The content of data.safetensors, of all splits."""
    objective: Objective
    initializers: Mapping[str, Bound]
    """Layer -> its initializer."""
    regularizers: Mapping[str, Bound]
    threads: int
    reused: Reused | None = None
    """What the net took over from another training."""

    @property
    def reuse_facts(self) -> dict[str, Any]:
        """The content of reuse.json; {} for a net that begins by itself."""
        if self.reused is None:
            return {}
        phases = self.session.phases
        more = {"unfreeze": [], "cache": None} if phases is None else phases.facts()
        return {**self.reused.json(), **more}

    def advised(self, config: Config) -> Config:
        """The config with the advice that needs the rows of the data."""
        targets = target_size(self.data.names, self.described.get("target_spread"))
        return counted(config, self.session.steps_per_epoch, targets)


def build(
    config: Config,
    raw: RawDataset | None = None,
    threads: int | None = None,
    data: Ready | None = None,
    start: Mapping[str, Tensor] | None = None,
) -> Built:
    """Build everything that a config describes.

    raw: data from Python in place of the config's. threads: those of the run that is resumed. data: the
    config's data, if they are prepared already. start: weights that the run took over when it began, in
    place of those at `config.source`. Raises `ConfigError` and `DataError` whose problems carry their place
    in the file.
    """
    with config.error_places():
        x = config.experiment
        hardware = training_hardware(x, threads)
        found = prepare(config, raw, hardware.device) if data is None else data
        objective, notes = agreed_objective(x, found.data)
        found = noted(found, notes)
        inputs = measured_rows(found.data.train.inputs)
        network = build_network(x, found.data.in_shape, objective.task, inputs=inputs)
        reused = None
        if start is not None:
            network.net.load_state_dict(start, strict=False)
        else:
            reused = reuse_weights(config, network, found.data)
        session = assemble(config, found.data, objective, network, hardware)
        return Built(
            session,
            found.data,
            found.described,
            found.tensors,
            objective,
            network.initializers,
            network.regularizers,
            hardware.threads,
            reused,
        )


def assemble(
    config: Config, data: Prepared, objective: Objective, network: Network, hardware: Hardware
) -> Session:
    """The session around a net that is built. Raises `ConfigError`."""
    device, generator = hardware.device, hardware.generator
    # torch's L-BFGS (the closure) takes each gradient as one row, which channels-last gradients are not.
    images_last = network.takes_images and not config.experiment.optimizer.flag("closure")
    network.to(device, images_last=images_last)
    network.net.train()
    recipe = make_recipe(config, data, objective, network)
    placed = placed_data(config, data, device, generator, images_last=images_last)
    session = Session(
        net=network.net,
        forward=torch.compile(network.net) if config.experiment.training.compile else network.net,
        task=objective.task,
        table=network.table,
        loss=objective.loss,
        metrics=objective.metrics,
        optimizer=recipe.optimizer,
        rates=recipe.rates,
        plan=recipe.plan,
        train=placed.train,
        validation=placed.validation,
        device=device,
        generator=generator,
        augment=placed.augment,
        batch_effects=[*placed.batch_effects, *recipe.effects.batch],
        penalties=recipe.effects.penalty,
        decays=recipe.decays,
        constraints=recipe.effects.constraint,
        averages=recipe.effects.average,
        stopper=recipe.effects.stop,
        clip=recipe.clip,
        probes=recipe.probes,
        probe_needs=recipe.probe_needs,
        closure=recipe.closure,
        autocast=hardware.autocast,
        scaler=hardware.scaler,
        phases=recipe.phases,
    )
    if session.phases is not None:
        session.phases.enter(session, 0)
    return session
