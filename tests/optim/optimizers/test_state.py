"""Groups and state of optimizers: what is joined, copied and refused."""

from __future__ import annotations

import copy

import pytest
import torch
from helpers.optimizer_steps import group, parameters, train

from dnnlab.errors import RunError
from dnnlab.optim.optimizers.adam import Adam
from dnnlab.optim.optimizers.sgd import SGD


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
    assert [(g["names"], g["role"], g["lr"]) for g in optimizer.param_groups] == [
        (["w", "b"], "mixed", 0.1),
        (["rest"], "weight", 0.05),
    ]


def test_a_loaded_state_is_a_copy() -> None:
    a, b = parameters(), parameters()
    source, target = Adam(group(a), lr=0.01), Adam(group(b), lr=0.01)
    train(source, a, 2)
    saved = source.state_dict()
    frozen = copy.deepcopy(saved)
    target.load_state_dict(saved)
    train(target, b, 2)
    assert all(
        torch.equal(saved["state"][i][k], frozen["state"][i][k])
        for i in saved["state"]
        for k in saved["state"][i]
    )
    assert saved["state"][0]["step"] == 2 and saved["state"][0]["step"].dtype == torch.float32


def test_a_state_of_something_else_is_refused() -> None:
    a = parameters()
    plain, ams = Adam(group(a), lr=0.01), Adam(group(a), lr=0.01, amsgrad=True)
    train(plain, a, 1)
    saved = plain.state_dict()
    saved["param_groups"][0]["amsgrad"] = True
    with pytest.raises(
        RunError,
        match=(
            r"holds \{'exp_avg': \[7, 5\].*; \{'exp_avg': .*'max_exp_avg_sq': \[7, 5\].*as this "
            r"optimizer keeps"
        ),
    ):
        ams.load_state_dict(saved)
    with pytest.raises(
        RunError,
        match=r"groups of \[4\] parameters; groups of \[2\], as in this net; load it with the config",
    ):
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
