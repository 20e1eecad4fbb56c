"""Writes normalizations.json: outputs and gradients in float64.

Formulas written out here, equal to Keras' layers, differentiated by JAX.

Run beside it with `KERAS_BACKEND=jax JAX_ENABLE_X64=1 python make_normalizations.py`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import jax
import jax.numpy as jnp
import keras
import numpy as np
from keras.src.backend.common import dtypes

CHANNELS = 8
RANDOM = np.random.default_rng(4)
GAIN, SHIFT = RANDOM.uniform(0.5, 2.0, CHANNELS).round(3), RANDOM.normal(size=CHANNELS).round(3)
INPUTS = {
    "dense": (RANDOM.normal(size=(5, CHANNELS)) * 3 + 1).round(3),
    "image": (RANDOM.normal(size=(3, CHANNELS, 2, 3)) * 3 + 1).round(3),
}
SLOPES = {form: RANDOM.normal(size=x.shape).round(3) for form, x in INPUTS.items()}  # of the outputs
Formula = Callable[[jnp.ndarray], jnp.ndarray]


def whitened(axes: Callable[[int], tuple[int, ...]], eps: float) -> Formula:
    def formula(x: jnp.ndarray) -> jnp.ndarray:
        over = axes(x.ndim)
        return (x - x.mean(over, keepdims=True)) / jnp.sqrt(x.var(over, keepdims=True) + eps)

    return formula


def grouped(groups: int, eps: float) -> Formula:
    def formula(x: jnp.ndarray) -> jnp.ndarray:
        apart = x.reshape(len(x), groups, -1)
        return whitened(lambda ndim: (2,), eps)(apart).reshape(x.shape)

    return formula


def by_root_mean_square(eps: float) -> Formula:
    def formula(x: jnp.ndarray) -> jnp.ndarray:
        return x / jnp.sqrt((x**2).mean(tuple(range(1, x.ndim)), keepdims=True) + eps)

    return formula


L = keras.layers
BATCH, ROW = lambda ndim: (0, *range(2, ndim)), lambda ndim: tuple(range(1, ndim))
# name, keys, form, formula, Keras' layer (None: it has no such)
CASES = [
    (
        "batch",
        {},
        "dense",
        whitened(BATCH, 1e-5),
        L.BatchNormalization(axis=1, epsilon=1e-5, dtype="float64"),
    ),
    (
        "batch",
        {"eps": 1e-2},
        "image",
        whitened(BATCH, 1e-2),
        L.BatchNormalization(axis=1, epsilon=1e-2, dtype="float64"),
    ),
    ("layer", {}, "dense", whitened(ROW, 1e-5), L.LayerNormalization(epsilon=1e-5, dtype="float64")),
    (
        "layer",
        {"eps": 1e-2},
        "image",
        whitened(ROW, 1e-2),
        L.GroupNormalization(1, axis=1, epsilon=1e-2, dtype="float64"),
    ),
    (
        "group",
        {"groups": 2},
        "dense",
        grouped(2, 1e-5),
        L.GroupNormalization(2, axis=1, epsilon=1e-5, dtype="float64"),
    ),
    (
        "group",
        {"groups": 4, "eps": 1e-2},
        "image",
        grouped(4, 1e-2),
        L.GroupNormalization(4, axis=1, epsilon=1e-2, dtype="float64"),
    ),
    (
        "instance",
        {},
        "image",
        grouped(CHANNELS, 1e-5),
        L.GroupNormalization(-1, axis=1, epsilon=1e-5, dtype="float64"),
    ),
    ("rms", {}, "dense", by_root_mean_square(1e-6), L.RMSNormalization(epsilon=1e-6, dtype="float64")),
    ("rms", {"eps": 1e-2}, "image", by_root_mean_square(1e-2), None),
]


def case(
    name: str, keys: dict[str, float], form: str, formula: Formula, layer: keras.layers.Layer | None
) -> dict[str, object]:
    """One case; stops where formula and layer disagree."""
    x, slopes = jnp.array(INPUTS[form]), jnp.array(SLOPES[form])
    column = (-1, *(1,) * (x.ndim - 2))
    shift = jnp.zeros(CHANNELS) if name == "rms" else jnp.array(SHIFT)

    def outputs(x: jnp.ndarray, gain: jnp.ndarray, shift: jnp.ndarray) -> jnp.ndarray:
        return formula(x) * gain.reshape(column) + shift.reshape(column)

    values = outputs(x, jnp.array(GAIN), shift)
    if layer is not None:
        layer.build(x.shape)
        for weight, numbers in zip(layer.trainable_weights, (GAIN, shift), strict=False):
            weight.assign(numbers)
        np.testing.assert_allclose(
            layer(x, training=True) if name == "batch" else layer(x),
            values,
            rtol=1e-10,
            atol=1e-12,
            err_msg=name,
        )
    of_x, of_gain, of_shift = jax.grad(lambda *a: (outputs(*a) * slopes).sum(), argnums=(0, 1, 2))(
        x, jnp.array(GAIN), shift
    )
    found = {
        "name": name,
        "keys": keys,
        "form": form,
        "keras": layer is not None,
        "outputs": values,
        "of_inputs": of_x,
        "of_weight": of_gain,
    }
    return found if name == "rms" else {**found, "of_bias": of_shift}


def main() -> None:
    """Write the file."""
    keras.config.set_floatx("float64")
    dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"  # Keras would go down to float32 in some functions
    made = (
        f"formulas on jax {jax.__version__}, equal to keras {keras.__version__} where keras is true, float64"
    )
    head = {"made_by": made, "weight": GAIN, "bias": SHIFT, "inputs": INPUTS, "slopes": SLOPES}
    lines = ",\n  ".join(plain(case(*each)) for each in CASES)
    text = f'{plain(head)[:-1]},\n "cases": [\n  {lines}\n ]\n}}\n'
    Path(__file__).with_name("normalizations.json").write_text(text)


def plain(value: object) -> str:
    """JSON, arrays as lists."""
    return json.dumps(value, default=lambda array: np.asarray(array, dtype=np.float64).tolist())


if __name__ == "__main__":
    main()
