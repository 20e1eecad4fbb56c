"""Writes initializers.json: what Keras' initializers draw for dense and convolution shapes: variance, largest
size and kurtosis.

Run beside it with `KERAS_BACKEND=jax python make_initializers.py`. Kernels the way of Keras: (inputs, units),
(k, k, channels, filters).
"""

from __future__ import annotations

import json
from pathlib import Path

import jax
import keras
import numpy as np
from scipy import stats

SHAPES = {"dense": (400, 900), "conv": (5, 5, 64, 160)}
I = keras.initializers  # noqa: E741
CASES = {
    **{
        f"variance_scaling {scale:g} {mode} {ours}": I.VarianceScaling(scale, mode, theirs, seed=1)
        for scale, mode in ((1.0, "fan_in"), (2.0, "fan_out"), (0.5, "fan_avg"))
        for ours, theirs in (
            ("truncated_normal", "truncated_normal"),
            ("normal", "untruncated_normal"),
            ("uniform", "uniform"),
        )
    },
    "glorot_uniform": I.GlorotUniform(seed=1),
    "he_uniform": I.HeUniform(seed=1),
    "lecun_uniform": I.LecunUniform(seed=1),
    "constant 0.25": I.Constant(0.25),
    "uniform 0.3": I.RandomUniform(-0.3, 0.3, seed=1),
    "normal 0.2": I.RandomNormal(stddev=0.2, seed=1),
    "orthogonal 1.5": I.Orthogonal(1.5, seed=1),
}


def drawn(initializer: keras.Initializer, shape: tuple[int, ...]) -> dict[str, float]:
    """Statistics of one draw."""
    numbers = np.asarray(initializer(shape), dtype=np.float64).ravel()
    kurtosis = float(stats.kurtosis(numbers)) if np.ptp(numbers) > 0 else None
    return {
        "mean": numbers.mean(),
        "variance": numbers.var(),
        "largest": np.abs(numbers).max(),
        "kurtosis": kurtosis,
    }


def main() -> None:
    """Write the file."""
    rows = {
        f"{name} {form}": drawn(initializer, shape)
        for name, initializer in CASES.items()
        for form, shape in SHAPES.items()
    }
    lines = ",\n  ".join(f"{json.dumps(name)}: {json.dumps(row)}" for name, row in rows.items())
    made = f"keras {keras.__version__} on jax {jax.__version__}, one draw each"
    text = (
        f'{{\n "made_by": {json.dumps(made)},\n "shapes": {json.dumps(SHAPES)},\n "drawn": {{\n  '
        f"{lines}\n }}\n}}\n"
    )
    Path(__file__).with_name("initializers.json").write_text(text)


if __name__ == "__main__":
    main()
