"""Writes activations.json: values and gradients of every activation in float64, from Keras on JAX and from
SciPy's functions.

Run beside it with `KERAS_BACKEND=jax JAX_ENABLE_X64=1 python make_activations.py`. No point lies on a kink,
where slopes are a convention.
"""

from __future__ import annotations

import json
from pathlib import Path

import jax
import jax.numpy as jnp
import keras
import numpy as np
import scipy
from keras.src.backend.common import dtypes
from scipy import special

POINTS = [-6.5, -3.5, -2.25, -1.5, -0.5, -0.125, 0.125, 0.5, 1.25, 2.75, 3.5, 6.5]
A = keras.activations
MEAN_SLOPE = (1 / 8 + 1 / 3) / 2

KERAS = {
    "identity": ({}, A.linear),
    "sigmoid": ({}, A.sigmoid),
    "tanh": ({}, A.tanh),
    "relu": ({}, A.relu),
    "leaky_relu": ({}, lambda x: A.leaky_relu(x, negative_slope=0.01)),
    "leaky_relu 0.3": ({"negative_slope": 0.3}, lambda x: A.leaky_relu(x, negative_slope=0.3)),
    "rrelu": ({}, lambda x: A.leaky_relu(x, negative_slope=MEAN_SLOPE)),
    "rrelu 0.1 0.5": ({"lower": 0.1, "upper": 0.5}, lambda x: A.leaky_relu(x, negative_slope=0.3)),
    "prelu": ({}, lambda x: A.leaky_relu(x, negative_slope=0.25)),
    "prelu 0.125": ({"init": 0.125}, lambda x: A.leaky_relu(x, negative_slope=0.125)),
    "elu": ({}, A.elu),
    "elu 0.5": ({"alpha": 0.5}, lambda x: A.elu(x, alpha=0.5)),
    "selu": ({}, A.selu),
    "celu": ({}, A.celu),
    "celu 0.5": ({"alpha": 0.5}, lambda x: A.celu(x, alpha=0.5)),
    "gelu": ({}, lambda x: A.gelu(x, approximate=False)),
    "gelu tanh": ({"approximate": True}, lambda x: A.gelu(x, approximate=True)),
    "silu": ({}, A.silu),
    "mish": ({}, A.mish),
    "softplus": ({}, A.softplus),
    "softsign": ({}, A.softsign),
    "hard_tanh": ({}, A.hard_tanh),
    "hard_sigmoid": ({}, A.hard_sigmoid),
    "hard_swish": ({}, A.hard_silu),
    "relu6": ({}, A.relu6),
}

X = np.array(POINTS)
BY_HAND = {
    "sigmoid": special.expit(X),
    "softplus": np.logaddexp(0, X),
    "gelu": X * special.ndtr(X),
    "silu": X * special.expit(X),
    "mish": X * np.tanh(np.logaddexp(0, X)),
    "softsign": X / (1 + np.abs(X)),
    "celu 0.5": np.where(X > 0, X, 0.5 * special.expm1(np.minimum(X, 0) / 0.5)),
    "hard_swish": X * np.clip(X + 3, 0, 6) / 6,
}


def main() -> None:
    """Write the file; stop where the two sources disagree."""
    keras.config.set_floatx("float64")
    dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"  # Keras would go down to float32 in some functions
    points, cases = jnp.array(POINTS), []
    assert points.dtype == jnp.float64
    for label, (keys, function) in KERAS.items():
        values = np.asarray(function(points))
        assert values.dtype == np.float64, label
        if label in BY_HAND:
            np.testing.assert_allclose(values, BY_HAND[label], rtol=1e-13, atol=1e-15, err_msg=label)
        slopes = np.asarray(jax.vmap(jax.grad(function))(points))
        cases.append(
            {"name": label.split()[0], "keys": keys, "values": values.tolist(), "slopes": slopes.tolist()}
        )
    made = (
        f"keras {keras.__version__} on jax {jax.__version__}, float64; {len(BY_HAND)} of them equal to "
        f"scipy {scipy.__version__}"
    )
    lines = ",\n  ".join(json.dumps(case) for case in cases)
    text = f'{{\n "made_by": {json.dumps(made)},\n "points": {POINTS},\n "cases": [\n  {lines}\n ]\n}}\n'
    Path(__file__).with_name("activations.json").write_text(text)


if __name__ == "__main__":
    main()
