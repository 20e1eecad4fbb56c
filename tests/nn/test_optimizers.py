"""Optimizers against numbers worked out by hand in float64, their state, and their errors."""

from __future__ import annotations

import copy
import math
import subprocess
import sys
from typing import Any

import pytest
import torch
from torch import Tensor

from dnnlab import registry
from dnnlab.errors import ConfigError, RunError
from dnnlab.nn.optimizers.adam import Adam
from dnnlab.nn.optimizers.nadam import NAdam
from dnnlab.nn.optimizers.sgd import SGD


def parameters() -> list[Tensor]:
    generator = torch.Generator().manual_seed(3)
    return [torch.randn(s, generator=generator).requires_grad_() for s in ((7, 5), (7,), (3, 7), (3,))]


def train(optimizer: Any, params: list[Tensor], steps: int) -> None:
    generator = torch.Generator().manual_seed(4)
    for _ in range(steps):
        for p in params:
            p.grad = torch.randn(p.shape, generator=generator)
        optimizer.step()


def group(params: list[Tensor]) -> list[dict[str, Any]]:
    return [{"params": params, "lr_factor": 1.0, "weight_decay": 0.0}]


def hand_sgd(w: float, grads: list[float], lr: float, momentum: float, nesterov: bool) -> float:
    v = 0.0
    for g in grads:
        v = momentum * v + g
        w -= lr * (g + momentum * v if nesterov else v)
    return w


def hand_adam(w: float, grads: list[float], lr: float, amsgrad: bool, b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8) -> float:
    m = v = top = 0.0
    for t, g in enumerate(grads, start=1):
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
        top = max(top, v)
        w -= lr * (m / (1 - b1**t)) / (math.sqrt((top if amsgrad else v) / (1 - b2**t)) + eps)
    return w


def hand_nadam(w: float, grads: list[float], lr: float, decay: float, b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8) -> float:
    m = v = 0.0
    product = 1.0
    for t, g in enumerate(grads, start=1):
        mu, ahead = (b1 * (1 - 0.5 * 0.96 ** (s * decay)) for s in (t, t + 1))
        product *= mu
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
        mean = ahead * m / (1 - product * ahead) + (1 - mu) * g / (1 - product)
        w -= lr * mean / (math.sqrt(v / (1 - b2**t)) + eps)
    return w


@pytest.mark.parametrize(
    "make, hand",
    [
        (lambda g: SGD(g, lr=0.1), lambda w, g: hand_sgd(w, g, 0.1, 0.0, False)),
        (lambda g: SGD(g, lr=0.1, momentum=0.9), lambda w, g: hand_sgd(w, g, 0.1, 0.9, False)),
        (lambda g: SGD(g, lr=0.1, momentum=0.9, nesterov=True), lambda w, g: hand_sgd(w, g, 0.1, 0.9, True)),
        (lambda g: Adam(g, lr=0.1), lambda w, g: hand_adam(w, g, 0.1, False)),
        (lambda g: Adam(g, lr=0.1, amsgrad=True), lambda w, g: hand_adam(w, g, 0.1, True)),
        (lambda g: NAdam(g, lr=0.1, momentum_decay=0.1), lambda w, g: hand_nadam(w, g, 0.1, 0.1)),
    ],
    ids=["sgd", "momentum", "nesterov", "adam", "amsgrad", "nadam"],
)
def test_five_steps_by_hand(make: Any, hand: Any) -> None:
    grads = [[1.0, -2.0], [0.5, 3.0], [-4.0, 0.1], [0.2, 0.0], [0.01, -1.0]]
    params = [torch.tensor([0.3], dtype=torch.float64).requires_grad_(), torch.tensor([[-1.5]], dtype=torch.float64).requires_grad_()]
    optimizer = make(group(params))
    for pair in grads:
        for p, g in zip(params, pair, strict=True):
            p.grad = torch.full_like(p, g)
        optimizer.step()
    for i, (p, start) in enumerate(zip(params, (0.3, -1.5), strict=True)):
        assert float(p.detach()) == pytest.approx(hand(start, [pair[i] for pair in grads]), rel=1e-7, abs=1e-9)


def test_a_constant_gradient_leads_to_the_final_speed() -> None:
    p = torch.zeros(1, dtype=torch.float64).requires_grad_()
    optimizer = SGD(group([p]), lr=0.1, momentum=0.9)
    for _ in range(400):
        before = float(p.detach())
        p.grad = torch.full_like(p, 2.0)
        optimizer.step()
    assert before - float(p.detach()) == pytest.approx(0.1 * 2 / (1 - 0.9))


