"""Schedules: rates of 60 steps."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import keras
import torch
from keras.optimizers import schedules as S
from torch.optim import lr_scheduler as L

from .cases import SEEN, says

T, K = torch.optim, keras.optimizers
STEPS, PER_EPOCH = 60, 5


def schedules() -> None:
    """Rates of 60 steps, 5 an epoch, from a rate of 0.5."""
    epochs = list(range(0, STEPS, PER_EPOCH))

    def case(
        name: str, library: str, clause: str, rates: Any, at: Sequence[int] = range(STEPS), **keys: Any
    ) -> None:
        schedule = {"name": name, **keys}
        numbers = [float(rates(t)) for t in at] if callable(rates) else rates
        within = 5e-6 if library == "keras" else 1e-9
        says(
            f"schedule.{name}",
            library,
            clause,
            "rates",
            {"schedule": schedule, "at": list(at)},
            numbers,
            within=within,
        )

    def torchs(make: Callable[..., Any], count: int = STEPS) -> list[float]:
        optimizer = T.SGD([torch.zeros(1, requires_grad=True)], lr=0.5)
        scheduler, rates = make(optimizer), []
        for _ in range(count):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                scheduler.step()
        return rates

    def by_epoch(name: str, clause: str, make: Callable[..., Any], **keys: Any) -> None:
        case(name, "torch", clause, torchs(make, len(epochs)), epochs, **keys)

    case("constant", "keras", "a number as learning_rate", [float(K.SGD(0.5).learning_rate)] * STEPS)
    clause = (
        "CosineAnnealingLR(T_max, eta_min), stepped after every batch with T_max the steps of the "
        "training: end: eta_min"
    )
    case("cosine", "torch", clause, torchs(lambda o: L.CosineAnnealingLR(o, STEPS, 0.05)), end=0.05)
    case(
        "cosine",
        "keras",
        "CosineDecay(decay_steps, alpha): end: alpha * learning rate",
        S.CosineDecay(0.5, STEPS, alpha=0.1),
        end=0.05,
    )
    clause = (
        "CosineAnnealingWarmRestarts(T_0, T_mult=1, eta_min): first: T_0 epochs, mult: T_mult, end: eta_min"
    )
    for mult in (1, 2):
        by_epoch(
            "cosine_restarts",
            clause,
            lambda o, m=mult: L.CosineAnnealingWarmRestarts(o, 3, m, 0.01),
            first="3 epochs",
            mult=mult,
            end=0.01,
        )
    clause = (
        "CosineDecayRestarts(first_decay_steps, t_mul=2, alpha): first: first_decay_steps steps, end: "
        "alpha * learning rate"
    )
    case(
        "cosine_restarts",
        "keras",
        clause,
        S.CosineDecayRestarts(0.5, 7, alpha=0.1),
        first="7 steps",
        end=0.05,
    )
    clause = "ExponentialLR(gamma): decay_rate: gamma, over: 1 epochs, staircase: true"
    by_epoch(
        "exponential",
        clause,
        lambda o: L.ExponentialLR(o, 0.8),
        decay_rate=0.8,
        over="1 epochs",
        staircase=True,
    )
    clause = "StepLR(step_size, gamma): over: step_size epochs"
    by_epoch(
        "exponential", clause, lambda o: L.StepLR(o, 3, 0.8), decay_rate=0.8, over="3 epochs", staircase=True
    )
    clause = (
        "ExponentialDecay(initial_learning_rate, decay_steps, decay_rate, staircase): optimizer.lr, "
        "over: decay_steps steps, decay_rate, staircase"
    )
    for stairs in (False, True):
        made = S.ExponentialDecay(0.5, 7, 0.8, staircase=stairs)
        case("exponential", "keras", clause, made, decay_rate=0.8, over="7 steps", staircase=stairs)
    clause = "LambdaLR with 1 / (1 + k * t / per)"
    case(
        "inverse_time",
        "torch",
        clause,
        torchs(lambda o: L.LambdaLR(o, lambda t: 1 / (1 + 0.7 * t / 9))),
        k=0.7,
        per="9 steps",
    )
    clause = "InverseTimeDecay(decay_steps, decay_rate): k: decay_rate, per: decay_steps steps"
    case("inverse_time", "keras", clause, S.InverseTimeDecay(0.5, 9, 0.7), k=0.7, per="9 steps")
    by_epoch(
        "natural_exponential",
        "ExponentialLR(gamma): k: -ln(gamma)",
        lambda o: L.ExponentialLR(o, 0.8),
        k=-math.log(0.8),
    )
    clause = "ExponentialDecay(decay_steps, decay_rate): k: -ln(decay_rate), per: decay_steps steps"
    case(
        "natural_exponential",
        "keras",
        clause,
        S.ExponentialDecay(0.5, 7, 0.8),
        k=-math.log(0.8),
        per="7 steps",
    )
    clause = "OneCycleLR(max_lr, total_steps) is shape: cosine with div_factor 25 and final_div_factor 1e4"
    rates = torchs(lambda o: L.OneCycleLR(o, 0.5, total_steps=STEPS, cycle_momentum=False), STEPS - 1)
    keys = {"max_lr": 0.5, "shape": "cosine", "div_factor": 25.0, "final_div_factor": 1e4}
    case("one_cycle", "torch", clause, rates, range(STEPS - 1), **keys)
    clause = (
        "MultiStepLR(milestones, gamma): boundaries: milestones as epochs, values: lr, lr * gamma, lr "
        "* gamma^2 ..."
    )
    keys = {"boundaries": ["3 epochs", "8 epochs"], "values": [0.5, 0.1, 0.02]}
    by_epoch("piecewise_constant", clause, lambda o: L.MultiStepLR(o, [3, 8], 0.2), **keys)
    clause = (
        "PiecewiseConstantDecay(boundaries, values): there a value still holds at its boundary, so "
        "boundaries: one step more"
    )
    keys = {"boundaries": ["12 steps", "31 steps"], "values": [0.5, 0.1, 0.02]}
    case("piecewise_constant", "keras", clause, S.PiecewiseConstantDecay([11, 30], [0.5, 0.1, 0.02]), **keys)
    by_epoch(
        "polynomial",
        "PolynomialLR(total_iters, power): over: total_iters epochs",
        lambda o: L.PolynomialLR(o, 9, 2.0),
        over="9 epochs",
        power=2.0,
    )
    rates = torchs(lambda o: L.LinearLR(o, 1.0, 0.2, STEPS))
    case("polynomial", "torch", "LinearLR falls by factors of the rate", rates, end=0.1)
    clause = "PolynomialDecay(decay_steps, end_learning_rate=1e-4, power): over: decay_steps steps"
    case(
        "polynomial",
        "keras",
        clause,
        S.PolynomialDecay(0.5, 40, power=2.0),
        over="40 steps",
        power=2.0,
        end=1e-4,
    )
    case(
        "power",
        "torch",
        "LambdaLR with 1 / (1 + t / over) ** c",
        torchs(lambda o: L.LambdaLR(o, lambda t: (1 + t / 7) ** -0.5)),
        over="7 steps",
        c=0.5,
    )
    clause = "InverseTimeDecay(decay_steps, decay_rate): over: decay_steps / decay_rate steps, c: 1.0"
    case("power", "keras", clause, S.InverseTimeDecay(0.5, 9, 0.5), over="18 steps", c=1.0)
    by_epoch(
        "step",
        "StepLR(step_size, gamma=0.1): every: step_size epochs, drop: gamma",
        lambda o: L.StepLR(o, 3),
        every="3 epochs",
        drop=0.1,
    )
    clause = (
        "ExponentialDecay(decay_steps, decay_rate, staircase=True): every: decay_steps steps, drop: "
        "decay_rate"
    )
    case("step", "keras", clause, S.ExponentialDecay(0.5, 7, 0.8, staircase=True), every="7 steps", drop=0.8)
    clause = (
        'CyclicLR(base_lr, max_lr, step_size_up, mode="triangular", cycle_momentum=False): half_cycle: '
        "step_size_up steps"
    )
    rates = torchs(lambda o: L.CyclicLR(o, 0.1, 0.5, 7, mode="triangular", cycle_momentum=False))
    case("triangular", "torch", clause, rates, base=0.1, max=0.5, half_cycle="7 steps")
    plateaus()


def plateaus() -> None:
    """Rates after each epoch's score, which has to rise."""
    scores = [-s for s in SEEN]

    def case(library: str, clause: str, rates: list[float], **keys: Any) -> None:
        ours = {"schedule": {"name": "performance", "factor": 0.1, **keys}, "scores": scores}
        says("schedule.performance", library, clause, "plateau", ours, rates)

    def of_torch(patience: int, **options: Any) -> list[float]:
        optimizer, rates = T.SGD([torch.zeros(1, requires_grad=True)], lr=0.5), []
        scheduler = L.ReduceLROnPlateau(optimizer, "max", patience=patience, **options)
        for score in scores:
            scheduler.step(score)
            rates.append(optimizer.param_groups[0]["lr"])
        return rates

    clause = 'ReduceLROnPlateau(factor=0.1, patience=p, threshold_mode="rel"): patience: p + 1'
    case("torch", clause, of_torch(2, threshold=0.0), patience=3, min_delta=0.0)
    case(
        "torch",
        "threshold is min_delta, absolute here",
        of_torch(2, threshold=0.06, threshold_mode="abs"),
        patience=3,
        min_delta=0.06,
    )

    def of_keras(**options: Any) -> list[float]:
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        model.compile(K.SGD(0.5), "mse")
        callback, rates = keras.callbacks.ReduceLROnPlateau("score", mode="max", **options), []
        callback.set_model(model)
        callback.on_train_begin()
        for epoch, score in enumerate(scores):
            callback.on_epoch_end(epoch, {"score": score})
            rates.append(float(model.optimizer.learning_rate))
        return rates

    clause = (
        "ReduceLROnPlateau(factor=0.1, patience, min_delta, cooldown=c, min_lr): the same, but "
        "cooldown: c - 1 (a cooldown of 1 does nothing there)"
    )
    for theirs, ours in ((0, 0), (1, 0), (2, 1), (3, 2), (5, 4)):
        for patience in (1, 2, 3):
            given = {"patience": patience, "min_delta": 0.001, "min_lr": 1e-4}
            case("keras", clause, of_keras(cooldown=theirs, **given), cooldown=ours, **given)
