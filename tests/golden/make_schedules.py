"""Makes schedules.json: learning rates (and momenta) of 20 steps, by other libraries or by formulas in
float64.

    KERAS_BACKEND=jax python tests/golden/make_schedules.py      # needs torch, keras, numpy; not dnnlab

Every case is a training of 20 steps, 5 an epoch. `schedule` is what a config would hold; `base` the rate and
the momentum of the optimizer. Keras computes in float32, so its numbers hold to about 1e-6.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import torch
from keras.optimizers import schedules as of_keras
from torch.optim import lr_scheduler as of_torch

STEPS = 20
T = np.arange(STEPS, dtype=np.float64)
HAND = f"formula in float64, numpy {np.__version__}"
SCORES = [0.5, 0.6, 0.6005, 0.59, 0.6, *[0.7] * 8, 0.9, 0.9, 0.9005, *[0.9] * 4]


def case(
    schedule: dict[str, Any], oracle: str, lr: Any, momentum: Any = None, start: float = 1.0, **more: Any
) -> dict[str, Any]:
    numbers = {"lr": [float(x) for x in lr]} | (
        {} if momentum is None else {"momentum": [float(x) for x in momentum]}
    )
    return {"schedule": schedule, "oracle": oracle, "base": {"lr": start, "momentum": 0.9}, **numbers, **more}


def by_torch(
    schedule: dict[str, Any], make: Callable[[torch.optim.Optimizer], Any], momenta: bool = False
) -> dict[str, Any]:
    """A scheduler of torch, stepped after every step."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0, momentum=0.9)
    scheduler, lr, momentum = make(optimizer), [], []
    for step in range(STEPS):
        lr.append(optimizer.param_groups[0]["lr"])
        momentum.append(optimizer.param_groups[0]["momentum"])
        optimizer.step()
        if step < STEPS - 1:
            scheduler.step()
    return case(
        schedule, f"{type(scheduler).__name__}, torch {torch.__version__}", lr, momentum if momenta else None
    )


def by_keras(schedule: dict[str, Any], made: Any) -> dict[str, Any]:
    """A schedule of Keras."""
    return case(
        schedule, f"{type(made).__name__}, keras {keras.__version__}", [made(step) for step in range(STEPS)]
    )


