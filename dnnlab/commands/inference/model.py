"""The net of a run on a device, rebuilt from the run folder with the weights that the user wants."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any, TypedDict

import numpy as np
import torch
from torch import nn

from ...assembly.rebuilt_net import rebuild_net
from ...assembly.training.device import autocast_for, choose_device, set_determinism, set_threads
from ...assembly.training.objective import Objective
from ...config import Config
from ...errors import ConfigError, Problem, RunError, UsageError
from ...registry import close_key
from ...rundir.run_record import RunRecord
from ...rundir.weights import moment, newest_checkpoint, notes_on, weights
from ..load_config import load_run_config
from ..train.resume import check_config


@dataclass
class Model:
    """The net of a run, ready to answer."""

    net: nn.Module
    """The net in evaluation mode on `device`."""
    config: Config
    """The config of the run."""
    described: Mapping[str, Any]
    """The content of data.json."""
    objective: Objective
    """The loss, the metrics and the task."""
    device: torch.device
    """The device that answers."""
    autocast: Callable[[], AbstractContextManager[Any]]
    """The context of the precision."""
    images_last: bool
    """Whether the net wants its images channels-last."""
    copies: bool
    """Whether the net learns its own inputs."""
    epoch: int
    """The epoch of the weights."""
    step: int | None
    """The step of the weights; None if only the epoch is known."""
    notes: list[str]
    """What the user should know."""

    @property
    def probabilities(self) -> bool:
        """Whether sigmoid or softmax of the outputs are probabilities.

        They are if the loss is a likelihood, which can take shares as targets.
        """
        return "soft" in self.objective.loss_part.flag("targets")


class ModelOptions(TypedDict, total=False):
    """Options of `load_model` that commands pass on."""

    device: str | None
    trust_plugins: bool


def load_model(
    run: RunRecord, which: str = "best", device: str | None = None, *, trust_plugins: bool = False
) -> Model:
    """The net of a run with the weights called `which`.

    device: a word of training.device instead of the run's own.
    Raises `RunError` (no weights, damage, a plugin that is not trusted) and `UsageError` (a device that is
    not there).
    """
    loaded = newest_checkpoint(run)
    state = weights(run.name, loaded.checkpoint, which)
    config = load_run_config(run, trust_plugins=trust_plugins)
    check_config(run, config, None)
    config, place = on_device(run, config, device, trust_plugins)
    described = run.data.content
    if not described:
        raise damaged(
            run,
            next((words for words in run.problems if words.startswith("data.json")), "data.json is empty"),
        )
    training = config.experiment.training
    autocast = autocast_for(usable_precision(training.precision, place), place)
    set_threads(training.threads, run.threads)
    set_determinism(training.deterministic, place)
    try:
        rebuilt = rebuild_net(config, described)
        network = rebuilt.network
        network.net.load_state_dict(state)
    except (
        KeyError,
        TypeError,
        ValueError,
        RuntimeError,
    ) as error:  # whole files that do not belong together
        raise damaged(
            run, f"its config, data.json and weights do not fit together ({str(error).splitlines()[0]})"
        ) from error
    images_last = network.takes_images
    network.to(place, images_last=images_last)
    copies = config.experiment.architecture.flag("target") == "input"
    epoch, step = moment(loaded.checkpoint, which)
    notes = notes_on(run, loaded, which)
    return Model(
        network.net.eval(),
        config,
        described,
        rebuilt.objective,
        place,
        autocast,
        images_last,
        copies,
        epoch,
        step,
        notes,
    )


def on_device(
    run: RunRecord, config: Config, device: str | None, trust_plugins: bool
) -> tuple[Config, torch.device]:
    """The config with another device if one is asked for, and the device.

    Raises `UsageError` if it is not there.
    """
    try:
        if device is not None:
            config = load_run_config(run, [f"training.device={device}"], trust_plugins=trust_plugins)
        return config, choose_device(config.experiment.training.device)
    except ConfigError as error:
        raise UsageError(
            *(replace(p, path="--device" if device else p.path, fix="--device cpu") for p in error.problems)
        ) from None


def check_word(option: str, word: str, known: Sequence[str], *, code: str = "unknown_word") -> None:
    """Raise `UsageError` for a word that an option does not know."""
    if word not in known:
        close = close_key(word, list(known))
        fix = f"did you mean {close}?" if close else ""
        received, expected = f"received --{option} {word}", f"expected one of {', '.join(known)}"
        raise UsageError(Problem(received, expected, fix, code=code))


def usable_precision(word: str, device: torch.device) -> str:
    """The run's precision, or fp32 if the device lacks it: a net from a GPU must answer on a laptop."""
    unfit = (word == "fp16" and device.type == "cpu") or (word == "tf32" and device.type != "cuda")
    return "fp32" if unfit else word


def damaged(run: RunRecord, what: str) -> RunError:
    """The error for a folder that cannot be used."""
    return RunError(
        Problem(
            f"{run.name}: {what}",
            "expected a whole run folder",
            f"`dnnlab repair {run.name}`, train again, or take another run",
            code="damaged",
        )
    )


def finite(outputs: np.ndarray) -> np.ndarray:
    """The outputs (rows, outputs) themselves.

    Raises `RunError` if one is NaN or infinite: no answer follows from it.
    """
    wrong = ~np.isfinite(outputs).all(axis=1)
    if wrong.any():
        first = int(np.argmax(wrong)) + 1
        count = f"{int(wrong.sum()):,} of {len(outputs):,} rows (first: row {first})"
        text = f"the net's output is not finite in {count}"
        raise RunError(
            Problem(
                text,
                "expected numbers",
                "take other weights (--weights last), or smaller inputs",
                code="not_finite",
            )
        )
    return outputs
