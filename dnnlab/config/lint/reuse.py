"""Reused weights that a training may undo before they help."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..finding import Finding
from .layers import hidden_layers

if TYPE_CHECKING:
    from ..config import Config

TENTH = 0.1
"""The factor of the rate at which layers begin to learn in Geron's example."""
SOURCE = "Geron, Hands-On Machine Learning, ch. 11, Transfer learning; Karpathy, CS231n, Transfer learning"


def reuse_full_rate(config: Config) -> Iterator[Finding]:
    """Reused layers that learn from the first step at a rate nobody lowered."""
    x, reuse = config.experiment, config.experiment.reuse
    if reuse is None or reuse.freeze is not None or reuse.layer_decay < 1:
        return
    slowed = any({"lr_factor", "frozen"} & settings.model_fields_set for settings in x.per_layer.values())
    slowed = slowed or config.written("optimizer.lr") or x.schedule.common["warmup"] is not None
    rate = x.optimizer.keys.get("lr")
    if isinstance(rate, float) and not slowed:
        yield Finding(
            "reuse_full_rate",
            "reuse",
            f"all reused layers learn from the first step at the usual rate of {rate:g}",
            "a rate for random weights undoes what they know while the new output layer is wrong",
            f"freeze them at first, or write `optimizer: {{lr: {rate / 10:g}}}`",
            SOURCE,
        )


def unfreeze_at_once(config: Config) -> Iterator[Finding]:
    """All frozen layers that begin to learn in one step, at more than a tenth of the rate."""
    reuse, layers = config.experiment.reuse, hidden_layers(config)
    if reuse is None or reuse.freeze is None or len(reuse.unfreeze) != 1 or layers is None:
        return
    moment = reuse.unfreeze[0]
    frozen = [layer.name for layer in layers if reuse.freeze.matches(layer.name)]
    together = [name for name in frozen if moment.layers.matches(name)]
    if len(together) > 1 and together == frozen and moment.lr_factor > TENTH:
        yield Finding(
            "unfreeze_at_once",
            "reuse.unfreeze.0",
            f"{len(together)} layers begin to learn at once, at {moment.lr_factor:g} of the learning rate",
            "large steps in all of them lose what they know",
            f"unfreeze {together[-1]} first, or write `lr_factor: {TENTH:g}`",
            SOURCE,
        )


def unfreeze_from_below(config: Config) -> Iterator[Finding]:
    """A layer that begins to learn before a frozen one above it."""
    reuse, layers = config.experiment.reuse, hidden_layers(config)
    if reuse is None or reuse.freeze is None or layers is None:
        return
    frozen = [layer.name for layer in layers if reuse.freeze.matches(layer.name)]
    for i, moment in enumerate(reuse.unfreeze):
        begin = [name for name in frozen if moment.layers.matches(name)]
        above = [name for name in frozen[frozen.index(begin[0]) :] if name not in begin] if begin else []
        frozen = [name for name in frozen if name not in begin]
        if above:
            yield Finding(
                "unfreeze_from_below",
                f"reuse.unfreeze.{i}",
                f"{begin[0]} begins to learn while {above[-1]} above it is frozen",
                "lower layers know what many tasks share, upper ones what the old task alone needed",
                f"unfreeze {above[-1]} first",
                "Yosinski, Clune, Bengio & Lipson 2014, arXiv:1411.1792",
            )
