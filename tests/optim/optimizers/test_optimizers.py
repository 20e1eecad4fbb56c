"""What optimizers do in the limit, at rate 0, to weights and to biases; keys that cannot go together; what is
not imported.
"""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
import torch
from helpers.optimizer_steps import group, parameters, train
from torch import Tensor

from dnnlab import registry
from dnnlab.errors import ConfigError
from dnnlab.optim.optimizers.adam import Adam, AdamW
from dnnlab.optim.optimizers.adam_family import Adamax, NAdam, RAdam
from dnnlab.optim.optimizers.ftrl import Ftrl, Penalties
from dnnlab.optim.optimizers.lion import Lion
from dnnlab.optim.optimizers.rmsprop import RMSprop
from dnnlab.optim.optimizers.rprop import Rprop
from dnnlab.optim.optimizers.sgd import SGD


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_a_constant_gradient_leads_to_the_final_speed(momentum: float, nesterov: bool) -> None:
    assert final_step(SGD, lr=0.1, momentum=momentum, nesterov=nesterov) == pytest.approx(
        0.1 * 2 / (1 - momentum)
    )


@pytest.mark.parametrize("momentum", [None, 0.0, 0.5, 0.9])
def test_rmsprop_divides_a_constant_gradient_by_its_size(momentum: float | None) -> None:
    assert final_step(RMSprop, lr=0.1, momentum=momentum) == pytest.approx(0.1 / (1 - (momentum or 0.0)))


@pytest.mark.parametrize("make", [Adam, AdamW, Adamax, NAdam, RAdam, Lion], ids=lambda make: make.__name__)
def test_adam_s_family_ends_at_steps_of_lr(make: Any) -> None:
    assert final_step(make, lr=1e-4, betas=(0.9, 0.9)) == pytest.approx(1e-4, rel=1e-3)


def final_step(make: Any, **keys: Any) -> float:
    """The length of a step after 400 with a gradient of 2."""
    p = torch.zeros(1, dtype=torch.float64).requires_grad_()
    optimizer = make(group([p]), **keys)
    for _ in range(400):
        before = float(p.detach())
        p.grad = torch.full_like(p, 2.0)
        optimizer.step()
    return before - float(p.detach())


@pytest.mark.parametrize(
    "name, keys",
    [("adamw", {"weight_decay": 0.5}), ("lion", {"weight_decay": 0.5}), ("adafactor", {"weight_decay": 0.5})],
)
def test_decay_shrinks_weights_and_nothing_else(name: str, keys: dict[str, float]) -> None:
    weight, bias = torch.ones(2, 2).requires_grad_(), torch.ones(2).requires_grad_()
    optimizer = registry.build(
        "optimizer",
        {"name": name, "lr": 0.1, **keys},
        [{"params": [weight], "role": "weight"}, {"params": [bias], "role": "bias"}],
    )
    weight.grad, bias.grad = torch.full((2, 2), 1e-12), torch.full((2,), 1e-12)
    begun = registry.build(
        "optimizer",
        {"name": name, "lr": 0.1},
        [{"params": [other := torch.ones(2).requires_grad_()], "role": "bias"}],
    )
    other.grad = torch.full((2,), 1e-12)
    optimizer.step()
    begun.step()
    assert torch.equal(bias, other)
    torch.testing.assert_close(weight[0], other - 0.1 * 0.5)


def test_a_step_at_rate_0_does_nothing_to_ftrl() -> None:
    a, b = parameters(), parameters()
    warm, cold = (Ftrl(group(p), lr=0.1, penalties=Penalties(l1=0.1), start="zero") for p in (a, b))
    warm.param_groups[0]["lr"] = 0.0
    train(warm, a, 3)
    assert not warm.state and all(torch.equal(x, y) for x, y in zip(a, b, strict=True))
    warm.param_groups[0]["lr"] = 0.1
    train(warm, a, 3)
    train(cold, b, 3)
    assert all(torch.equal(x, y) for x, y in zip(a, b, strict=True))


def test_ftrl_makes_weights_exactly_zero_and_leaves_biases() -> None:
    weight, bias = torch.full((4,), 0.01).requires_grad_(), torch.full((4,), 0.01).requires_grad_()
    groups = [{"params": [weight], "role": "weight"}, {"params": [bias], "role": "bias"}]
    optimizer = registry.build(
        "optimizer", {"name": "ftrl", "lr": 0.1, "l1": 1.0, "l2_shrinkage": 0.5}, groups
    )
    weight.grad, bias.grad = torch.tensor([0.5, -0.5, 3.0, -3.0]), torch.zeros(4)
    optimizer.step()
    assert weight.tolist()[:2] == [0, 0] and weight[2] < 0 < weight[3]
    assert bias.tolist() == pytest.approx([0.01] * 4, rel=1e-6)


@pytest.mark.parametrize("line_search", ["strong_wolfe", "none"])
def test_a_step_at_rate_0_does_nothing_to_lbfgs(line_search: str) -> None:
    p, q = (torch.tensor([-1.2, 1.0]).requires_grad_() for _ in range(2))
    resting, other = (
        registry.build("optimizer", {"name": "lbfgs", "line_search": line_search}, group([x])) for x in (p, q)
    )

    def step(optimizer: Any, x: Tensor, rate: float) -> float:
        def closure() -> Tensor:
            optimizer.zero_grad()
            loss = x.square().sum() + x[0]
            loss.backward()
            return loss

        optimizer.param_groups[0]["lr"] = rate
        return float(optimizer.step(closure).detach())

    assert step(resting, p, 0.0) == pytest.approx(1.24) and p.tolist() == pytest.approx([-1.2, 1.0])
    for rate in (0.5, 0.0, 0.25):
        step(resting, p, rate)
        if rate:
            step(other, q, rate)
        assert torch.equal(p, q)


