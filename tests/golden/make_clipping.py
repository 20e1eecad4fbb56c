"""Makes clipping.json: gradients before and after clipping, by formulas in float64.

    python tests/golden/make_clipping.py      # needs numpy; not dnnlab

Adaptive clipping is written out here unit by unit with plain loops (Brock et al. 2021, equation 3).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

Array = np.ndarray
HAND = f"Brock et al. 2021, equation 3, in float64, numpy {np.__version__}"
PLAIN = f"definitions in float64, numpy {np.__version__}"


def adaptive(weight: Array, gradient: Array, axis: int, clipping: float, eps: float) -> Array:
    """Every unit's gradient shortened to clipping * max(||w||, eps); a vector is one unit."""
    whole = weight.ndim == 1
    after = gradient.copy()
    for unit in range(1 if whole else weight.shape[axis]):
        place: Any = (
            slice(None) if whole else tuple(unit if a == axis else slice(None) for a in range(weight.ndim))
        )
        length = np.sqrt((gradient[place] ** 2).sum())
        limit = clipping * max(np.sqrt((weight[place] ** 2).sum()), eps)
        if length > limit:
            after[place] = gradient[place] * limit / length
    return after


def adaptive_cases() -> list[dict[str, Any]]:
    random = np.random.default_rng(0)
    cases = []
    for name, shape, axis in [
        ("dense", (3, 4), 0),
        ("conv", (4, 3, 2, 2), 0),
        ("transposed", (3, 4), 1),
        ("bias", (5,), 0),
    ]:
        for clipping, eps in [(0.01, 1e-3), (0.5, 2.0)]:
            weight, gradient = random.normal(size=shape), random.normal(size=shape)
            if len(shape) > 1:
                first = tuple(0 if a == axis else slice(None) for a in range(len(shape)))
                last = tuple(-1 if a == axis else slice(None) for a in range(len(shape)))
                weight[first] = 0  # a unit at zero counts as one of length eps
                gradient[last] *= 1e-4  # a unit that needs no clipping
            after = adaptive(weight, gradient, axis, clipping, eps)
            keys = {"clipping": clipping, "eps": eps}
            numbers = {"weight": weight.tolist(), "before": gradient.tolist(), "after": after.tolist()}
            norm = float(np.sqrt((gradient**2).sum()))
            cases.append({"name": name, "axis": axis, "keys": keys, "oracle": HAND, "norm": norm, **numbers})
    return cases


def plain_cases() -> list[dict[str, Any]]:
    """By number, by tensor, by all: written out, since torch's clip_grad_norm_ adds 1e-6 to the norm."""
    lists = [[[0.9, 100.0]], [[3.0, 4.0], [12.0]], [[0.3, -0.4], [0.0, 0.1]]]
    cases = []
    for threshold in (1.0, 6.5, 0.25):
        for gradients in lists:
            arrays = [np.array(g) for g in gradients]
            lengths = [np.sqrt((a**2).sum()) for a in arrays]
            norm = np.sqrt(sum(length**2 for length in lengths))
            after = {
                "value": [a.clip(-threshold, threshold) for a in arrays],
                "norm": [a * min(1, threshold / length) for a, length in zip(arrays, lengths, strict=True)],
                "global_norm": [a * min(1, threshold / norm) for a in arrays],
            }
            for name, changed in after.items():
                numbers = {"norm": float(norm), "before": gradients, "after": [a.tolist() for a in changed]}
                cases.append({"name": name, "threshold": threshold, "oracle": PLAIN, **numbers})
    return cases


if __name__ == "__main__":
    whole = {"adaptive": adaptive_cases(), "plain": plain_cases()}
    text = ",\n".join(
        f' "{kind}": [\n  ' + ",\n  ".join(map(json.dumps, cases)) + "\n ]" for kind, cases in whole.items()
    )
    Path(__file__).with_name("clipping.json").write_text(f"{{\n{text}\n}}\n")
