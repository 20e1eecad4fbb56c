"""The loss of the untrained net against chance, without regularization, over several seeds.

Source: CS231n, "Babysitting the learning process": look for the correct loss at chance performance.
"""

from __future__ import annotations

import statistics

from ...lazy_torch import torch
from .bench import Bench
from .chance import Chance, chance_of
from .result import Check
from .words import measure

NAME = "initial_loss"
SEEDS, ROWS = 5, 256
MEAN = 10.0  # deviations of the outputs: the largest lead of a wrong class over the right one is less
_SCALED = "data.target_scale=standardize"


def initial_loss(bench: Bench) -> Check:
    """A loss far above chance: outputs begin too large.

    One below it: something is wrong with the loss, or the answer is in the inputs.
    """
    chance = chance_of(bench)
    found = [untrained(bench, bench.experiment.seed + i) for i in range(SEEDS)]
    losses, spread = [loss for loss, _ in found], statistics.fmean(size for _, size in found)
    mean, room = (
        statistics.fmean(losses),
        3 * statistics.stdev(losses) / SEEDS**0.5 + 0.02 * abs(chance.value),
    )
    measured = measure(mean)
    expected = f"{chance.words} = {measure(chance.value)}, at most {measure(chance.highest, 3)}"
    if not mean <= chance.highest + room:  # also if it is not a number
        return Check(NAME, False, measured, expected, _too_high(bench, chance, mean, spread))
    if mean < chance.lowest - room:
        below = f"at least {measure(chance.lowest)}, which is the best that an answer without looking reaches"
        advice = (
            "before training nothing can be known: "
            "the loss is not the mean over rows, or the inputs hold the answer"
        )
        return Check(NAME, False, measured, below, advice)
    return Check(NAME, True, measured, expected, _offset(bench, chance))


def untrained(bench: Bench, seed: int) -> tuple[float, float]:
    """(loss, deviation of the outputs) of a fresh net on some training rows."""
    from ...nn.probes.numeric_gradient import settle

    session = bench.session(bench.sample(ROWS), seed=seed)
    settle(session.net)
    with torch.no_grad():
        batch = session.train.rows(slice(None))
        outputs = session.net(batch.inputs)
        return float(session.loss(outputs, batch)), float(outputs.float().square().mean().sqrt())


def _too_high(bench: Bench, chance: Chance, mean: float, spread: float) -> str:
    words = f"the outputs begin with deviation {measure(spread, 3)}"
    if bench.objective.task.target != "real" and mean - chance.value > MEAN * spread:
        return f"{words}, which is no reason: the loss is no mean over rows, or wrong"
    return f"{words}: they should be near 0. {_smaller(bench, chance, spread)}"


def _smaller(bench: Bench, chance: Chance, spread: float) -> str:
    """How outputs of the untrained net become smaller."""
    if bench.objective.task.target == "real" and chance.value < 0.01 and spread < 10:
        return f"The targets are small numbers: {_SCALED}"
    if bench.experiment.data.common["scale"] is None:
        return "data.scale=standardize"
    return "Another initializer (initializer=auto), or normalization=batch"


def _offset(bench: Bench, chance: Chance) -> str:
    """What to say of targets that lie far from 0."""
    if (
        bench.objective.task.target != "real"
        or chance.value < 4 * chance.lowest
        or bench.data.target_scaling is not None
    ):
        return ""
    share = f"{1 - chance.lowest / chance.value:.0%}".replace("%", " %")
    return f"{share} of it is the targets' mean: {_SCALED} spares the net to learn it"
