"""Reading 100 MB of weights with `weights.read`, in turn with the safetensors library's own load; both end with arrays in memory.

python benchmarks/weights.py            # seconds
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from paired import paired
from safetensors.numpy import load_file, save_file

from dnnlab import weights

GATE = 1.3
MATRICES, SIDE = 25, 1024


def seconds(load: Callable[[], Any]) -> float:
    """How long a load takes, and that all numbers are there."""
    began = perf_counter()
    arrays = load()
    took = perf_counter() - began
    assert len(arrays) == MATRICES and all(array.shape == (SIDE, SIDE) for array in arrays.values())
    return took


def main() -> int:
    """One row; 1 if the gate is missed."""
    draws = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "big.safetensors"
        save_file(
            {f"layers.{i}.weight": draws.random((SIDE, SIDE), np.float32) for i in range(MATRICES)}, path
        )
        result = paired(
            "weights.read / safetensors, 100 MB",
            lambda: seconds(lambda: {name: a.read() for name, a in weights.read(path).arrays.items()}),
            lambda: seconds(lambda: load_file(path)),
            gate=GATE,
        )
    return int(result.missed)


if __name__ == "__main__":
    sys.exit(main())
