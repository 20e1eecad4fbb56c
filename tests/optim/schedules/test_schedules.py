"""Schedules against written numbers, and against torch's schedulers."""

from __future__ import annotations

import doctest
import importlib
import warnings
from typing import Any

import pytest
import torch

from dnnlab import registry
from dnnlab.errors import ConfigError
from dnnlab.optim.schedules.one_cycle import CosineCycle, LinearCycle
from dnnlab.optim.schedules.plateau import Plateau


def build(
    spec: Any,
    lr: float = 1.0,
    total: int = 20,
    per_epoch: int = 5,
    momentum: float | None = None,
    written: bool = True,
) -> Any:
    return registry.build(
        "schedule", spec, {"lr": lr, "momentum": momentum, "lr_written": written}, total, per_epoch
    )


def table(schedule: Any, key: str = "lr", total: int = 20) -> list[float]:
    return [schedule(step)[key] for step in range(total)]


@pytest.mark.parametrize(
    "module",
    [
        "optim.schedules.decay",
        "optim.schedules.cosine_triangular",
        "optim.schedules.one_cycle",
        "nn.regularizers.early_stopping",
    ],
)
def test_the_numbers_in_the_docstrings(module: str) -> None:
    result = doctest.testmod(importlib.import_module(f"dnnlab.{module}"))
    assert result.attempted > 0 and result.failed == 0


def test_constant() -> None:
    assert table(build("constant", lr=0.3)) == [0.3] * 20


def test_exponential() -> None:
    golden = [1, 0.794328, 0.630957, 0.501187, 0.398107, 0.316228, 0.251189, 0.199526, 0.158489, 0.125893]
    golden += [g / 10 for g in golden]
    assert table(build({"name": "exponential", "over": "10 steps"})) == pytest.approx(golden, rel=1e-5)
    assert table(build({"name": "exponential", "over": "2 epochs"})) == table(
        build({"name": "exponential", "over": "50 %"})
    )
    torchs = torch_table(lambda o: torch.optim.lr_scheduler.ExponentialLR(o, 0.1 ** (1 / 10)))
    assert table(build({"name": "exponential", "over": "10 steps"})) == pytest.approx(torchs)


def test_exponential_staircase() -> None:
    golden = [1.0] * 7 + [0.5] * 7 + [0.25] * 6
    assert (
        table(
            build(
                {"name": "exponential", "decay_rate": 0.5, "over": "0.7 epochs", "staircase": True},
                per_epoch=10,
            )
        )
        == golden
    )


def test_power() -> None:
    golden = [60.0, 50.0, 42.857143, 37.5, 33.333333, 30.0, 27.272727, 25.0, 23.076923, 21.428571]
    golden += [20.0, 18.75, 17.647059, 16.666667, 15.789474, 15.0, 14.285714, 13.636364, 13.043478, 12.5]
    assert table(build({"name": "power", "over": "1 epochs"}, lr=60.0)) == pytest.approx(golden)
    assert table(build({"name": "power", "over": "5 steps", "c": 2.0}, lr=60.0)) == pytest.approx(
        [g * g / 60 for g in golden]
    )


LINEAR = [
    0.1,
    0.2,
    0.3,
    0.4,
    0.5,
    0.6,
    0.7,
    0.8,
    0.9,
    1.0,
    0.9,
    0.8,
    0.7,
    0.6,
    0.5,
    0.4,
    0.3,
    0.2,
    0.1,
    0.0001,
]
LINEAR_MOMENTUM = [0.95 - 0.1 * (x - 0.1) / 0.9 for x in LINEAR[:-1]] + [0.95]


def test_one_cycle_linear() -> None:
    schedule = build("one_cycle", momentum=0.9)
    assert table(schedule) == pytest.approx(LINEAR)
    assert table(schedule, "momentum") == pytest.approx(LINEAR_MOMENTUM)
    assert schedule(9) == {"lr": 1.0, "momentum": 0.85}


def test_one_cycle_leaves_an_optimizer_without_momentum_alone() -> None:
    for momentum in (None, 0.0):
        assert set(build("one_cycle", momentum=momentum)(9)) == {"lr"}


def test_one_cycle_linear_meets_its_corners_in_long_trainings() -> None:
    schedule = build("one_cycle", lr=3e-3, total=1000, momentum=0.9)
    lrs, momenta = table(schedule, total=1000), table(schedule, "momentum", total=1000)
    assert (lrs[0], lrs[450], lrs[900], lrs[999]) == (
        pytest.approx(3e-4),
        3e-3,
        pytest.approx(3e-4),
        pytest.approx(3e-7),
    )
    assert lrs[:451] == sorted(lrs[:451]) and lrs[450:] == sorted(lrs[450:], reverse=True)
    assert max(lrs) == 3e-3 and min(momenta) == 0.85 and set(momenta[900:]) == {0.95}


def test_one_cycle_in_very_short_trainings() -> None:
    assert [round(x, 6) for x in table(LinearCycle(1, 0.1, 1.0, 1e-4), total=1)] == [1.0]
    assert [round(x, 6) for x in table(LinearCycle(2, 0.1, 1.0, 1e-4), total=2)] == [1.0, 1e-4]
    assert [round(x, 6) for x in table(LinearCycle(3, 0.1, 1.0, 1e-4), total=3)] == [0.1, 1.0, 1e-4]
    assert table(CosineCycle(1, 0.1, 1.0, 1e-4), total=1) == [1.0]


