"""Optimizers against torch's own classes, bit for bit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from dnnlab.optim.optimizers.adagrad import Adadelta, Adagrad
from dnnlab.optim.optimizers.adam import Adam, AdamW
from dnnlab.optim.optimizers.adam_family import Adamax, NAdam, RAdam
from dnnlab.optim.optimizers.ftrl import Ftrl
from dnnlab.optim.optimizers.muon import AdamWSettings, Muon
from dnnlab.optim.optimizers.rmsprop import RMSprop
from dnnlab.optim.optimizers.rprop import Rprop
from dnnlab.optim.optimizers.sgd import SGD

SHAPES = [(7, 5), (7,), (3, 7), (3,), (4, 2, 3, 3)]


def parameters(dtype: torch.dtype = torch.float32, shapes: list[tuple[int, ...]] = SHAPES) -> list[Tensor]:
    generator = torch.Generator().manual_seed(3)
    return [torch.randn(s, generator=generator, dtype=dtype).requires_grad_() for s in shapes]


def train(
    optimizer: Any,
    params: list[Tensor],
    steps: int,
    between: Callable[[int, Any], None] = lambda step, o: None,
) -> None:
    """Each step has gradients of its own, the same for every optimizer."""
    generator = torch.Generator().manual_seed(4)
    for step in range(steps):
        for p in params:
            p.grad = torch.randn(p.shape, generator=generator, dtype=p.dtype)
        between(step, optimizer)
        optimizer.step()


def same_bits(
    ours: Any, theirs: Any, a: list[Tensor], b: list[Tensor], between: Any = lambda step, o: None
) -> None:
    train(ours, a, 20, between)
    train(theirs, b, 20, between)
    assert all(torch.equal(x, y) for x, y in zip(a, b, strict=True))
    for x, y in zip(a, b, strict=True):
        mine, other = (
            ours.state.get(x, {}),
            {k: v for k, v in theirs.state.get(y, {}).items() if v is not None},
        )
        assert set(mine) == set(other)
        assert all(torch.equal(mine[name], other[name]) for name in mine)


def group(params: list[Tensor]) -> list[dict[str, Any]]:
    return [{"params": params, "lr_factor": 1.0, "weight_decay": 0.0}]


@pytest.mark.parametrize("momentum, nesterov", [(0.0, False), (0.9, False), (0.9, True)])
def test_sgd_has_the_bits_of_torch(momentum: float, nesterov: bool) -> None:
    a, b = parameters(), parameters()
    same_bits(
        SGD(group(a), lr=0.01, momentum=momentum, nesterov=nesterov),
        torch.optim.SGD(b, lr=0.01, momentum=momentum, nesterov=nesterov, fused=True),
        a,
        b,
    )


@pytest.mark.parametrize("amsgrad", [False, True])
def test_adam_has_the_bits_of_torch(amsgrad: bool) -> None:
    a, b = parameters(), parameters()
    ours = Adam(group(a), lr=0.01, betas=(0.8, 0.99), amsgrad=amsgrad)
    same_bits(ours, torch.optim.Adam(b, lr=0.01, betas=(0.8, 0.99), amsgrad=amsgrad, fused=True), a, b)


@pytest.mark.parametrize("amsgrad", [False, True])
def test_adamw_has_the_bits_of_torch(amsgrad: bool) -> None:
    a, b = parameters(), parameters()
    ours = AdamW([{"params": a, "role": "weight"}], lr=0.01, weight_decay=0.2, amsgrad=amsgrad)
    same_bits(ours, torch.optim.AdamW(b, lr=0.01, weight_decay=0.2, amsgrad=amsgrad, fused=True), a, b)


def test_adamax_and_adadelta_have_the_bits_of_torch() -> None:
    a, b = parameters(), parameters()
    same_bits(
        Adamax(group(a), lr=0.01, betas=(0.8, 0.99)),
        torch.optim.Adamax(b, lr=0.01, betas=(0.8, 0.99), foreach=True),
        a,
        b,
    )
    a, b = parameters(), parameters()
    same_bits(
        Adadelta(group(a), lr=0.5, rho=0.8), torch.optim.Adadelta(b, lr=0.5, rho=0.8, foreach=True), a, b
    )


def test_adagrad_has_the_bits_of_torch() -> None:
    a, b = parameters(), parameters()
    theirs = torch.optim.Adagrad(b, lr=0.01, initial_accumulator_value=0.1, fused=True)
    train(Adagrad(group(a), lr=0.01, initial_accumulator_value=0.1), a, 20)
    train(theirs, b, 20)
    assert all(torch.equal(x, y) for x, y in zip(a, b, strict=True))


def test_weight_decay_of_a_group_is_passed_on() -> None:
    for ours, theirs in ((SGD, torch.optim.SGD), (Adam, torch.optim.Adam)):
        a, b = parameters(), parameters()
        same_bits(
            ours([{"params": a, "weight_decay": 0.1}], lr=0.01),
            theirs(b, lr=0.01, weight_decay=0.1, fused=True),
            a,
            b,
        )


def test_changing_rates_have_the_bits_of_torch() -> None:
    def anneal(step: int, optimizer: Any) -> None:
        for g in optimizer.param_groups:
            g["lr"] = 0.1 / (step + 1)
            if "betas" in g:
                g["betas"] = (0.5 + 0.02 * step, g["betas"][1])
            else:
                g["momentum"] = min(0.1 * step, 0.9)  # 0 at first: torch keeps no buffer then

    a, b = parameters(), parameters()
    same_bits(SGD(group(a), lr=0.01), torch.optim.SGD(b, lr=0.01, fused=True), a, b, anneal)
    a, b = parameters(), parameters()
    same_bits(Adam(group(a), lr=0.01), torch.optim.Adam(b, lr=0.01, fused=True), a, b, anneal)


def test_late_and_missing_gradients_have_the_bits_of_torch() -> None:
    def some(step: int, optimizer: Any) -> None:
        params = [p for g in optimizer.param_groups for p in g["params"]]
        if step < 3 or step % 4 == 0:
            params[1].grad = params[4].grad = None
        if step == 7:
            for p in params:
                p.grad = None

    a, b = parameters(), parameters()
    same_bits(Adam(group(a), lr=0.01), torch.optim.Adam(b, lr=0.01, fused=True), a, b, some)
    a, b = parameters(), parameters()
    train(SGD(group(a), lr=0.01, momentum=0.9), a, 20, some)
    train(
        torch.optim.SGD(b, lr=0.01, momentum=0.9, foreach=False), b, 20, some
    )  # torch's fused form fails with late gradients
    assert all(torch.allclose(x, y, atol=1e-6) for x, y in zip(a, b, strict=True))


@pytest.mark.parametrize(
    "ours, theirs",
    [
        (lambda p: NAdam(group(p), lr=0.01), lambda p: torch.optim.NAdam(p, lr=0.01)),
        (lambda p: RAdam(group(p), lr=0.01), lambda p: torch.optim.RAdam(p, lr=0.01)),
        (lambda p: Adamax(group(p), lr=0.01), lambda p: torch.optim.Adamax(p, lr=0.01)),
        (lambda p: Rprop(group(p), lr=0.01), lambda p: torch.optim.Rprop(p, lr=0.01)),
        (
            lambda p: RMSprop(group(p), lr=0.01, momentum=0.9),
            lambda p: torch.optim.RMSprop(p, lr=0.01, alpha=0.9, momentum=0.9),
        ),
        (
            lambda p: Ftrl(group(p), lr=0.01),
            lambda p: torch.optim.Adagrad(p, lr=0.01, initial_accumulator_value=0.1, eps=0.0),
        ),
    ],
    ids=["nadam", "radam", "adamax", "rprop", "rmsprop", "ftrl"],
)
def test_each_parameter_counts_its_own_steps(ours: Any, theirs: Any) -> None:
    def some(step: int, optimizer: Any) -> None:
        params = [p for g in optimizer.param_groups for p in g["params"]]
        if step < 3 or step % 4 == 0:
            params[1].grad = params[4].grad = None

    a, b = parameters(torch.float64), parameters(torch.float64)
    train(ours(a), a, 20, some)
    train(theirs(b), b, 20, some)
    for x, y in zip(a, b, strict=True):
        torch.testing.assert_close(x, y, rtol=1e-6, atol=1e-9)  # torch's product of momenta is a float32


def test_parameters_of_several_types_fall_back_to_single_tensors() -> None:
    shapes = [(4, 3), (4,)]
    for make, other in (
        (lambda p: SGD(group(p), lr=0.01, momentum=0.9), lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9)),
        (lambda p: Adam(group(p), lr=0.01), lambda p: torch.optim.Adam(p, lr=0.01)),
    ):
        a, b = ([*parameters(torch.float64, shapes), *parameters(torch.float32, shapes)] for _ in range(2))
        ours = make(a)
        same_bits(ours, other(b), a, b)
        assert not ours.fused


def test_muon_has_the_bits_of_torch() -> None:
    shapes = [(6, 9), (9, 6), (6,)]
    a, b = parameters(shapes=shapes), parameters(shapes=shapes)
    ours = Muon(
        [
            {"params": a[:2], "role": "weight", "matrix": True, "lr_factor": 1.0},
            {"params": a[2:], "role": "bias", "lr_factor": 1.0},
        ],
        lr=0.02,
        others=AdamWSettings(lr=0.005),
        weight_decay=0.1,
    )
    matrices = torch.optim.Muon(b[:2], lr=0.02, momentum=0.95, weight_decay=0.1)
    rest = torch.optim.AdamW(b[2:], lr=0.02 * (0.005 / 0.02), weight_decay=0.0, fused=True)
    train(ours, a, 10)
    generator = torch.Generator().manual_seed(4)
    for _ in range(10):
        for p in b:
            p.grad = torch.randn(p.shape, generator=generator)
        matrices.step()
        rest.step()
    assert all(torch.equal(x, y) for x, y in zip(a, b, strict=True))


def test_muon_takes_a_convolution_as_a_matrix_in_either_memory_format() -> None:
    weight, grad = torch.randn(4, 3, 3, 3), torch.randn(4, 3, 3, 3)
    flat = weight.flatten(1).clone().requires_grad_()
    plain, last = (
        weight.clone().requires_grad_(),
        weight.clone(memory_format=torch.channels_last).requires_grad_(),
    )
    flat.grad, plain.grad, last.grad = (
        grad.flatten(1),
        grad.clone(),
        grad.clone(memory_format=torch.channels_last),
    )
    for p in (flat, plain, last):
        Muon([{"params": [p], "role": "weight", "matrix": True}], lr=0.1).step()
    assert torch.equal(plain.flatten(1), flat)
    assert (last - plain).abs().max() < 2e-3  # bfloat16 sums in another order
    assert not torch.equal(plain, weight)
    singular = torch.linalg.svdvals((weight - last.detach()).flatten(1) / 0.1)
    assert singular.min() > 0.4 and singular.max() < 1.5
