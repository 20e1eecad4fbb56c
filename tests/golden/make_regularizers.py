"""Writes regularizers.json: penalties with their slopes, constraints, alpha dropout's numbers and early
stopping, as Keras has them.

Run beside it with `KERAS_BACKEND=jax JAX_ENABLE_X64=1 python make_regularizers.py`. Weights stand as in
torch: (units, inputs) and (filters, channels, height, width); Keras gets them transposed.
"""

from __future__ import annotations

import json
from pathlib import Path

import jax
import jax.numpy as jnp
import keras
import numpy as np

keras.backend.set_floatx("float64")
R, C = keras.regularizers, keras.constraints
DRAWS = np.random.default_rng(0)
DENSE = [[3.0, 4.0, -1.0], [0.3, 0.4, 0.1], [-1.0, 0.5, 2.0], [0.0, 0.0, 0.0]]
KERNEL = DRAWS.normal(size=(3, 2, 2, 2)).round(3).tolist()

# dnnlab's part, its two strengths, and the same in Keras, whose L2 has no factor 1/2.
PENALTIES = [
    ({"name": "l1", "strength": 0.3}, 0.3, 0.0, R.L1(0.3)),
    ({"name": "l2", "strength": 0.3}, 0.0, 0.3, R.L2(0.15)),
    ({"name": "l1_l2", "l1": 0.02, "l2": 0.5}, 0.02, 0.5, R.L1L2(l1=0.02, l2=0.25)),
]
CONSTRAINTS = [
    ({"name": "max_norm", "limit": 1.5}, lambda axis: C.MaxNorm(1.5, axis=axis)),
    ({"name": "unit_norm"}, lambda axis: C.UnitNorm(axis=axis)),
    ({"name": "non_negative"}, lambda axis: C.NonNeg()),
]
MONITORS = [
    [0.5, 0.6, 0.6, 0.61, 0.6, 0.6, 0.62, 0.5, 0.5, 0.5, 0.7],
    [0.9, 0.8, 0.85, 0.95, 0.949, 0.9, 0.96, 0.96, 0.96, 0.96, 0.96],
]


def penalty(part: dict, l1: float, l2: float, regularizer: object) -> dict:
    """The value over both tensors, and the slopes."""
    weights = [
        jnp.asarray(DENSE[:3]),
        jnp.asarray(KERNEL),
    ]  # no zeros: the slope of |w| there is a convention
    value, slopes = jax.value_and_grad(lambda tensors: sum(regularizer(w) for w in tensors))(weights)
    return {"part": part, "l1": l1, "l2": l2, "value": float(value), "slopes": [s.tolist() for s in slopes]}


def constraint(part: dict, make: object) -> dict:
    """The weights after one call."""
    dense = np.asarray(make(0)(jnp.asarray(DENSE).T)).T
    kernel = np.asarray(make([0, 1, 2])(jnp.transpose(jnp.asarray(KERNEL), (2, 3, 1, 0))))
    return {"part": part, "dense": dense.tolist(), "kernel": kernel.transpose(3, 2, 0, 1).tolist()}


def alpha_dropout(rate: float) -> dict:
    """What becomes of 0 and of 1 where they are kept, and of what is dropped."""
    layer = keras.layers.AlphaDropout(rate, seed=1)
    zeros, ones = (
        set(np.asarray(layer(np.full(400, x), training=True)).round(12).tolist()) for x in (0.0, 1.0)
    )
    (dropped,), (of_zero,), (of_one,) = zeros & ones, zeros - ones, ones - zeros
    return {"rate": rate, "dropped": dropped, "zero": of_zero, "one": of_one}


def early_stopping(values: list[float], patience: int, min_delta: float) -> dict:
    """The epoch (from 1) after which Keras stops, None where it does not."""
    stopper = keras.callbacks.EarlyStopping(
        monitor="score", mode="max", patience=patience, min_delta=min_delta
    )
    model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)])
    model.compile(loss="mse")
    stopper.set_model(model)
    model.stop_training = False
    stopper.on_train_begin()
    stop = None
    for epoch, value in enumerate(values):
        stopper.on_epoch_end(epoch, {"score": value})
        if model.stop_training:
            stop = epoch + 1
            break
    return {"values": values, "patience": patience, "min_delta": min_delta, "stop": stop}


content = {
    "made_by": f"keras {keras.__version__} on jax {jax.__version__}, float64",
    "dense": DENSE,
    "kernel": KERNEL,
    "penalties": [penalty(*case) for case in PENALTIES],
    "constraints": [constraint(*case) for case in CONSTRAINTS],
    "alpha_dropout": [alpha_dropout(rate) for rate in (0.05, 0.1, 0.5)],
    "early_stopping": [early_stopping(v, p, d) for v in MONITORS for p in (1, 2, 3, 4) for d in (0.0, 0.015)],
}
path = Path(__file__).with_suffix("").with_name("regularizers.json")
path.write_text(json.dumps(content, indent=1) + "\n")
