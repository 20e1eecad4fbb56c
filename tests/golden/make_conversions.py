"""Writes conversions.json: every sentence that `dnnlab show PART` says to users of torch and Keras, executed
there.

    KERAS_BACKEND=jax JAX_ENABLE_X64=1 python tests/golden/make_conversions.py    # the extra oracle; not dnnlab

A case quotes the clause that it executes (sentences are cut at "; " and ". "), says what dnnlab is to compute
(`measure` and its keys; tests/parts/test_conversions_executed.py computes it), and holds the other library's
numbers. They agree `within` a relative error, or, where the clause says how they differ, dnnlab's divided by
theirs lie in `ratio`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import torch
from conversions.activations import activations
from conversions.cases import CASES, INPUTS
from conversions.clippings import clippings
from conversions.initializers import initializers
from conversions.losses_and_metrics import losses_and_metrics
from conversions.normalizations import normalizations
from conversions.optimizers import optimizers
from conversions.regularizers import regularizers
from conversions.schedules import schedules

KINDS = (
    activations, initializers, normalizations, schedules, optimizers, clippings, losses_and_metrics, regularizers
)  # fmt: skip


def plain(value: Any) -> str:
    """JSON; arrays as lists, all numbers with 12 digits."""
    return json.dumps(value, default=lambda array: np.asarray(array).tolist(), separators=(",", ":"))


def main() -> None:
    """Execute all clauses and write the file."""
    for of_kind in KINDS:
        of_kind()
    versions = f"torch {torch.__version__}, keras {keras.__version__} on jax, lion-pytorch"
    cases = ",\n  ".join(
        plain({**case, "theirs": [float(f"{x:.12g}") for x in case["theirs"]]}) for case in CASES
    )
    text = (
        f'{{\n "made_by": {json.dumps(versions)},\n "inputs": {plain(INPUTS)},\n "cases": [\n  {cases}\n'
        f" ]\n}}\n"
    )
    Path(__file__).with_name("conversions.json").write_text(text)


if __name__ == "__main__":
    main()
