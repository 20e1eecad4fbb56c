"""The stages of `reuse.unfreeze`: which frozen layers begin to learn, and in which step. No torch here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...config.sections import Experiment
from ...engine.plan import Plan
from ...errors import ConfigError, Problem
from ..network.per_layer import LayerChoices


@dataclass(frozen=True)
class Stage:
    """A moment at which layers begin to learn."""

    step: int
    """The first step in which they learn."""
    layers: tuple[str, ...]
    lr_factor: float


def unfreezing_stages(
    x: Experiment, choices: LayerChoices, layers: Sequence[str], plan: Plan
) -> tuple[Stage, ...]:
    """The stages of a training, in order; empty if nothing is unfrozen. layers: all that can learn.

    Raises `ConfigError` for times that do not rise or lie outside the training, and for a stage that finds
    no frozen layer.
    """
    stages: list[Stage] = []
    for number, moment in enumerate(() if x.reuse is None else x.reuse.unfreeze, start=1):
        path = f"reuse.unfreeze.{number - 1}"
        step = max(1, round(moment.at.steps(plan.steps_per_epoch, plan.total_steps)))
        concerned = tuple(layer for layer in layers if choices(layer).stage == number)
        if step >= plan.total_steps:
            raise _too_late(f"{moment.at} is step {step:,}", plan, f"{path}.at")
        if stages and step <= stages[-1].step:
            text = f"{moment.at} is step {step:,}, and the one before is step {stages[-1].step:,}"
            raise ConfigError(Problem(text, "expected times that rise", "", f"{path}.at", code="order"))
        if not concerned:
            raise _nothing_frozen(moment.layers.plain(), choices, layers, f"{path}.layers")
        stages.append(Stage(step, concerned, moment.lr_factor))
    return tuple(stages)


def _too_late(text: str, plan: Plan, path: str) -> ConfigError:
    whole = (
        f"the training has {plan.epochs:,} epochs of {plan.steps_per_epoch:,} steps ({plan.total_steps:,})"
    )
    return ConfigError(
        Problem(f"{text}; {whole}", "expected a time within the training", "50 %", path, code="too_long")
    )


def _nothing_frozen(pattern: str, choices: LayerChoices, layers: Sequence[str], path: str) -> ConfigError:
    """The error of a stage whose layers all learn already."""
    frozen = [layer for layer in layers if choices(layer).frozen or choices(layer).stage]
    held = f"frozen at first: {', '.join(frozen)}" if frozen else "no layer is frozen"
    fix = "remove the item" if frozen else f"reuse: {{freeze: {pattern}}}"
    text = f'the layers of "{pattern}" learn already at that time'
    return ConfigError(Problem(text, f"expected frozen layers; {held}", fix, path, code="no_effect"))
