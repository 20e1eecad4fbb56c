"""Writes optimizers.json: two parameters after each of several steps in float64, by torch.optim, by Keras on
JAX, or by hand.

    KERAS_BACKEND=jax JAX_ENABLE_X64=1 python tests/golden/make_optimizers.py        (needs torch and keras)

By hand (NumPy, from the papers' formulas) stands what neither library has. Every case names its source.
`rates`: the learning rate of each step, where it is not the same in all.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import torch
from optimizers_by_hand import mcmahan, relative, shazeer

keras.config.set_floatx("float64")
torch.set_default_dtype(torch.float64)
Arrays = list[np.ndarray]

START = [np.array([[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]]), np.array([0.1, -0.4])]
STEPS = 8
MIXED = [
    [np.round(np.sin(1.9 * t + np.arange(p.size) + i).reshape(p.shape) * 2, 3) for i, p in enumerate(START)]
    for t in range(STEPS)
]
MIXED[3][0][0, 1] = 0.0  # a weight that nothing pulls at for a step
SHRINKING = [[g / 4**t for g in grads] for t, grads in enumerate(MIXED)]
GRADIENTS = {"mixed": MIXED, "shrinking": SHRINKING}
T, K = torch.optim, keras.optimizers


def by_torch(make: Callable[[list[torch.Tensor]], Any], gradients: Sequence[Arrays]) -> list[Arrays]:
    """The parameters after each step of a torch optimizer."""
    params = [torch.tensor(p).requires_grad_() for p in START]
    optimizer, after = make(params), []
    for grads in gradients:
        for p, g in zip(params, grads, strict=True):
            p.grad = torch.tensor(g)
        optimizer.step()
        after.append([p.detach().numpy().copy() for p in params])
    return after


def by_keras(optimizer: Any, gradients: Sequence[Arrays]) -> list[Arrays]:
    """The parameters after each step of a Keras optimizer."""
    variables, after = [keras.Variable(p) for p in START], []
    optimizer.build(variables)
    for grads in gradients:
        optimizer.apply_gradients(
            [(keras.ops.convert_to_tensor(g), v) for g, v in zip(grads, variables, strict=True)]
        )
        after.append([keras.ops.convert_to_numpy(v.value) for v in variables])
    assert all(v.dtype == np.float64 for v in after[0])
    return after


def by_hand(
    step: Callable[..., np.ndarray], gradients: Sequence[Arrays], rates: Sequence[float]
) -> list[Arrays]:
    """The parameters after each step of `step(t, rate, w, g, memory)`, where memory is a mapping of the
    parameter's own; t from 1.
    """
    params, memories, after = [p.copy() for p in START], [{} for _ in START], []
    for t, (grads, rate) in enumerate(zip(gradients, rates, strict=True), start=1):
        params = [step(t, rate, w, g, memory) for w, g, memory in zip(params, grads, memories, strict=True)]
        after.append([p.copy() for p in params])
    return after


def torch_cases() -> dict[str, tuple[dict[str, Any], Callable[..., Any], str, int]]:
    """name -> keys in dnnlab, torch's optimizer, gradients, steps."""
    nesterov = {"lr": 0.1, "momentum": 0.9, "nesterov": True}
    betas = {"lr": 0.1, "betas": (0.8, 0.95), "eps": 0.01}
    return {
        "sgd": ({"lr": 0.1}, lambda p: T.SGD(p, lr=0.1), "mixed", 5),
        "sgd momentum": ({"lr": 0.1, "momentum": 0.9}, lambda p: T.SGD(p, lr=0.1, momentum=0.9), "mixed", 5),
        "sgd nesterov": (nesterov, lambda p: T.SGD(p, **nesterov), "mixed", 5),
        "adagrad": ({"lr": 0.1}, lambda p: T.Adagrad(p, lr=0.1), "mixed", 5),
        "adagrad every key": (
            {"lr": 0.1, "initial_accumulator_value": 0.3, "eps": 0.05},
            lambda p: T.Adagrad(p, lr=0.1, initial_accumulator_value=0.3, eps=0.05),
            "mixed",
            5,
        ),
        "rmsprop": ({"lr": 0.05}, lambda p: T.RMSprop(p, lr=0.05, alpha=0.9), "mixed", 5),
        "rmsprop alpha eps": (
            {"lr": 0.05, "alpha": 0.7, "eps": 0.02},
            lambda p: T.RMSprop(p, lr=0.05, alpha=0.7, eps=0.02),
            "mixed",
            5,
        ),
        "rmsprop momentum": (
            {"lr": 0.05, "momentum": 0.8},
            lambda p: T.RMSprop(p, lr=0.05, alpha=0.9, momentum=0.8),
            "mixed",
            5,
        ),
        "rmsprop centered": (
            {"lr": 0.05, "centered": True},
            lambda p: T.RMSprop(p, lr=0.05, alpha=0.9, centered=True),
            "mixed",
            5,
        ),
        "rmsprop every key": (
            {"lr": 0.05, "alpha": 0.7, "momentum": 0.8, "centered": True, "eps": 0.02},
            lambda p: T.RMSprop(p, lr=0.05, alpha=0.7, momentum=0.8, centered=True, eps=0.02),
            "mixed",
            5,
        ),
        "adadelta": ({}, T.Adadelta, "mixed", 5),
        "adadelta every key": (
            {"lr": 0.7, "rho": 0.8, "eps": 0.01},
            lambda p: T.Adadelta(p, lr=0.7, rho=0.8, eps=0.01),
            "mixed",
            5,
        ),
        "adam": ({"lr": 0.1}, lambda p: T.Adam(p, lr=0.1), "shrinking", 5),
        "adam every key": (
            {**betas, "amsgrad": True},
            lambda p: T.Adam(p, **betas, amsgrad=True),
            "shrinking",
            5,
        ),
        "adam amsgrad": (
            {"lr": 0.1, "amsgrad": True},
            lambda p: T.Adam(p, lr=0.1, amsgrad=True),
            "shrinking",
            5,
        ),
        "adamw": ({"lr": 0.1}, lambda p: T.AdamW(p, lr=0.1), "mixed", 5),
        "adamw every key": (
            {**betas, "weight_decay": 0.3, "amsgrad": True},
            lambda p: T.AdamW(p, **betas, weight_decay=0.3, amsgrad=True),
            "shrinking",
            5,
        ),
        "adamax": ({"lr": 0.1}, lambda p: T.Adamax(p, lr=0.1), "mixed", 5),
        "adamax every key": (betas, lambda p: T.Adamax(p, **betas), "shrinking", 5),
        "nadam": ({"lr": 0.1}, lambda p: T.NAdam(p, lr=0.1), "mixed", 5),
        "nadam every key": (
            {**betas, "momentum_decay": 0.3},
            lambda p: T.NAdam(p, **betas, momentum_decay=0.3),
            "mixed",
            5,
        ),
        "radam": ({"lr": 0.1}, lambda p: T.RAdam(p, lr=0.1), "mixed", 8),
        "radam every key": (betas, lambda p: T.RAdam(p, **betas), "mixed", 8),
        "rprop": ({"lr": 0.1}, lambda p: T.Rprop(p, lr=0.1), "mixed", 5),
        "rprop every key": (
            {"lr": 0.1, "etas": (0.6, 1.4), "step_sizes": (0.08, 0.12)},
            lambda p: T.Rprop(p, lr=0.1, etas=(0.6, 1.4), step_sizes=(0.08, 0.12)),
            "mixed",
            8,
        ),
        "adafactor": ({"lr": 0.6}, lambda p: T.Adafactor(p, lr=0.6), "mixed", 5),
        "adafactor decay": (
            {
                "lr": 0.1,
                "beta2_decay": -0.5,
                "eps": (1e-30, 1.2),
                "clip_threshold": 1.05,
                "weight_decay": 0.3,
            },
            lambda p: T.Adafactor(p, lr=0.1, beta2_decay=-0.5, eps=(None, 1.2), d=1.05, weight_decay=0.3),
            "mixed",
            5,
        ),
        "ftrl without penalties": (
            {"lr": 0.1, "beta": 0.2},
            lambda p: T.Adagrad(p, lr=0.1, initial_accumulator_value=0.1, eps=0.2),
            "mixed",
            5,
        ),
    }