def test_groups_that_differ_only_in_role_are_joined() -> None:
    a = parameters()
    optimizer = SGD(
        [
            {"params": a[:1], "names": ["w"], "role": "weight", "lr_factor": 1.0},
            {"params": a[1:2], "names": ["b"], "role": "bias", "lr_factor": 1.0},
            {"params": a[2:], "names": ["rest"], "role": "weight", "lr_factor": 0.5},
        ],
        lr=0.1,
    )
    assert [(g["names"], g["role"], g["lr"]) for g in optimizer.param_groups] == [(["w", "b"], "mixed", 0.1), (["rest"], "weight", 0.05)]


def test_a_loaded_state_is_a_copy() -> None:
    a, b = parameters(), parameters()
    source, target = Adam(group(a), lr=0.01), Adam(group(b), lr=0.01)
    train(source, a, 2)
    saved = source.state_dict()
    frozen = copy.deepcopy(saved)
    target.load_state_dict(saved)
    train(target, b, 2)
    assert all(torch.equal(saved["state"][i][k], frozen["state"][i][k]) for i in saved["state"] for k in saved["state"][i])
    assert saved["state"][0]["step"] == 2 and saved["state"][0]["step"].dtype == torch.float32


def test_a_state_of_something_else_is_refused() -> None:
    a = parameters()
    plain, ams = Adam(group(a), lr=0.01), Adam(group(a), lr=0.01, amsgrad=True)
    train(plain, a, 1)
    saved = plain.state_dict()
    saved["param_groups"][0]["amsgrad"] = True
    with pytest.raises(
        RunError, match=r"holds \{'exp_avg': \[7, 5\].*; \{'exp_avg': .*'max_exp_avg_sq': \[7, 5\].*as this optimizer keeps"
    ):
        ams.load_state_dict(saved)
    with pytest.raises(RunError, match=r"groups of \[4\] parameters; groups of \[2\], as in this net; load it with the config"):
        Adam(group(a[:2]), lr=0.01).load_state_dict(plain.state_dict())


def test_a_gradient_scaler_works_with_it() -> None:
    p, q = (torch.ones(3).requires_grad_() for _ in range(2))
    scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
    optimizer, plain = SGD(group([p]), lr=0.1), SGD(group([q]), lr=0.1)
    scaler.scale((p**2).sum()).backward()
    scaler.unscale_(optimizer)
    scaler.step(optimizer)
    scaler.update()
    (q**2).sum().backward()
    plain.step()
    assert torch.equal(p, q)
    p.grad = torch.full_like(p, float("inf"))
    scaler.scale(torch.ones(()))
    scaler.step(optimizer)
    assert torch.equal(p, q)


def test_nesterov_needs_momentum() -> None:
    with pytest.raises(
        ConfigError, match=r"nesterov: nesterov is true, but momentum is 0; expected a momentum that it can act on; momentum: 0.9"
    ):
        registry.build("optimizer", {"name": "sgd", "nesterov": True}, group(parameters()))


def test_a_ramp_starts_at_its_first_number() -> None:
    spec = {"name": "sgd", "momentum": {"from": 0.5, "to": 0.9, "over": "5 epochs"}, "nesterov": True}
    assert registry.build("optimizer", spec, group(parameters())).param_groups[0]["momentum"] == 0.5


def test_muon_without_a_hidden_matrix_is_an_error() -> None:
    with pytest.raises(ConfigError, match=r"muon found no hidden matrix; expected a hidden layer; optimizer: \{name: adam"):
        registry.build("optimizer", "muon", group(parameters()))
    with pytest.raises(ConfigError, match="ns_steps: received 100 iterations; expected fewer than 100"):
        registry.build("optimizer", {"name": "muon", "ns_steps": 100}, [{"params": parameters()[:1], "matrix": True}])


def test_ten_steps_do_not_import_dynamo() -> None:
    code = """
import sys, torch
from dnnlab import registry
from dnnlab.nn.batch import Task
from dnnlab.nn.table import Entry, ParameterTable
for name in ("sgd", "adam", "nadam", "muon"):
    w = torch.nn.Parameter(torch.randn(4, 3))
    table = ParameterTable(Task("index", 3, 3), everywhere=frozenset({"l2"}))
    table.add(Entry("a.weight", w, "weight", "a"))
    table.net = torch.nn.Linear(3, 4)
    penalty, average = registry.build("regularizers", "l2", table), registry.build("regularizers", "ema", table)
    optimizer = registry.build("optimizer", name, [{"params": [w], "lr_factor": 1.0, "role": "weight", "matrix": True}])
    for _ in range(10):
        optimizer.zero_grad()
        (w.square().sum() + penalty()).backward()
        optimizer.step()
        average.update()
sys.exit("torch._dynamo" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
