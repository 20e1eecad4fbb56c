"""What every optimizer promises, tested for every registered name."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from dnnlab import registry
from dnnlab.rundir import decode, encode
from dnnlab.rundir.tensors import load_tensors, save_tensors

ENTRIES = registry.entries("optimizer")
parametrize = pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: e.name)


def make_net() -> nn.Sequential:
    """A 4-6-3 net with fixed weights."""
    net = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 3))
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for p in net.parameters():
            p.copy_(torch.randn(p.shape, generator=generator) / 2)
    return net


def groups_of(entry: Any, net: nn.Module, factors: dict[str, float] | None = None) -> list[dict[str, Any]]:
    """One group a parameter, as build hands them over; one for all where the part takes no groups."""
    named = list(net.named_parameters())
    if not entry.flags["groups"]:
        return [
            {
                "params": [p for _, p in named],
                "names": [n for n, _ in named],
                "lr_factor": 1.0,
                "weight_decay": 0.0,
                "role": "mixed",
            }
        ]
    return [
        {
            "params": [p],
            "names": [name],
            "lr_factor": (factors or {}).get(name, 1.0),
            "weight_decay": 0.0,
            "role": "weight" if p.ndim > 1 else "bias",
            "matrix": name == "0.weight",
        }
        for name, p in named
    ]


def make(entry: Any, net: nn.Module, factors: dict[str, float] | None = None, **keys: Any) -> Any:
    return registry.build(
        "optimizer", {"name": entry.name, **entry.example, **keys}, groups_of(entry, net, factors)
    )


def loss_of(net: nn.Module) -> Tensor:
    inputs = torch.linspace(-1, 1, 40).view(10, 4)
    targets = torch.stack([inputs[:, 0] * inputs[:, 1], inputs.sum(1).sin(), inputs[:, 3] ** 2], 1)
    return ((net(inputs) - targets) ** 2).mean()


def run(entry: Any, net: nn.Module, optimizer: Any, steps: int) -> float:
    """Train for some steps, as the engine does. Returns the last loss before its update."""

    def closure() -> Tensor:
        optimizer.zero_grad(set_to_none=True)
        with torch.enable_grad():
            loss = loss_of(net)
        loss.backward()
        return loss.detach()

    loss = torch.tensor(float("nan"))
    for _ in range(steps):
        loss = closure()
        optimizer.step(closure) if entry.flags["closure"] else optimizer.step()
    return float(loss)


def weights(net: nn.Module) -> list[Tensor]:
    return [p.detach().clone() for p in net.parameters()]


def through_a_file(state: dict[str, Any], path: Path) -> Any:
    """A state as it comes back out of a checkpoint."""
    tensors, tree = encode(state)
    save_tensors(path, tensors)
    return decode(load_tensors(path), json.loads(json.dumps(tree, allow_nan=False)))


def equal(a: list[Tensor], b: list[Tensor]) -> bool:
    return all(map(torch.equal, a, b))


@parametrize
def test_it_lowers_a_quadratic(entry: Any) -> None:
    weight = nn.Parameter(torch.linspace(-1, 1, 20).view(5, 4))
    group = {
        "params": [weight],
        "names": ["w"],
        "lr_factor": 1.0,
        "weight_decay": 0.0,
        "role": "weight",
        "matrix": True,
    }
    optimizer = registry.build("optimizer", {"name": entry.name, **entry.example}, [group])
    scales = torch.tensor([1.0, 2.0, 3.0, 4.0])

    def closure() -> Tensor:
        optimizer.zero_grad()
        with torch.enable_grad():
            loss = (scales * weight**2).sum() / 2
        loss.backward()
        return loss.detach()

    losses = []
    for _ in range(60):
        losses.append(float(closure()))
        optimizer.step(closure) if entry.flags["closure"] else optimizer.step()
    assert losses[-1] < 0.5 * losses[0]
    assert torch.isfinite(weight).all()


@parametrize
def test_it_lowers_the_loss_of_a_net(entry: Any) -> None:
    net = make_net()
    start = float(loss_of(net).detach())
    run(entry, net, make(entry, net), 40)
    assert float(loss_of(net).detach()) < 0.7 * start


@parametrize
def test_a_saved_state_goes_on_bit_by_bit(entry: Any, tmp_path: Path) -> None:
    net = make_net()
    optimizer = make(entry, net)
    run(entry, net, optimizer, 3)
    saved, halfway = (
        through_a_file(optimizer.state_dict(), tmp_path / "optimizer.safetensors"),
        copy.deepcopy(net),
    )
    run(entry, net, optimizer, 4)

    other = make(entry, halfway)
    other.load_state_dict(copy.deepcopy(saved))
    run(entry, halfway, other, 4)
    assert equal(weights(net), weights(halfway))
    assert set(saved) == {"state", "param_groups"}
    assert all(isinstance(i, int) for g in saved["param_groups"] for i in g["params"])


@parametrize
def test_the_state_matters(entry: Any) -> None:
    net = make_net()
    optimizer = make(entry, net)
    run(entry, net, optimizer, 3)
    if not optimizer.state:
        pytest.skip("no state")
    halfway = copy.deepcopy(net)
    run(entry, net, optimizer, 4)
    run(entry, halfway, make(entry, halfway), 4)
    assert not equal(weights(net), weights(halfway))


@parametrize
def test_the_learning_rate_acts(entry: Any) -> None:
    slow, fast = make_net(), make_net()
    for net, factor in ((slow, 1.0), (fast, 3.0)):
        optimizer = make(entry, net)
        for group in optimizer.param_groups:
            group["lr"] *= factor
        run(entry, net, optimizer, 1 if not entry.flags["closure"] else 2)
    for begin, a, b in zip(weights(make_net()), weights(slow), weights(fast), strict=True):
        assert not torch.equal(a, b)
        if not entry.flags["closure"]:
            assert (b - begin).norm() > 2 * (a - begin).norm()


@parametrize
def test_momentum_acts_where_there_is_one(entry: Any) -> None:
    nets = [make_net(), make_net()]
    for net, momentum in zip(nets, (0.2, 0.7), strict=True):
        optimizer = make(entry, net)
        if not any(key in group for group in optimizer.param_groups for key in ("momentum", "betas")):
            pytest.skip("no momentum")
        for group in optimizer.param_groups:
            if "betas" in group:
                group["betas"] = (momentum, group["betas"][1])
            else:
                group["momentum"] = momentum
        run(entry, net, optimizer, 30)  # lion only sees signs, which stay the same for some steps
    assert not any(torch.equal(a, b) for a, b in zip(weights(nets[0]), weights(nets[1]), strict=True))


@parametrize
def test_the_example_changes_something(entry: Any) -> None:
    if not entry.own_fields:
        pytest.skip("no keys")
    plain, changed = make_net(), make_net()
    run(entry, plain, registry.build("optimizer", entry.name, groups_of(entry, plain)), 3)
    run(entry, changed, make(entry, changed), 3)
    assert entry.example
    assert not equal(weights(plain), weights(changed))


@parametrize
def test_the_rate_of_a_group_is_scaled_by_its_factor(entry: Any) -> None:
    if not entry.flags["groups"]:
        pytest.skip("takes one group")
    net, plain = make_net(), make_net()
    factors = {"0.weight": 0.1, "2.bias": 0.0}
    optimizer = make(entry, net, factors)
    lr = registry.bind("optimizer", {"name": entry.name, **entry.example}).keys["lr"]
    assert all(group["lr"] == lr * group["lr_factor"] for group in optimizer.param_groups)
    begin = weights(net)
    run(entry, net, optimizer, 1)
    run(entry, plain, make(entry, plain), 1)
    moves = {
        name: float((p.detach() - b).norm())
        for (name, p), b in zip(net.named_parameters(), begin, strict=True)
    }
    full = {
        name: float((p.detach() - b).norm())
        for (name, p), b in zip(plain.named_parameters(), begin, strict=True)
    }
    assert moves["2.bias"] == 0
    assert moves["0.weight"] == pytest.approx(0.1 * full["0.weight"], rel=1e-3)
    assert moves["0.bias"] == full["0.bias"] > 0


@parametrize
def test_parameters_without_a_gradient_stay(entry: Any) -> None:
    net = make_net()
    optimizer = make(entry, net)
    begin = weights(net)
    lonely = net[2].bias

    def closure() -> Tensor:
        optimizer.zero_grad()
        with torch.enable_grad():
            loss = loss_of(net)
        loss.backward()
        lonely.grad = None
        return loss.detach()

    for _ in range(2):
        closure()
        optimizer.step(closure) if entry.flags["closure"] else optimizer.step()
    assert torch.equal(lonely, begin[3])
    assert not any(torch.equal(a, b) for a, b in zip(weights(net)[:3], begin[:3], strict=True))


@parametrize
def test_zero_grad_forgets(entry: Any) -> None:
    net = make_net()
    optimizer = make(entry, net)
    loss_of(net).backward()
    optimizer.zero_grad(set_to_none=False)
    assert all(torch.count_nonzero(p.grad) == 0 for p in net.parameters())
    optimizer.zero_grad(set_to_none=True)
    assert all(p.grad is None for p in net.parameters())


@parametrize
def test_a_closure_is_called_and_its_loss_returned(entry: Any) -> None:
    net = make_net()
    optimizer = make(entry, net)
    calls = []

    def closure() -> Tensor:
        calls.append(torch.is_grad_enabled())
        optimizer.zero_grad()
        loss = loss_of(net)
        loss.backward()
        return loss.detach()

    start = float(loss_of(net).detach())
    assert float(optimizer.step(closure)) == pytest.approx(start)
    assert calls and all(calls)
