"""What every regularizer promises that acts inside the net or on batches, tested for every
registered name.
"""

from __future__ import annotations

import copy
from typing import Any

import torch
from helpers.regularizer_cases import (
    BINARY,
    CLASSES,
    ENTRIES,
    LABELS,
    NUMBERS,
    Net,
    images,
    make,
    make_table,
    of,
)

from dnnlab.errors import ConfigError
from dnnlab.nn.batch import Batch, Task


def test_every_regularizer_has_an_effect_that_is_tested_here() -> None:
    assert {e.flags["effect"] for e in ENTRIES} <= {
        "inside",
        "batch",
        "penalty",
        "constraint",
        "average",
        "stop",
    }
    assert all(e.example for e in ENTRIES if e.own_fields)


@of("inside")
def test_inside_acts_in_training_only(entry: Any) -> None:
    net, plain = Net(make(entry, make_table(entry))), Net()
    net.load_state_dict(plain.state_dict(), strict=False)
    torch.manual_seed(0)
    trained = [net.train()(images()) for _ in range(5)]
    assert any(not torch.equal(trained[0], other) for other in trained[1:])
    assert not torch.equal(trained[0], plain.train()(images()))
    assert torch.equal(net.eval()(images()), net(images()))
    if not hasattr(make(entry, make_table(entry)), "on_pool"):
        assert torch.equal(net(images()), plain.eval()(images()))


@of("inside")
def test_inside_has_the_same_draws_for_the_same_seed_and_lets_gradients_through(entry: Any) -> None:
    net = Net(make(entry, make_table(entry))).train()
    gradients = []
    for _ in range(2):
        torch.default_generator.manual_seed(5)
        net.zero_grad()
        net(images()).square().mean().backward()
        gradients.append([p.grad.clone() for p in net.parameters()])
    assert all(torch.equal(a, b) for a, b in zip(*gradients, strict=True))
    assert all(torch.isfinite(g).all() and g.abs().sum() > 0 for g in gradients[0])


@of("inside")
def test_inside_survives_a_copy_of_the_net(entry: Any) -> None:
    net = Net(make(entry, make_table(entry))).train()
    twin = copy.deepcopy(net)
    outputs = []
    for each in (net, twin):
        torch.default_generator.manual_seed(5)
        outputs.append(each(images()))
    assert torch.equal(*outputs)
    assert torch.equal(twin.eval()(images()), net.eval()(images()))


def batches() -> list[tuple[Task, Batch]]:
    rows = images()
    tables = torch.linspace(-1, 1, 32).view(8, 4)
    index, weights = torch.tensor([0, 1, 2, 3, 0, 1, 2, 3]), torch.linspace(0.5, 2, 8)
    return [
        (CLASSES, Batch(rows, index)),
        (CLASSES, Batch(tables, index, weights, torch.arange(8))),
        (CLASSES, Batch(rows, torch.softmax(torch.linspace(0, 3, 32).sin().view(8, 4), 1))),
        (BINARY, Batch(tables, index % 2)),
        (BINARY, Batch(tables, index / 3.0)),
        (LABELS, Batch(tables, (torch.arange(24).view(8, 3) % 2).float(), weights)),
        (NUMBERS, Batch(tables, torch.linspace(-3, 3, 16).view(8, 2))),
    ]


@of("batch")
def test_batch_effects_keep_shapes_and_the_sum_of_the_shares(entry: Any) -> None:
    taken = 0
    for task, batch in batches():
        try:
            effect = make(entry, make_table(entry, task, tuple(batch.inputs.shape[1:])))
        except ConfigError as error:
            assert error.problems[0].expected and error.problems[0].fix
            continue
        taken += 1
        changed = effect(batch)
        assert changed.inputs.shape == batch.inputs.shape and changed.inputs.dtype == batch.inputs.dtype
        assert torch.isfinite(changed.inputs).all() and torch.isfinite(changed.targets).all()
        assert (changed.weights is None) == (batch.weights is None)
        if batch.weights is not None:
            assert changed.weights.shape == batch.weights.shape and (changed.weights >= 0).all()
        soft = entry.flags["makes"] == "soft"
        if task is CLASSES and soft:
            assert changed.targets.shape == (8, 4)
            assert torch.allclose(changed.targets.sum(1), torch.ones(8))
        elif not (task is BINARY and soft):
            assert changed.targets.shape == batch.targets.shape
        if task is not NUMBERS and soft:
            assert changed.targets.is_floating_point()
            assert changed.targets.min() >= 0 and changed.targets.max() <= 1
    assert taken >= (2 if entry.flags["place"] == "images" else 4)


@of("batch")
def test_batch_effects_act_leave_their_input_alone_and_follow_the_seed(entry: Any) -> None:
    task, batch = batches()[1]
    batch = batch._replace(inputs=images())
    kept = [t.clone() for t in batch]
    effect = make(entry, make_table(entry, task))
    changed = []
    for seed in (1, 1, 2):
        torch.default_generator.manual_seed(seed)
        changed.append(effect(batch))
    assert all(torch.equal(a, b) for a, b in zip(batch, kept, strict=True))
    assert all(torch.equal(a, b) for a, b in zip(changed[0], changed[1], strict=True))
    assert not torch.equal(changed[0].inputs, batch.inputs) or not torch.equal(
        changed[0].targets, torch.eye(4)[batch.targets]
    )