def test_a_schedule_moves_rprop_s_steps() -> None:
    plain, slow = torch.zeros(1).requires_grad_(), torch.zeros(1).requires_grad_()
    for p, rate in ((plain, 0.1), (slow, 0.01)):
        optimizer = Rprop(group([p]), lr=0.1)
        optimizer.param_groups[0]["lr"] = rate
        train(optimizer, [p], 5)
    assert float(slow.detach()) == pytest.approx(0.1 * float(plain.detach())) != 0


def test_lbfgs_finds_rosenbrock_s_minimum() -> None:
    p = torch.tensor([-1.2, 1.0], dtype=torch.float64).requires_grad_()
    optimizer = registry.build(
        "optimizer", {"name": "lbfgs", "max_iter": 60, "tolerance_change": 1e-14}, group([p])
    )

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2
        loss.backward()
        return loss

    for _ in range(3):
        optimizer.step(closure)
    assert p.tolist() == pytest.approx([1.0, 1.0], abs=1e-6)


def test_nesterov_needs_momentum() -> None:
    with pytest.raises(
        ConfigError,
        match=(
            r"nesterov: nesterov is true, but momentum is 0; expected a momentum that it can act on; "
            r"momentum: 0.9"
        ),
    ):
        registry.build("optimizer", {"name": "sgd", "nesterov": True}, group(parameters()))
    for spec in (
        {"name": "sgd", "momentum": {"from": 0, "to": 0, "over": "5 epochs"}},
        {"name": "muon", "momentum": 0},
    ):
        with pytest.raises(
            ConfigError,
            match="nesterov: nesterov is true, but momentum is 0; expected a momentum that it can act on",
        ):
            registry.build(
                "optimizer", {**spec, "nesterov": True}, [{"params": parameters()[:1], "matrix": True}]
            )


def test_muon_looks_ahead_wherever_it_has_a_momentum() -> None:
    for momentum, nesterov in ((0.9, True), (0, False), ({"from": 0, "to": 0.9, "over": "5 epochs"}, True)):
        built = registry.build(
            "optimizer",
            {"name": "muon", "momentum": momentum},
            [{"params": parameters()[:1], "matrix": True}],
        )
        assert built.param_groups[0]["nesterov"] is nesterov


@pytest.mark.parametrize(
    "spec, message",
    [
        (
            {"name": "rprop", "lr": 100},
            (
                r"lr: lr is 100, the step sizes go from 1e-06 to 50; expected a first step size within "
                r"them; lr: 50"
            ),
        ),
        (
            {"name": "rprop", "step_sizes": [1, 0.1]},
            r"step_sizes: the least .* 1 lies above the largest, 0.1; .*; step_sizes: \[0.1, 1\]",
        ),
        (
            {"name": "ftrl", "initial_accumulator_value": 0},
            r"both 0, so a weight whose gradient is 0 would become 0 / 0; .*; beta: 1",
        ),
        (
            {"name": "adafactor", "scale_parameter": False, "eps": [1e-30, 0.1]},
            r"eps\[1\] is 0.1, but scale_parameter is false; .*: true",
        ),
    ],
)
def test_keys_that_cannot_go_together(spec: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        registry.build("optimizer", spec, group(parameters()))


def test_a_ramp_starts_at_its_first_number() -> None:
    spec = {"name": "sgd", "momentum": {"from": 0.5, "to": 0.9, "over": "5 epochs"}, "nesterov": True}
    assert registry.build("optimizer", spec, group(parameters())).param_groups[0]["momentum"] == 0.5


def test_muon_without_a_hidden_matrix_is_an_error() -> None:
    with pytest.raises(
        ConfigError,
        match=r"no hidden matrix that learns; expected a hidden layer that is not frozen; optimizer: \{na",
    ):
        registry.build("optimizer", "muon", group(parameters()))
    with pytest.raises(ConfigError, match="ns_steps: received 100 iterations; expected fewer than 100"):
        registry.build(
            "optimizer", {"name": "muon", "ns_steps": 100}, [{"params": parameters()[:1], "matrix": True}]
        )


def test_ten_steps_do_not_import_dynamo() -> None:
    code = """
import sys, torch
from dnnlab import registry
from dnnlab.nn.batch import Task
from dnnlab.nn.parameter_table import ParameterInfo, ParameterTable
for entry in registry.entries("optimizer"):
    if entry.flags["closure"]:  # torch's own class
        continue
    w = torch.nn.Parameter(torch.randn(4, 3))
    table = ParameterTable(Task("index", 3, 3), everywhere=frozenset({"l2"}))
    table.add(ParameterInfo("a.weight", w, "weight", "a"))
    table.net = torch.nn.Linear(3, 4)
    penalty = registry.build("regularizers", "l2", table)
    average = registry.build("regularizers", "ema", table)
    group = {"params": [w], "lr_factor": 1.0, "role": "weight", "matrix": True}
    optimizer = registry.build("optimizer", {"name": entry.name, **entry.example}, [group])
    for _ in range(10):
        optimizer.zero_grad()
        w.square().sum().backward()
        penalty.add_slopes()
        optimizer.step()
        average.update()
sys.exit("torch._dynamo" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
