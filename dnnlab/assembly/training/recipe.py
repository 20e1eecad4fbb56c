"""The training recipe: everything that acts on a net during its training.

Also what must be decided before the net can be built: the hardware and the objective.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from ...config import Config
from ...config.sections import Experiment
from ...data.prepare.facts import facts_of
from ...data.prepare.prepared_data import Prepared
from ...engine.plan import Plan
from ...engine.session import Average, Clipping, Rates, RateSettingAverage, Session, Stopper
from ...errors import error_path
from ...nn.batch import Batch
from ...nn.parameter_table import ParameterTable
from ...nn.probes.capture import Captured
from ...nn.regularizers.penalty import SlopedPenalty, with_slopes
from ...registry import Bound
from ..network.net import Network, on_table
from ..network.per_layer import all_regularizers
from .checks import check_acting, check_monitor, check_single_rows, measuring_notes, row_counts
from .device import Hardware, choose_hardware
from .lr_and_momentum import build_rates
from .objective import Objective, check_effects, plan_objective
from .parameter_groups import groups_with_decay, l2_of_optimizer, parameter_groups
from .phases import LearningPhases
from .plan import check_tensorboard, chosen_probes, make_plan
from .stages import unfreezing_stages

__all__ = ["Hardware", "Objective", "Recipe", "agreed_objective", "make_recipe", "training_hardware"]


@dataclass(frozen=True)
class Effects:
    """The regularizers that act beside the net, built on its parameter table."""

    batch: Sequence[Callable[[Batch], Batch]]
    penalty: Sequence[SlopedPenalty]
    constraint: Sequence[Callable[[], None]]
    average: Sequence[Average]
    stop: Stopper | None


@dataclass(frozen=True)
class Recipe:
    """How a net is trained."""

    plan: Plan
    optimizer: Any
    closure: bool
    """Whether the optimizer computes the loss anew within a step."""
    rates: Rates
    clip: Clipping | None
    effects: Effects
    decays: Mapping[Tensor, float]
    """Strengths of the l2 penalty that the optimizer itself adds, by parameter."""
    probes: Mapping[str, Callable[[Captured], dict[str, Any]]]
    """Probes, by the file that each of them fills."""
    probe_needs: Mapping[str, frozenset[str]]
    """What each probe needs, by the same files."""
    phases: LearningPhases | None
    """None if no layer begins to learn later."""


def training_hardware(x: Experiment, recorded_threads: int | None) -> Hardware:
    """The hardware of an experiment. Raises `ConfigError` if the machine lacks a device or a package."""
    check_tensorboard(x.logging)
    return choose_hardware(x.training, recorded_threads)


def agreed_objective(x: Experiment, data: Prepared) -> tuple[Objective, list[str]]:
    """The objective of an experiment on these data, and notes on metrics that they do not allow.

    Raises `ConfigError` for what could not act, or not be measured, on these data.
    """
    objective = plan_objective(x, facts_of(data))
    counts = row_counts(data)
    check_effects(all_regularizers(x), objective)
    check_acting(x, len(data.train.inputs))
    check_monitor(objective, counts, data.names)
    return objective, measuring_notes(objective, counts, data.names)


def make_recipe(config: Config, data: Prepared, objective: Objective, network: Network) -> Recipe:
    """The recipe for a net that is on its device. Raises `ConfigError`."""
    x, table = config.experiment, network.table
    plan = make_plan(x, len(data.train.inputs), objective)
    check_single_rows(network.net, data.train.inputs, plan.batch_size)
    # Regularizers read the length of the training from the table.
    table.steps_per_epoch, table.total_steps = plan.steps_per_epoch, plan.total_steps
    groups = parameter_groups(network, x.optimizer)
    effects = make_effects(network)
    # Before the optimizer is built: the l2 terms that it adds itself split its groups.
    decays = l2_of_optimizer(effects.penalty, x.optimizer, x.gradient_clipping)
    probes = [bound for bound, _ in chosen_probes(x.logging, objective.task.target)]
    return Recipe(
        plan=plan,
        optimizer=make_optimizer(x.optimizer, groups_with_decay(groups, decays)),
        closure=x.optimizer.flag("closure"),
        rates=build_rates(
            x.schedule,
            x.optimizer,
            config.written("optimizer.lr"),
            plan.steps_per_epoch,
            plan.epochs,
            constant_tail(effects.average),
        ),
        clip=None if x.gradient_clipping is None else make_clipping(x.gradient_clipping, table),
        effects=effects,
        decays=decays,
        probes={bound.flag("file"): bound() for bound in probes},
        probe_needs={bound.flag("file"): bound.flag("needs") for bound in probes},
        phases=make_phases(x, network, plan),
    )


def make_phases(x: Experiment, network: Network, plan: Plan) -> LearningPhases | None:
    """The phases of a training in which layers begin to learn later. Raises `ConfigError`."""
    layers = list(dict.fromkeys(entry.layer for entry in network.table.entries.values()))
    stages = unfreezing_stages(x, network.choices, layers, plan)

    def act_on_weights(session: Session) -> None:
        session.penalties = make_penalties(network)
        l2_of_optimizer(session.penalties, x.optimizer, x.gradient_clipping)
        session.constraints = of_effect(network, "constraint")

    cache = None if x.reuse is None else x.reuse.cache_frozen
    return LearningPhases(network, stages, act_on_weights, cache) if stages or cache else None


def make_effects(network: Network) -> Effects:
    """Build the regularizers that act beside the net, in the order of their names."""
    return Effects(
        batch=of_effect(network, "batch"),
        penalty=make_penalties(network),
        constraint=of_effect(network, "constraint"),
        average=of_effect(network, "average"),
        stop=next(iter(of_effect(network, "stop")), None),
    )


def make_penalties(network: Network) -> list[SlopedPenalty]:
    """Build the penalties, for the weights that learn now."""
    return [with_slopes(penalty) for penalty in of_effect(network, "penalty")]


def of_effect(network: Network, effect: str) -> list[Any]:
    """Build the regularizers of one effect on the net's parameter table."""
    bounds = network.regularizers.values()
    return [on_table(bound, network.table) for bound in bounds if bound.flag("effect") == effect]


def constant_tail(averages: Sequence[Average]) -> tuple[float, float] | None:
    """(step, rate) of an average that keeps the learning rate constant from that step on."""
    tails = (a.tail for a in averages if isinstance(a, RateSettingAverage))
    return next((tail for tail in tails if tail is not None), None)


def make_optimizer(optimizer: Bound, groups: list[dict[str, Any]]) -> Any:
    """The optimizer on its groups; its errors carry its address."""
    with error_path("optimizer"):
        return optimizer(groups)


def make_clipping(clipping: Bound, table: ParameterTable) -> Clipping:
    """The clipping; its errors carry its address.

    One without the flag `takes_measure` always
    measures.
    """
    with error_path("gradient_clipping"):
        clip = clipping(table) if clipping.flag("needs_table") else clipping()
    return clip if clipping.flag("takes_measure") else lambda params, *, measure: clip(params)
