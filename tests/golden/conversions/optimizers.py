"""Optimizers: two parameters after some steps, and the lengths of steps where a clause says how they
differ.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras
import lion_pytorch
import numpy as np
import torch
from make_optimizers import GRADIENTS, START, by_keras, by_torch

from .cases import flat, says

T, K = torch.optim, keras.optimizers


def optimizers() -> None:
    """The two parameters after the first and the fifth step; lengths of the moves where a clause says how
    they differ.
    """

    def case(
        name: str,
        library: str,
        clause: str,
        make: Any,
        gradients: str = "mixed",
        times: float = 1.0,
        **keys: Any,
    ) -> None:
        how = {key: keys.pop(key) for key in ("within", "ratio") if key in keys}
        more = {key: keys.pop(key) for key in ("decay", "roles", "steps") if key in keys}
        steps = more.setdefault("steps", 5)
        given = [[times * g for g in grads] for grads in GRADIENTS[gradients][:steps]]
        after = by_torch(make, given) if library == "torch" else by_keras(make, given)
        measure = "lengths" if "ratio" in how else "moved"
        if measure == "lengths":
            numbers = [
                [sum(np.abs(p - s).sum() for p, s in zip(after[at], START, strict=True))]
                for at in (0, steps - 1)
            ]
        else:
            numbers = [flat(*after[0]), flat(*after[steps - 1])]
        ours = {"optimizer": {"name": name, **keys}, "gradients": gradients, "times": times, **more}
        says(f"optimizer.{name}", library, clause, measure, ours, *numbers, **(how or {"within": 2e-6}))

    both = ["weight", "bias"]
    clause = "torch.optim.Adadelta(lr, rho, eps): the same"
    case(
        "adadelta",
        "torch",
        clause,
        lambda p: T.Adadelta(p, lr=0.7, rho=0.8, eps=1e-3),
        lr=0.7,
        rho=0.8,
        eps=1e-3,
    )
    clause = (
        "Adadelta(learning_rate=1e-3, rho=0.95, epsilon=1e-7): the same formula, with a rate a "
        "thousandth of the paper's 1"
    )
    case("adadelta", "keras", clause, K.Adadelta(), lr=1e-3, rho=0.95, eps=1e-7)
    clause = "torch.optim.Adafactor(lr, beta2_decay, eps, d): d is clip_threshold"
    keys = {"lr": 0.1, "beta2_decay": -0.5, "eps": (1e-30, 1e-3), "clip_threshold": 1.05}
    case(
        "adafactor",
        "torch",
        clause,
        lambda p: T.Adafactor(p, lr=0.1, beta2_decay=-0.5, eps=(1e-30, 1e-3), d=1.05),
        **keys,
    )
    clause = "the square of its eps[0] bounds the mean squares from below, here eps[0] is added to g^2"
    case(
        "adafactor",
        "torch",
        clause,
        lambda p: T.Adafactor(p, lr=0.1, eps=(0.5, 1e-3)),
        lr=0.1,
        eps=(0.5**2, 1e-3),
        ratio=(0.5, 0.99),
        times=0.3,
    )
    says(
        "optimizer.adafactor",
        "torch",
        "its default eps[0] is 1.2e-7 in float32, here 1e-30",
        "number",
        1.2e-7,
        adafactor_bound(),
        within=0.02,
    )
    clause = (
        "Adafactor(learning_rate=1e-3, beta_2_decay, epsilon_1, epsilon_2, clip_threshold): "
        "beta2_decay, eps: [epsilon_1, epsilon_2]"
    )
    made = K.Adafactor(0.1, beta_2_decay=-0.6, epsilon_1=0.3, epsilon_2=0.9, clip_threshold=1.05)
    case("adafactor", "keras", clause, made, lr=0.1, beta2_decay=-0.6, eps=(0.3, 0.9), clip_threshold=1.05)
    clause = "its steps stay relative under relative_step=False too (3.15)"
    case("adafactor", "keras", clause, K.Adafactor(0.8, relative_step=False), lr=0.8, relative_step=True)
    clause = "torch.optim.Adagrad(lr, initial_accumulator_value, eps): the same"
    keys = {"lr": 0.1, "initial_accumulator_value": 0.3, "eps": 0.05}
    case("adagrad", "torch", clause, lambda p: T.Adagrad(p, **keys), **keys)
    clause = "its lr_decay=k is schedule: inverse_time"
    rates = [0.1 / (1 + 0.5 * t) for t in range(5)]
    after = by_torch(lambda p: T.Adagrad(p, lr=0.1, lr_decay=0.5), GRADIENTS["mixed"][:5])
    ours = {
        "optimizer": {"name": "adagrad", "lr": 0.1, "initial_accumulator_value": 0.0, "eps": 1e-10},
        "gradients": "mixed",
        "times": 1.0,
        "steps": 5,
        "rates": rates,
    }
    says("optimizer.adagrad", "torch", clause, "moved", ours, flat(*after[0]), flat(*after[4]))
    clause = "Adagrad(learning_rate=1e-3, initial_accumulator_value=0.1, epsilon=1e-7): write these numbers"
    case("adagrad", "keras", clause, K.Adagrad(), lr=1e-3, initial_accumulator_value=0.1, eps=1e-7)
    clause = "its epsilon stands under the root"
    made = K.Adagrad(0.1, initial_accumulator_value=0.0, epsilon=0.01)
    case("adagrad", "keras", clause, made, lr=0.1, initial_accumulator_value=0.01, eps=1e-12, times=0.1)
    clause = "torch.optim.Adam(lr, betas, eps, amsgrad): the same"
    keys = {"lr": 0.1, "betas": (0.8, 0.95), "eps": 0.01}
    case(
        "adam", "torch", clause, lambda p: T.Adam(p, **keys, amsgrad=True), "shrinking", **keys, amsgrad=True
    )
    clause = "its weight_decay=d is regularizers: {l2: d}, which leaves biases alone"
    for name, maker in {"adam": T.Adam, "radam": T.RAdam, "sgd": T.SGD}.items():
        case(
            name,
            "torch",
            clause,
            lambda p, m=maker: m([{"params": p[:1], "weight_decay": 0.3}, {"params": p[1:]}], lr=0.1),
            lr=0.1,
            decay=0.3,
        )
    clause = "Adam(learning_rate, beta_1, beta_2, epsilon=1e-7): lr, betas, eps: 1e-7"
    case("adam", "keras", clause, K.Adam(0.1, 0.8, 0.95), lr=0.1, betas=(0.8, 0.95), eps=1e-7)
    clause = (
        "its epsilon stands before the bias correction and so acts more in the first steps: at "
        "gradients of 1e-5 the first is 1.4 times as long here"
    )
    one = by_keras_flat(K.Adam(0.1), 1e-5)
    says(
        "optimizer.adam",
        "keras",
        clause,
        "flat",
        {"optimizer": {"name": "adam", "lr": 0.1, "eps": 1e-7}, "size": 1e-5},
        one[:1],
        ratio=(1.3, 1.5),
    )
    says(
        "optimizer.adam",
        "keras",
        clause,
        "flat",
        {"optimizer": {"name": "adam", "lr": 0.1, "eps": 1e-7}, "size": 1e-5, "at": 999},
        one[999:],
        ratio=(0.99, 1.05),
    )
    case(
        "adamax",
        "torch",
        "torch.optim.Adamax(lr, betas, eps): the same",
        lambda p: T.Adamax(p, **keys),
        "shrinking",
        **keys,
    )
    clause = "Adamax(learning_rate=1e-3, beta_1, beta_2, epsilon=1e-7)"
    case("adamax", "keras", clause, K.Adamax(0.1), lr=0.1, eps=1e-7)
    of_keras, of_torch = by_keras_flat(K.Adamax(0.1, epsilon=0.5), 1.0)[:1], [0.1 * 1 / (1 + 0.5)]
    says("optimizer.adamax", "keras", "its epsilon is added to u, here to |g|", "number", of_torch, of_keras)
    says(
        "optimizer.adamax",
        "keras",
        "its epsilon is added to u, here to |g|",
        "flat",
        {"optimizer": {"name": "adamax", "lr": 0.1, "eps": 0.5}, "size": 1.0, "at": 30},
        by_keras_flat(K.Adamax(0.1, epsilon=0.5), 1.0)[30:31],
        within=0.02,
    )
    clause = (
        "torch.optim.AdamW(lr, betas, eps, weight_decay, amsgrad): the same, but biases and "
        "normalization do not decay here"
    )

    def decayed(p: list[torch.Tensor]) -> Any:
        return T.AdamW(
            [{"params": p[:1], "weight_decay": 0.3}, {"params": p[1:], "weight_decay": 0.0}],
            **keys,
            amsgrad=True,
        )

    case("adamw", "torch", clause, decayed, "shrinking", **keys, amsgrad=True, weight_decay=0.3, roles=both)
    clause = (
        "AdamW(learning_rate, beta_1, beta_2, epsilon=1e-7, weight_decay=4e-3): its epsilon stands "
        "before the bias correction"
    )
    case("adamw", "keras", clause, K.AdamW(0.1), lr=0.1, eps=1e-7, weight_decay=4e-3)
    says(
        "optimizer.adamw",
        "keras",
        clause,
        "flat",
        {"optimizer": {"name": "adamw", "lr": 0.1, "eps": 1e-7, "weight_decay": 0.0}, "size": 1e-5},
        by_keras_flat(K.AdamW(0.1, weight_decay=0), 1e-5)[:1],
        ratio=(1.3, 1.5),
    )
    clause = "without penalties it is torch.optim.Adagrad(lr, initial_accumulator_value, eps=beta)"
    case(
        "ftrl",
        "torch",
        clause,
        lambda p: T.Adagrad(p, lr=0.1, initial_accumulator_value=0.1, eps=0.2),
        lr=0.1,
        beta=0.2,
    )
    clause = (
        "Ftrl(learning_rate=1e-3, l1_regularization_strength=a, l2_regularization_strength=b, "
        "l2_shrinkage_regularization_strength=c) is l1: a, l2: 2b, l2_shrinkage: 2c, start: zero"
    )
    penalties = {
        "l1_regularization_strength": 0.7,
        "l2_regularization_strength": 0.4,
        "l2_shrinkage_regularization_strength": 0.05,
    }
    case(
        "ftrl",
        "keras",
        clause,
        K.Ftrl(0.3, **penalties),
        lr=0.3,
        l1=0.7,
        l2=0.8,
        l2_shrinkage=0.1,
        start="zero",
    )
    jump, still = ftrl_jump()
    clause = "its weights jump when a schedule changes the rate, here they do not"
    says(
        "optimizer.ftrl",
        "keras",
        clause,
        "jump",
        {"optimizer": {"name": "ftrl", "lr": 0.3}},
        jump,
        ratio=(0.0, 0.01),
    )
    says("optimizer.ftrl", "keras", "it penalizes biases too", "number", 0.0, still)
    clause = (
        "the package lion-pytorch has Lion(lr, betas, weight_decay): the same, but biases do not decay here"
    )

    def lion(p: list[torch.Tensor]) -> Any:
        groups = [{"params": p[:1], "weight_decay": 0.3}, {"params": p[1:], "weight_decay": 0.0}]
        return lion_pytorch.Lion(groups, lr=0.1, betas=(0.6, 0.8))

    case("lion", "torch", clause, lion, lr=0.1, betas=(0.6, 0.8), weight_decay=0.3, roles=both)
    clause = "Lion(learning_rate=1e-3, beta_1, beta_2, weight_decay): the same"
    case(
        "lion",
        "keras",
        clause,
        K.Lion(0.1, 0.6, 0.8, weight_decay=0.3),
        lr=0.1,
        betas=(0.6, 0.8),
        weight_decay=0.3,
    )
    clause = "torch.optim.NAdam(lr=2e-3, momentum_decay=4e-3): the same"
    case("nadam", "torch", clause, lambda p: T.NAdam(p, lr=2e-3), lr=2e-3)
    clause = (
        "Nadam(beta_1, beta_2, epsilon=1e-7) is betas, eps: 1e-7 and momentum_decay: 1.0 (its momentum "
        "grows with 0.96^t, here with 0.96^(0.004 t))"
    )
    case(
        "nadam",
        "keras",
        clause,
        K.Nadam(0.1, 0.8, 0.95),
        lr=0.1,
        betas=(0.8, 0.95),
        eps=1e-7,
        momentum_decay=1.0,
    )
    case(
        "radam",
        "torch",
        "torch.optim.RAdam(lr, betas, eps): the same",
        lambda p: T.RAdam(p, **keys),
        steps=8,
        **keys,
    )
    clause = "torch.optim.RMSprop(lr=0.01, alpha=0.99, eps, momentum, centered): the same keys"
    every = {"lr": 0.05, "alpha": 0.7, "momentum": 0.8, "centered": True, "eps": 0.02}
    case("rmsprop", "torch", clause, lambda p: T.RMSprop(p, **every), **every)
    case("rmsprop", "torch", clause, T.RMSprop, lr=0.01, alpha=0.99)
    clause = "RMSprop(learning_rate, rho, momentum, epsilon=1e-7, centered): rho is alpha"
    case(
        "rmsprop",
        "keras",
        clause,
        K.RMSprop(0.05, 0.7, 0.8),
        lr=0.05,
        alpha=0.7,
        momentum=0.8,
        eps=1e-10,
        within=1e-5,
    )
    clause = "its epsilon stands under the root, so eps: sqrt(epsilon), here 3e-4, comes near"
    for size in (1e-2, 1e-3, 1e-4, 1e-5, 1e-7):
        ours = {"optimizer": {"name": "rmsprop", "lr": 0.05, "eps": 3e-4}, "size": size, "at": 29}
        says(
            "optimizer.rmsprop",
            "keras",
            clause,
            "flat",
            ours,
            by_keras_flat(K.RMSprop(0.05), size)[29:30],
            ratio=(0.7, 1.1),
        )
    rates = [0.1, 0.1, 0.01, 0.01, 0.01]
    for name, maker, more in (
        ("sgd", lambda: K.SGD(0.1, 0.9), {"momentum": 0.9}),
        ("rmsprop", lambda: K.RMSprop(0.1, momentum=0.9), {"momentum": 0.9, "eps": 3e-4}),
    ):
        clause = "its velocity holds the rate" + (
            ", so when a schedule lowers the rate its steps follow later than here" if name == "sgd" else ""
        )
        ours = {"optimizer": {"name": name, "lr": 0.1, **more}, "size": 1.0, "at": 3, "rates": rates}
        says(
            f"optimizer.{name}",
            "keras",
            clause,
            "flat",
            ours,
            by_keras_flat(maker(), 1.0, rates)[3:4],
            ratio=(0.05, 0.5),
        )
    clause = "torch.optim.Rprop(lr, etas, step_sizes): the same while the rate is constant"
    keys = {"lr": 0.1, "etas": (0.6, 1.4), "step_sizes": (0.08, 0.12)}
    case("rprop", "torch", clause, lambda p: T.Rprop(p, **keys), steps=8, **keys)
    weight = torch.zeros(1, requires_grad=True)
    rprop, moves = T.Rprop([weight], lr=0.1), []
    for rate in (0.1, 0.01, 0.01, 0.01):
        before, weight.grad, rprop.param_groups[0]["lr"] = weight.item(), torch.ones(1), rate
        rprop.step()
        moves.append(before - weight.item())
    ours = {"optimizer": {"name": "rprop", "lr": 0.1}, "size": 1.0, "at": 3, "rates": [0.1, 0.01, 0.01, 0.01]}
    says(
        "optimizer.rprop",
        "torch",
        "a schedule acts here, there it does not",
        "flat",
        ours,
        moves[3],
        ratio=(0.09, 0.11),
    )
    keys = {"lr": 0.1, "momentum": 0.9, "nesterov": True}
    case(
        "sgd",
        "torch",
        "torch.optim.SGD(lr, momentum, nesterov), dampening 0",
        lambda p: T.SGD(p, **keys),
        **keys,
    )
    case("sgd", "keras", "SGD(learning_rate, momentum, nesterov)", K.SGD(0.1, 0.9, True), **keys)
    muons()


def by_keras_flat(optimizer: Any, size: float, rates: Sequence[float] | None = None) -> list[float]:
    """How far each of 1,000 steps on one weight with a constant gradient goes; fewer with rates."""
    weight, moves = keras.Variable(np.zeros(1)), []
    optimizer.build([weight])
    for rate in rates or [None] * (1000 if size == 1e-5 else 60):
        before = float(weight.value[0])
        if rate is not None:
            optimizer.learning_rate = rate
        optimizer.apply_gradients([(keras.ops.convert_to_tensor(np.full(1, size)), weight)])
        moves.append(before - float(weight.value[0]))
    return moves


def adafactor_bound() -> float:
    """The size of gradient below which torch's default bound makes Adafactor's steps shorter; half the length
    is at the bound / 2.
    """
    sizes, lengths = np.geomspace(1e-9, 1e-3, 2000), []
    for size in sizes:
        weight = torch.ones(2, dtype=torch.float32, requires_grad=True)
        weight.grad = torch.full((2,), float(size), dtype=torch.float32)
        T.Adafactor([weight], lr=0.01).step()
        lengths.append(float((1 - weight.detach()).abs().max()))
    return float(sizes[int(np.argmax(np.array(lengths) > 0.99 * max(lengths)))])


def ftrl_jump() -> tuple[float, float]:
    """How far Keras' weights go at a gradient of 0 after the rate fell to a tenth; what is left of a bias
    under a large L1.
    """
    weight, bias = keras.Variable(np.zeros(1)), keras.Variable(np.ones(1), name="bias")
    optimizer, punished = K.Ftrl(0.3), K.Ftrl(0.3, l1_regularization_strength=100.0)
    optimizer.build([weight])
    punished.build([bias])
    one, nothing = (keras.ops.convert_to_tensor(np.full(1, x)) for x in (1.0, 0.0))
    optimizer.apply_gradients([(one, weight)])
    before = float(weight.value[0])
    optimizer.learning_rate = 0.03
    optimizer.apply_gradients([(nothing, weight)])
    punished.apply_gradients([(nothing, bias)])
    return abs(float(weight.value[0]) - before), float(bias.value[0])


def muons() -> None:
    """Lengths of the first step of a matrix, and what happens to convolutions."""
    gradient = np.random.default_rng(1).normal(size=(64, 16))
    clause = "torch.optim.Muon(lr=1e-3, weight_decay=0.1) takes matrices alone"
    defaults = T.Muon([torch.zeros(2, 2)]).defaults
    says("optimizer.muon", "torch", clause, "number", [1e-3, 0.1], [defaults["lr"], defaults["weight_decay"]])
    try:
        T.Muon([torch.zeros(2, 2, 3, 3)])
    except ValueError as error:
        says("optimizer.muon", "torch", clause, "number", 1, float("2D" in str(error)))
    clause = (
        "Muon(learning_rate=1e-3, weight_decay=0.004): its steps are 0.2 sqrt(max(rows, columns)) "
        "long, so lr is that times its rate, "
        "divided by sqrt(max(1, rows / columns))"
    )
    plain = K.Muon()
    says(
        "optimizer.muon",
        "keras",
        clause,
        "number",
        [1e-3, 0.004],
        [float(plain.learning_rate), plain.weight_decay],
    )
    for shape in ((64, 16), (16, 64), (32, 32)):
        grad = gradient.reshape(shape)
        units, inputs = shape
        weight = keras.Variable(np.zeros((inputs, units)), name="kernel")
        optimizer = K.Muon(0.02, weight_decay=0.0)
        optimizer.build([weight])
        optimizer.apply_gradients([(keras.ops.convert_to_tensor(grad.T), weight)])
        length = np.linalg.norm(np.asarray(weight.value))
        lr = 0.02 * 0.2 * math.sqrt(max(shape)) / math.sqrt(max(1, units / inputs))
        says(
            "optimizer.muon",
            "keras",
            clause,
            "matrix_step",
            {"lr": lr, "gradient": grad.tolist()},
            length,
            within=0.05,
        )
    kernel = keras.Variable(np.zeros((3, 3, 4, 8)), name="kernel")
    optimizer = K.Muon(0.02, weight_decay=0.0)
    optimizer.build([kernel])
    grads = np.random.default_rng(2).normal(size=(3, 3, 4, 8))
    optimizer.apply_gradients([(keras.ops.convert_to_tensor(grads), kernel)])
    says(
        "optimizer.muon",
        "keras",
        "a convolution takes Adam's step there",
        "number",
        [0.02] * 3,
        np.abs(np.asarray(kernel.value)).ravel()[:3],
        within=1e-3,
    )
    bias = keras.Variable(np.zeros(4), name="bias")
    optimizer = K.Muon(0.02, weight_decay=0.0, adam_lr_ratio=0.1)
    optimizer.build([bias])
    optimizer.apply_gradients([(keras.ops.convert_to_tensor(np.ones(4)), bias)])
    clause = "AdamW's rate is adam_lr_ratio times lr there, adamw_lr here"
    says(
        "optimizer.muon",
        "keras",
        clause,
        "bias_step",
        {"lr": 0.02, "adamw_lr": 0.002},
        -np.asarray(bias.value)[0],
        within=1e-3,
    )