def keras_ftrl(keys: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    """The same optimizer in dnnlab's keys and in Keras: its penalties are l1 |w|, l2 w^2,
    l2_shrinkage w^2.
    """
    theirs = {
        f"{name}_regularization_strength": keys[name] / by
        for name, by in {"l1": 1, "l2": 2, "l2_shrinkage": 2}.items()
        if name in keys
    }
    same = {
        name: keys[name]
        for name in ("learning_rate_power", "initial_accumulator_value", "beta")
        if name in keys
    }
    return {**keys, "start": "zero"}, K.Ftrl(keys["lr"], **theirs, **same)


def keras_cases() -> dict[str, tuple[dict[str, Any], Any]]:
    """name -> keys in dnnlab, Keras' optimizer."""
    every = {
        "lr": 0.3,
        "l1": 0.7,
        "l2": 0.8,
        "l2_shrinkage": 0.1,
        "learning_rate_power": -0.7,
        "initial_accumulator_value": 0.2,
        "beta": 0.4,
    }
    return {
        "lion": ({"lr": 0.1}, K.Lion(0.1)),
        "lion every key": (
            {"lr": 0.1, "betas": (0.6, 0.8), "weight_decay": 0.3},
            K.Lion(0.1, beta_1=0.6, beta_2=0.8, weight_decay=0.3),
        ),
        "ftrl": keras_ftrl({"lr": 0.1}),
        "ftrl l1": keras_ftrl({"lr": 0.1, "l1": 1.5}),
        "ftrl l2": keras_ftrl({"lr": 0.1, "l2": 2.0}),
        "ftrl l2_shrinkage": keras_ftrl({"lr": 0.1, "l2_shrinkage": 0.4}),
        "ftrl learning_rate_power": keras_ftrl({"lr": 0.1, "learning_rate_power": -0.8}),
        "ftrl fixed rate": keras_ftrl({"lr": 0.1, "learning_rate_power": 0.0, "l1": 0.5}),
        "ftrl initial_accumulator_value": keras_ftrl({"lr": 0.1, "initial_accumulator_value": 1.0}),
        "ftrl beta": keras_ftrl({"lr": 0.1, "beta": 0.5}),
        "ftrl every key": keras_ftrl(every),
    }


def hand_cases() -> dict[str, tuple[dict[str, Any], Callable[..., np.ndarray], list[float]]]:
    """name -> keys in dnnlab, the step, the rate of each step."""
    penalties = {
        "l1": 0.7,
        "l2": 0.8,
        "learning_rate_power": -0.6,
        "initial_accumulator_value": 0.2,
        "beta": 0.4,
    }
    kept = mcmahan(0.7, 0.8, -0.6, 0.2, 0.4)
    return {
        "ftrl from the weights": ({"lr": 0.3, **penalties}, kept, [0.3] * 5),
        "ftrl, a rate that changes": ({"lr": 0.3, **penalties}, kept, [0.3, 0.15, 0.6, 0.3, 0.03]),
        "adafactor eps": (
            {"lr": 0.1, "beta2_decay": -0.6, "eps": (0.3, 0.9), "clip_threshold": 1.05},
            shazeer(relative, True, -0.6, (0.3, 0.9), 1.05),
            [0.1] * 5,
        ),
        "adafactor absolute": (
            {"lr": 0.8, "relative_step": False, "scale_parameter": False},
            shazeer(lambda t, rate: rate, scaled=False),
            [0.8] * 5,
        ),
        "adafactor absolute, scaled": (
            {"lr": 0.8, "relative_step": False},
            shazeer(lambda t, rate: rate, scaled=True),
            [0.8] * 5,
        ),
        "adafactor relative, not scaled": (
            {"lr": 0.5, "scale_parameter": False},
            shazeer(relative, scaled=False),
            [0.5] * 5,
        ),
    }


def case(
    name: str, keys: dict[str, Any], source: str, gradients: str, after: list[Arrays], **more: Any
) -> dict[str, Any]:
    """One case as it stands in the file."""
    spec = {"name": name.split()[0].rstrip(","), **keys}
    numbers = [[p.tolist() for p in params] for params in after]
    return {
        "case": name,
        "optimizer": spec,
        "source": source,
        "gradients": gradients,
        **more,
        "after": numbers,
    }


def main() -> None:
    """Compute all cases and write them."""
    cases = []
    for name, (keys, make, kind, steps) in torch_cases().items():
        cases.append(
            case(
                name, keys, f"torch.optim {torch.__version__}", kind, by_torch(make, GRADIENTS[kind][:steps])
            )
        )
    for name, (keys, optimizer) in keras_cases().items():
        cases.append(
            case(name, keys, f"Keras {keras.__version__} on JAX", "mixed", by_keras(optimizer, MIXED[:5]))
        )
    for name, (keys, step, rates) in hand_cases().items():
        cases.append(
            case(name, keys, "by hand", "mixed", by_hand(step, MIXED[: len(rates)], rates), rates=rates)
        )
        if name == "adafactor eps":  # Keras has some of these numbers in float32, so it is only close
            other = K.Adafactor(0.1, beta_2_decay=-0.6, epsilon_1=0.3, epsilon_2=0.9, clip_threshold=1.05)
            for a, b in zip(by_keras(other, MIXED[:5])[-1], cases[-1]["after"][-1], strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-7)
    numbers = {
        "start": [p.tolist() for p in START],
        "gradients": {k: [[p.tolist() for p in g] for g in v] for k, v in GRADIENTS.items()},
    }
    content = {"about": "float64, made by make_optimizers.py", **numbers, "cases": cases}
    Path(__file__).with_name("optimizers.json").write_text(
        json.dumps(content, indent=None, separators=(",", ":")) + "\n"
    )


if __name__ == "__main__":
    main()
