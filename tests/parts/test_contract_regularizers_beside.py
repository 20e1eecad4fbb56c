"""What every penalty, constraint, average and stopper promises, tested for every registered name."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
import torch
from helpers.regularizer_cases import Net, full_table, images, make, make_table, of
from torch import Tensor

from dnnlab.assembly.network.per_layer import REGULARIZER_KEYS
from dnnlab.nn.regularizers.penalty import with_slopes


def slopes(penalty: Any, net: Net) -> tuple[float, dict[str, Tensor]]:
    """The value of a penalty and what it adds to the gradients, by parameter."""
    net.zero_grad()
    value = penalty.value()
    penalty.add_slopes()
    assert value.shape == () and not value.requires_grad
    return float(value), {name: p.grad.clone() for name, p in net.named_parameters() if p.grad is not None}


def penalty_of(entry: Any, table: Any) -> Any:
    """The penalty as the engine gets it: a part gives an object that knows its slope, or a function."""
    return with_slopes(make(entry, table))


@of("penalty")
def test_penalties_are_positive_have_a_slope_and_concern_weights_only(entry: Any) -> None:
    net = Net()
    penalty = penalty_of(entry, full_table(entry, net))
    before, slope = slopes(penalty, net)
    assert before > 0
    assert set(slope) == {name for name, _ in net.named_parameters() if name.endswith(".weight")}
    step = 1e-3
    with torch.no_grad():
        for name, p in net.named_parameters():
            p -= step * slope.get(name, torch.zeros(()))
    after, _ = slopes(penalty, net)
    assert before - after == pytest.approx(
        step * sum(float(g.square().sum()) for g in slope.values()), rel=0.02
    )


@of("penalty")
def test_penalties_add_to_the_gradients_that_are_there(entry: Any) -> None:
    net = Net()
    penalty = penalty_of(entry, full_table(entry, net))
    _, slope = slopes(penalty, net)
    net.zero_grad()
    net(images()).square().mean().backward()
    losses = {name: p.grad.clone() for name, p in net.named_parameters()}
    penalty.add_slopes()
    for name, p in net.named_parameters():
        assert torch.allclose(p.grad, losses[name] + slope.get(name, 0.0), rtol=1e-5, atol=1e-7), name


@of("penalty")
def test_penalties_vanish_for_zero_weights(entry: Any) -> None:
    net = Net()
    penalty = penalty_of(entry, full_table(entry, net))
    with torch.no_grad():
        for p in net.parameters():
            p.zero_()
    value, slope = slopes(penalty, net)
    assert value == 0
    assert all(torch.count_nonzero(g) == 0 for g in slope.values())


@of("penalty")
def test_penalties_act_on_the_layers_that_the_table_names(entry: Any) -> None:
    net = Net()
    table = full_table(entry, net)
    if entry.name not in REGULARIZER_KEYS:  # it acts on all layers, or is not there
        assert len(slopes(penalty_of(entry, table), net)[1]) == 3
        return
    table.everywhere = frozenset()
    assert slopes(penalty_of(entry, table), net) == (0.0, {})
    table.settings = {"hidden1": {entry.name: 0.5}}
    assert list(slopes(penalty_of(entry, table), net)[1]) == ["hidden1.weight"]


@of("constraint")
def test_constraints_change_weights_once(entry: Any) -> None:
    net = Net()
    before = {name: p.detach().clone() for name, p in net.named_parameters()}
    addresses = [p.data_ptr() for p in net.parameters()]
    constrain = make(entry, full_table(entry, net))
    assert constrain() is None
    once = {name: p.detach().clone() for name, p in net.named_parameters()}
    constrain()
    for name, p in net.named_parameters():
        assert torch.equal(p, once[name]), name
        assert torch.equal(once[name], before[name]) == name.endswith(".bias"), name
    assert addresses == [p.data_ptr() for p in net.parameters()]
    assert all(p.requires_grad and p.grad is None for p in net.parameters())


@of("average")
def test_averages_follow_the_weights_and_keep_their_state(entry: Any) -> None:
    def walk(net: Net, average: Any, steps: range) -> None:
        for step in steps:
            with torch.no_grad():
                for p in net.parameters():
                    p.add_(torch.full_like(p, 0.1 * (step % 3)))
            average.update()

    net = Net()
    start = [p.detach().clone() for p in net.parameters()]
    average = make(entry, full_table(entry, net))
    assert isinstance(average.suffix, str) and average.suffix.isidentifier()
    walk(net, average, range(4))
    saved = copy.deepcopy(average.state())
    halfway = copy.deepcopy(net)
    walk(net, average, range(4, 9))
    average.finish([images()])

    other = make(entry, full_table(entry, halfway))
    other.load(copy.deepcopy(saved))
    walk(halfway, other, range(4, 9))
    other.finish([images()])
    assert all(
        torch.equal(a, b) for a, b in zip(average.net.parameters(), other.net.parameters(), strict=True)
    )
    assert all(torch.equal(a, b) for a, b in zip(net.parameters(), halfway.parameters(), strict=True))
    for begin, mean, end in zip(start, average.net.parameters(), net.parameters(), strict=True):
        assert (begin < mean).all() and (mean < end).all()
    assert average.net(images()).shape == (8, 4)


@of("stop")
def test_stoppers_stop_in_the_end_and_keep_their_counters(entry: Any) -> None:
    scores: list[float | None] = [0.1, 0.5, None, 0.6, float("nan"), 0.3, *[0.6] * 40]
    whole, first, fresh = (make(entry, make_table(entry)) for _ in range(3))
    decisions = [whole.observe(score, epoch) for epoch, score in enumerate(scores, start=1)]
    assert decisions[0] is False and decisions[-1] is True
    stop = decisions.index(True)
    for epoch in range(1, stop):
        assert first.observe(scores[epoch - 1], epoch) is False
    fresh.load(json.loads(json.dumps(first.state(), allow_nan=False)))
    assert [fresh.observe(scores[e - 1], e) for e in (stop, stop + 1)] == [False, True]
    assert isinstance(whole.restore_best, bool)
    assert "val_loss" in whole.words("val_loss")


@of("stop")
def test_stoppers_let_a_training_that_improves_go_on(entry: Any) -> None:
    stopper = make(entry, make_table(entry))
    assert not any(stopper.observe(float(epoch), epoch) for epoch in range(1, 100))
