"""Without torch's private kernels the public functions do the same, with the same bits."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
import torch
from torch import Tensor

from dnnlab.optim.optimizers import fused_kernels
from dnnlab.optim.optimizers.adagrad import Adagrad
from dnnlab.optim.optimizers.adam import Adam, AdamW
from dnnlab.optim.optimizers.adam_family import NAdam, RAdam
from dnnlab.optim.optimizers.ftrl import Ftrl
from dnnlab.optim.optimizers.muon import Muon
from dnnlab.optim.optimizers.rmsprop import RMSprop
from dnnlab.optim.optimizers.sgd import SGD

CASES: list[tuple[Any, dict[str, Any]]] = [
    (Adam, {}),
    (Adam, {"amsgrad": True}),
    (AdamW, {"weight_decay": 0.1}),
    (NAdam, {}),
    (RAdam, {}),
    (RMSprop, {}),
    (RMSprop, {"momentum": 0.9}),
    (Adagrad, {}),
    (Ftrl, {}),
    (Muon, {}),
    (SGD, {}),
    (SGD, {"momentum": 0.9}),
    (SGD, {"momentum": 0.9, "nesterov": True}),
]


@pytest.fixture
def blocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a torch that has given its kernels other names."""
    for name in ("ADAM", "ADAMW", "ADAGRAD", "SGD"):
        assert callable(getattr(fused_kernels, name))
        monkeypatch.setattr(fused_kernels, name, None)


def trained(make: Any, settings: dict[str, Any]) -> list[Tensor]:
    """Weights and state after some steps; one parameter rests in every third."""
    generator = torch.Generator().manual_seed(5)
    params = [torch.randn(shape, generator=generator).requires_grad_() for shape in ((4, 3), (4,), (2, 4))]
    groups = [{"params": params, "role": "weight", "weight_decay": 0.01, "lr_factor": 1.0}]
    optimizer = make(groups, lr=0.01, **settings)
    assert optimizer.fused
    for step in range(9):
        for number, p in enumerate(params):
            gradient = torch.randn(p.shape, generator=generator)
            p.grad = None if number == 1 and step % 3 == 2 else gradient
        optimizer.step()
    return [*params, *(t for state in optimizer.state.values() for t in state.values())]


@pytest.mark.parametrize(("make", "settings"), CASES)
def test_the_public_functions_give_the_same_bits(
    make: Any, settings: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    with_kernels = trained(make, settings)
    request.getfixturevalue("blocked")
    without = trained(make, settings)
    assert len(with_kernels) == len(without)
    assert all(torch.equal(a, b) for a, b in zip(with_kernels, without, strict=True))


def test_a_torch_without_fused_kernels_trains_all_the_same() -> None:
    """Then the public functions have none either, and the optimizers take whole-tensor operations."""
    program = """
import torch
for name in ("_fused_adam_", "_fused_adamw_", "_fused_adagrad_", "_fused_sgd_"):
    delattr(torch, name)
from dnnlab.optim.optimizers.adagrad import Adagrad
from dnnlab.optim.optimizers.adam import Adam, AdamW
from dnnlab.optim.optimizers.rmsprop import RMSprop
from dnnlab.optim.optimizers.sgd import SGD
for make in (Adam, AdamW, Adagrad, RMSprop, SGD):
    weight = torch.ones(3, requires_grad=True)
    optimizer = make([{"params": [weight]}], lr=0.1)
    assert not optimizer.fused
    (weight * torch.tensor([1.0, 2.0, 3.0])).sum().backward()
    optimizer.step()
    assert (weight < 1).all() and weight.isfinite().all(), make
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)