def test_one_cycle_ends() -> None:
    def ends(keys: dict[str, Any], lr: float, written: bool) -> tuple[float, float, float]:
        lrs = table(build({"name": "one_cycle", **keys}, lr=lr, written=written))
        return lrs[0], max(lrs), lrs[-1]

    assert ends({}, 0.5, True) == pytest.approx((0.05, 0.5, 5e-5))  # only optimizer.lr: it is the peak
    assert ends({}, 0.5, False) == pytest.approx((0.05, 0.5, 5e-5))  # neither: the optimizer's default is
    assert ends({"max_lr": 2.0}, 0.5, False) == pytest.approx((0.2, 2.0, 2e-4))  # only max_lr
    assert ends({"max_lr": 2.0}, 0.5, True) == pytest.approx((0.5, 2.0, 5e-4))  # both: from one to the other
    assert ends({"div_factor": 4.0, "final_div_factor": 5.0}, 1.0, True) == pytest.approx((0.25, 1.0, 0.05))
    assert ends({"shape": "cosine"}, 1.0, True)[0] == pytest.approx(1 / 25)


@pytest.mark.parametrize("total", [2, 4, 7, 10, 20, 333])
def test_one_cycle_cosine_is_that_of_torch(total: int) -> None:
    ours = build({"name": "one_cycle", "shape": "cosine"}, lr=0.7, total=total, momentum=0.9)
    momenta: list[float] = []
    expected = torch_table(
        lambda o: torch.optim.lr_scheduler.OneCycleLR(o, 0.7, total_steps=total), total, momenta
    )
    assert table(ours, total=total) == pytest.approx(expected, rel=1e-12)
    assert table(ours, "momentum", total) == pytest.approx(momenta, rel=1e-12)


def torch_table(make: Any, total: int = 20, momenta: list[float] | None = None) -> list[float]:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0, momentum=0.9)
    scheduler, lrs = make(optimizer), []
    for step in range(total):
        lrs.append(optimizer.param_groups[0]["lr"])
        if momenta is not None:
            momenta.append(optimizer.param_groups[0]["momentum"])
        optimizer.step()
        if step < total - 1:
            scheduler.step()
    return lrs


def test_one_cycle_errors() -> None:
    with pytest.raises(
        ConfigError,
        match=(
            r"max_lr: optimizer.lr 1 is not below max_lr 0.5.*; expected a start below the peak; "
            r"optimizer.lr: 0.05, or leave"
        ),
    ):
        build({"name": "one_cycle", "max_lr": 0.5})
    with pytest.raises(
        ConfigError, match=r"div_factor: optimizer.lr 0.1 and max_lr 0.5 fix both ends.*leave div_factor out"
    ):
        build({"name": "one_cycle", "max_lr": 0.5, "div_factor": 10.0}, lr=0.1)
    with pytest.raises(ConfigError, match=r"min_momentum 0.99 lies above max_momentum 0.95"):
        build({"name": "one_cycle", "min_momentum": 0.99}, momentum=0.9)


@pytest.mark.parametrize("name", ["exponential", "power"])
def test_a_time_of_zero_is_an_error(name: str) -> None:
    with pytest.raises(
        ConfigError, match="over: over lasts 0 steps; expected a time longer than 0; over: 5 epochs"
    ):
        build({"name": name, "over": "0 epochs"})


SCORES = [0.5, 0.6, 0.60005, 0.59, 0.6, 0.6, *[0.7] * 9, *[0.9] * 5]


def test_performance_counts_epochs() -> None:
    schedule = build({"name": "performance", "patience": 3, "factor": 0.5})
    lrs = []
    for epoch, score in enumerate(SCORES, start=1):
        lrs.append(schedule(epoch)["lr"])
        schedule.observe(score, epoch)
    # best at epoch 2, three without: reduced after 5; best at 7: after 10 and 13; best at 16: after 19
    assert lrs == [1.0] * 5 + [0.5] * 5 + [0.25] * 3 + [0.125] * 6 + [0.0625]


@pytest.mark.parametrize("patience, cooldown", [(1, 0), (2, 0), (2, 2), (3, 1), (4, 3)])
def test_performance_is_that_of_torch_with_a_patience_of_one_less(patience: int, cooldown: int) -> None:
    ours = Plateau(1.0, 0.5, patience, 1e-4, cooldown, 0.01)
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    theirs = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer,
        mode="max",
        factor=0.5,
        patience=patience - 1,
        threshold=1e-4,
        threshold_mode="abs",
        cooldown=cooldown,
        min_lr=0.01,
    )
    generator = torch.Generator().manual_seed(patience)
    scores = [*SCORES, *(torch.rand(40, generator=generator).cumsum(0) / 50 + 0.5).tolist(), *SCORES]
    for epoch, score in enumerate(scores, start=1):
        ours.observe(score, epoch)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs.step(score)
        assert ours(0)["lr"] == optimizer.param_groups[0]["lr"]
    assert ours(0)["lr"] < 0.1


def test_performance_counts_epochs_that_were_not_measured() -> None:
    for scores in ([0.5, None, None, 0.5, None], [0.5, 0.5, 0.5, 0.5, None]):
        schedule = Plateau(1.0, 0.1, 3, 0.0, 0, 0.0)
        lrs = []
        for epoch, score in enumerate(scores, start=1):
            schedule.observe(score, epoch)
            lrs.append(schedule(0)["lr"])
        assert lrs == [1.0, 1.0, 1.0, 0.1, 0.1]


def test_performance_stops_at_the_smallest_rate() -> None:
    schedule = build({"name": "performance", "patience": 1, "factor": 0.1, "min_lr": 0.02})
    for epoch in range(1, 6):
        schedule.observe(0.0, epoch)
    assert schedule(0)["lr"] == 0.02
    with pytest.raises(
        ConfigError,
        match=r"min_lr: min_lr 2 is not below optimizer.lr 1.*; expected a smaller number; min_lr: 0.001",
    ):
        build({"name": "performance", "min_lr": 2.0})
