"""The data of a training: `prepare` reads, splits and scales them, `placed_data` puts them on the device."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ..config import Config
from ..data.augment.pipeline import augmentations, copied_too
from ..data.prepare.choose_rows import read_raw
from ..data.prepare.pipeline import prepare as prepare_raw
from ..data.prepare.prepared_data import Prepared, SplitRows
from ..data.prepare.shared_files import Ready, ready
from ..data.raw import RawDataset
from ..engine.split import Split
from ..errors import error_path
from ..nn.batch import Batch


@dataclass(frozen=True)
class PlacedData:
    """The data on the device, and what changes their batches before they reach the net."""

    train: Split
    validation: Split | None
    augment: Sequence[Callable[[Tensor], Tensor]]
    """Augmentations of the inputs alone."""
    batch_effects: Sequence[Callable[[Batch], Batch]]
    """Augmentations of inputs and targets together, for a net that learns its own inputs."""


def prepare(config: Config, raw: RawDataset | None = None, device: torch.device | None = None) -> Ready:
    """The data of a config as a training wants them: without the test split, which is only described.

    raw: data from Python in place of the config's. Raises `DataError` and `ConfigError` below `data`.
    """
    return ready(load_data(config, raw, device))


def load_data(config: Config, raw: RawDataset | None = None, device: torch.device | None = None) -> Prepared:
    """Read, split and scale the data, with all splits. device: where they must fit, by default the CPU.

    Raises `DataError` and `ConfigError` below `data`.
    """
    bound = config.experiment.data
    with error_path("data"):
        return prepare_raw(raw if raw is not None else read_raw(bound, config.folder_of), bound, device)


def placed_data(
    config: Config, data: Prepared, device: torch.device, generator: torch.Generator, *, images_last: bool
) -> PlacedData:
    """The training and validation split on the device, with balancing and augmentation."""
    target = config.experiment.architecture.flag("target")
    augment = augmentations(config.experiment.data.common["augment"], data, device)
    both = copied_too(augment, target, generator)
    return PlacedData(
        train=_balanced(to_split(data.train, target, device, images_last=images_last), data),
        validation=None
        if data.validation is None
        else to_split(data.validation, target, device, images_last=images_last),
        augment=() if both else augment,
        batch_effects=both,
    )


def to_split(rows: SplitRows, target: str, device: torch.device, *, images_last: bool) -> Split:
    """A split on the device. target "input": the net learns to give back its inputs, flattened."""
    if not isinstance(rows.inputs, Tensor):
        stream = rows.inputs.to(device, images_last=images_last)
        return Split(stream, None if target == "input" else rows.targets.to(device))
    inputs = rows.inputs.to(device)
    targets = inputs.flatten(1) if target == "input" else rows.targets.to(device)
    if images_last:
        inputs = inputs.contiguous(memory_format=torch.channels_last)
    return Split(inputs, targets)


def _balanced(train: Split, data: Prepared) -> Split:
    """The training split with weights or sampling proportions of its rows, if the config balances classes."""
    weights = data.row_weights
    if weights is None:
        return train
    if data.balance == "sampling":
        return replace(train, sampling=weights)
    return replace(train, weights=weights.to(train.device))
