"""Every optimizer with every key against torch.optim, Keras or a calculation by hand
(tests/golden/make_optimizers.py).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from dnnlab import registry

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "optimizers.json").read_text())
CASES = GOLDEN["cases"]
NUMBERS_ELSEWHERE = {
    "lbfgs",
    "muon",
}  # test_optimizers.py, test_optimizers_against_torch.py: not of two small parameters


def steps_of(case: dict[str, Any], dtype: torch.dtype, fused: bool = True) -> list[list[Tensor]]:
    """The two parameters after each step, as dnnlab's optimizer moves them."""
    params = [torch.tensor(p, dtype=dtype).requires_grad_() for p in GOLDEN["start"]]
    groups = [{"params": [p], "lr_factor": 1.0, "weight_decay": 0.0, "role": "weight"} for p in params]
    optimizer = registry.build("optimizer", case["optimizer"], groups)
    assert optimizer.fused
    optimizer.fused = fused
    rates = case.get("rates", [None] * len(case["after"]))
    after = []
    for grads, rate in zip(GOLDEN["gradients"][case["gradients"]], rates, strict=False):
        for p, g in zip(params, grads, strict=True):
            p.grad = torch.tensor(g, dtype=dtype)
        for group in optimizer.param_groups:
            group["lr"] = rate or group["lr"]
        optimizer.step()
        after.append([p.detach().clone() for p in params])
    return after


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
@pytest.mark.parametrize(
    "dtype, within, fused",
    [(torch.float64, 1e-11, True), (torch.float64, 1e-11, False), (torch.float32, 3e-5, True)],
    ids=["float64", "not_fused", "float32"],
)
def test_the_numbers_of(case: dict[str, Any], dtype: torch.dtype, within: float, fused: bool) -> None:
    ours = steps_of(case, dtype, fused)
    assert len(ours) == len(case["after"]) >= 5
    for mine, theirs in zip(ours, case["after"], strict=True):
        for a, b in zip(mine, theirs, strict=True):
            torch.testing.assert_close(a, torch.tensor(b, dtype=dtype), rtol=within, atol=within)


def test_every_key_of_every_optimizer_is_among_the_cases() -> None:
    missing = {}
    for entry in registry.entries("optimizer"):
        if entry.name not in NUMBERS_ELSEWHERE and entry.origin is None:
            tried = {
                key for case in CASES if case["optimizer"]["name"] == entry.name for key in case["optimizer"]
            }
            missing[entry.name] = set(entry.own_fields) - tried
    assert len(missing) >= 13
    assert not any(missing.values()), missing


def test_cases_differ_where_keys_do() -> None:
    last = [str(case["after"][4]) for case in CASES if case["case"] != "ftrl from the weights"]
    assert len(set(last)) == len(last)