def plateau(keys: dict[str, Any], **options: Any) -> dict[str, Any]:
    """torch's ReduceLROnPlateau, whose patience is one less; one row an epoch."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = of_torch.ReduceLROnPlateau(optimizer, mode="max", threshold_mode="abs", **options)
    lr = []
    for score in SCORES:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            scheduler.step(score)
        lr.append(optimizer.param_groups[0]["lr"])
    return case(
        {"name": "performance", **keys}, f"ReduceLROnPlateau, torch {torch.__version__}", lr, scores=SCORES
    )


def hand() -> list[dict[str, Any]]:
    """Formulas."""
    corners = ([0, 9, 18, 19], [0.1, 1.0, 0.1, 0.0001])
    linear = np.interp(T, *corners), np.interp(T, corners[0], [0.95, 0.85, 0.95, 0.95])
    warm = np.minimum(T / 5, 1) / (1 + T / 5)
    return [
        case({"name": "constant"}, HAND, np.full(STEPS, 0.3), start=0.3),
        case({"name": "constant", "warmup": "8 steps"}, HAND, np.minimum(T / 8, 1)),
        case({"name": "power", "over": "1 epochs", "warmup": "25 %"}, HAND, warm),
        case({"name": "power", "over": "1 epochs"}, HAND, 60 / (1 + T / 5), start=60.0),
        case({"name": "power", "over": "5 steps", "c": 2.0}, HAND, (1 + T / 5) ** -2),
        case({"name": "power", "over": "25 %", "c": 0.5}, HAND, (1 + T / 5) ** -0.5),
        case({"name": "natural_exponential", "k": 0.5}, HAND, np.exp(-0.5 * T / 5)),
        case({"name": "natural_exponential", "k": 0.1, "per": "1 steps"}, HAND, np.exp(-0.1 * T)),
        case({"name": "inverse_time", "k": 0.5}, HAND, 1 / (1 + 0.5 * T / 5)),
        case({"name": "polynomial", "end": 0.25}, HAND, 1 - 0.75 * T / 20),
        case({"name": "one_cycle"}, HAND, *linear),
        case(
            {"name": "one_cycle", "max_lr": 2.0, "div_factor": 20.0, "min_momentum": 0.85},
            HAND,
            2 * np.interp(T, corners[0], [0.05, 1, 0.05, 5e-5]),
            linear[1],
        ),
    ]


def torchs() -> list[dict[str, Any]]:
    """Schedulers of torch."""
    return [
        by_torch(
            {"name": "piecewise_constant", "boundaries": ["7 steps", "12 steps"], "values": [1.0, 0.1, 0.01]},
            lambda o: of_torch.MultiStepLR(o, [7, 12], 0.1),
        ),
        by_torch({"name": "step", "every": "1 epochs"}, lambda o: of_torch.StepLR(o, 5, 0.5)),
        by_torch({"name": "step", "drop": 0.1, "every": "7 steps"}, lambda o: of_torch.StepLR(o, 7, 0.1)),
        by_torch(
            {"name": "exponential", "over": "2 epochs"}, lambda o: of_torch.ExponentialLR(o, 0.1 ** (1 / 10))
        ),
        by_torch(
            {"name": "natural_exponential", "k": 0.7, "per": "50 %"},
            lambda o: of_torch.ExponentialLR(o, float(np.exp(-0.07))),
        ),
        by_torch(
            {"name": "polynomial", "power": 2.0, "over": "12 steps"},
            lambda o: of_torch.PolynomialLR(o, 12, 2.0),
        ),
        by_torch({"name": "cosine", "end": 0.05}, lambda o: of_torch.CosineAnnealingLR(o, STEPS, 0.05)),
        by_torch(
            {"name": "cosine_restarts", "first": "3 steps", "end": 0.1},
            lambda o: of_torch.CosineAnnealingWarmRestarts(o, 3, 2, 0.1),
        ),
        by_torch(
            {"name": "cosine_restarts", "first": "1 epochs", "mult": 1},
            lambda o: of_torch.CosineAnnealingWarmRestarts(o, 5),
        ),
        by_torch(
            {"name": "cosine_restarts", "first": "1 steps", "mult": 3},
            lambda o: of_torch.CosineAnnealingWarmRestarts(o, 1, 3),
        ),
        by_torch(
            {"name": "triangular", "base": 0.1, "max": 1.0, "half_cycle": "4 steps"},
            lambda o: of_torch.CyclicLR(o, 0.1, 1.0, 4, cycle_momentum=False),
        ),
        by_torch(
            {"name": "triangular", "max": 3.0, "half_cycle": "1 epochs"},
            lambda o: of_torch.CyclicLR(o, 1.0, 3.0, 5, cycle_momentum=False),
        ),
        by_torch(
            {"name": "one_cycle", "shape": "cosine"},
            lambda o: of_torch.OneCycleLR(o, 1.0, total_steps=STEPS),
            True,
        ),
        by_torch(
            {
                "name": "one_cycle",
                "max_lr": 0.5,
                "shape": "cosine",
                "div_factor": 10.0,
                "final_div_factor": 100.0,
                "max_momentum": 0.99,
                "min_momentum": 0.8,
            },
            lambda o: of_torch.OneCycleLR(
                o,
                0.5,
                total_steps=STEPS,
                div_factor=10,
                final_div_factor=100,
                max_momentum=0.99,
                base_momentum=0.8,
            ),
            True,
        ),
        plateau({"patience": 3}, factor=0.5, patience=2, threshold=1e-4),
        plateau(
            {"patience": 2, "factor": 0.1, "cooldown": 1}, factor=0.1, patience=1, threshold=1e-4, cooldown=1
        ),
        plateau(
            {"patience": 2, "factor": 0.3, "min_delta": 0.05, "min_lr": 0.02},
            factor=0.3,
            patience=1,
            threshold=0.05,
            min_lr=0.02,
        ),
    ]


def kerases() -> list[dict[str, Any]]:
    """Schedules of Keras.

    Its PiecewiseConstantDecay keeps a value at its boundary, so its boundaries lie one step before.
    """
    return [
        by_keras(
            {
                "name": "piecewise_constant",
                "boundaries": ["1 epochs", "11 steps"],
                "values": [1.0, 0.5, 0.05],
            },
            of_keras.PiecewiseConstantDecay([4, 10], [1.0, 0.5, 0.05]),
        ),
        by_keras(
            {"name": "exponential", "decay_rate": 0.5, "over": "7 steps"},
            of_keras.ExponentialDecay(1.0, 7, 0.5),
        ),
        by_keras(
            {"name": "exponential", "decay_rate": 0.5, "over": "7 steps", "staircase": True},
            of_keras.ExponentialDecay(1.0, 7, 0.5, staircase=True),
        ),
        by_keras(
            {"name": "inverse_time", "k": 0.5, "per": "4 steps"}, of_keras.InverseTimeDecay(1.0, 4, 0.5)
        ),
        by_keras(
            {"name": "polynomial", "end": 0.1, "power": 2.0, "over": "12 steps"},
            of_keras.PolynomialDecay(1.0, 12, 0.1, power=2.0),
        ),
        by_keras({"name": "cosine", "end": 0.05}, of_keras.CosineDecay(1.0, STEPS, alpha=0.05)),
        by_keras(
            {"name": "cosine_restarts", "first": "4 steps", "mult": 1.5, "end": 0.05},
            of_keras.CosineDecayRestarts(1.0, 4, t_mul=1.5, alpha=0.05),
        ),
    ]


if __name__ == "__main__":
    cases = [*hand(), *torchs(), *kerases()]
    lines = ",\n".join(json.dumps(one) for one in cases)
    Path(__file__).with_name("schedules.json").write_text(f"[\n{lines}\n]\n")
