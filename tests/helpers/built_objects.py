"""Where each kind's built object is seen in a training: in the net, in the optimizer, in a batch, in the
rows.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from dnnlab import registry
from dnnlab.nn.batch import Batch
from dnnlab.registry import RegistryEntry
from helpers.part_trainings import Outcome, keys_of, written


def module_types(outcome: Outcome) -> set[type]:
    return {type(module) for module in outcome.built.session.net.modules()}


def shapes(outcome: Outcome) -> dict[str, Any]:
    return {name: tensor.shape for name, tensor in outcome.before.items()}


def first_batch(outcome: Outcome) -> Batch:
    return outcome.built.session.train.rows(slice(0, 16))


def step_column(outcome: Outcome, key: str) -> list[float]:
    return [row[key] for row in outcome.files["steps.jsonl"]]


def activation(entry: RegistryEntry, outcome: Outcome, other: Outcome) -> None:
    module = registry.build("activation", written(entry), 16)
    assert type(module) in module_types(outcome) - module_types(other)
    assert str(module) in str(outcome.built.session.net)


def initializer(entry: RegistryEntry, outcome: Outcome, other: Outcome) -> None:
    assert {bound.plain()["name"] for bound in outcome.built.initializers.values()} >= {entry.name}
    weights = [name for name in outcome.before if name.endswith("weight")]
    assert all(not torch.equal(outcome.before[name], other.before[name]) for name in weights)


def normalization(entry: RegistryEntry, outcome: Outcome, other: Outcome) -> None:
    if entry.flags["form"] == "module":
        built = registry.build("normalization", written(entry), 16, 2 if entry.name == "instance" else 0)
        assert type(built) in module_types(outcome) - module_types(other)
    else:
        assert set(outcome.before) > set(other.before)  # what the layer brings beside its weight


def layer(entry: RegistryEntry, outcome: Outcome, other: Outcome) -> None:
    layers, others = ({name for name, _ in o.built.session.net.named_children()} for o in (outcome, other))
    assert any(name.startswith(entry.flags["prefix"] or entry.name) for name in layers - others)


def architecture(entry: RegistryEntry, outcome: Outcome, other: Outcome) -> None:
    assert shapes(outcome) != shapes(other)
    assert outcome.built.session.table.layers[-1] == "output"


def loss(entry: RegistryEntry, outcome: Outcome, other: Outcome) -> None:
    session, batch = outcome.built.session, first_batch(outcome)
    outputs = session.net(batch.inputs)
    expected = registry.build("loss", written(entry), session.task)(outputs, batch)
    assert torch.equal(session.loss(outputs, batch), expected)
    assert step_column(outcome, "loss")[0] != step_column(other, "loss")[0]  # the same weights and rows


def metrics(entry: RegistryEntry, outcome: Outcome, other: Outcome) -> None:
    for key in (f"train_{entry.name}", f"val_{entry.name}"):
        column = [row[key] for row in outcome.files["metrics.jsonl"]]
        assert all(math.isfinite(value) for value in column) and len(set(column)) == len(column)
        assert key not in other.files["metrics.jsonl"][0]


def optimizer(entry: RegistryEntry, outcome: Outcome, other: Outcome) -> None:
    groups = outcome.built.session.optimizer.param_groups
    seen = {key: groups[0][key] for key in keys_of(entry) if key in groups[0]}
    assert seen
    assert {key: list(value) if isinstance(value, tuple) else value for key, value in seen.items()} == {
        k: keys_of(entry)[k] for k in seen
    }
    assert (type(outcome.built.session.optimizer), groups[0].keys()) != (
        type(other.built.session.optimizer),
        other.built.session.optimizer.param_groups[0].keys(),
    )


def schedule(entry: RegistryEntry, outcome: Outcome, other: Outcome) -> None:
    curve = step_column(outcome, "lr")
    assert curve != step_column(other, "lr")[: len(curve)]
    assert (len(set(curve)) == 1) is (entry.name == "constant")


def gradient_clipping(entry: RegistryEntry, outcome: Outcome, other: Outcome) -> None:
    assert other.built.session.clip is None
    session = outcome.built.session
    for parameter in session.parameters:
        parameter.grad = torch.full_like(parameter, 10.0)
    before = session.clip(session.parameters, measure=True)
    after = torch.cat([p.grad.flatten() for p in session.parameters]).norm()
    assert after < 0.99 * before


def inside(outcome: Outcome, other: Outcome) -> None:
    inputs, same = first_batch(outcome).inputs, []
    for net in (outcome.built.session.net.train(), other.built.session.net.train()):
        same.append(torch.equal(net(inputs), net(inputs)))
    assert same == [False, True]  # it draws anew in every pass; nothing else in these nets does


def batch_effect(outcome: Outcome, other: Outcome) -> None:
    batch, (effect,) = first_batch(outcome), outcome.built.session.batch_effects
    changed = effect(batch)
    shares = torch.nn.functional.one_hot(batch.targets, 10).float()
    moved = [not torch.equal(batch.inputs, changed.inputs), not torch.equal(shares, changed.targets)]
    assert any(moved) and not other.built.session.batch_effects
    assert changed.targets.is_floating_point() or torch.equal(changed.targets, batch.targets)


def penalty(outcome: Outcome, other: Outcome) -> None:
    assert all(row["train_penalty"] > 0 for row in outcome.files["metrics.jsonl"])
    assert all(row["train_penalty"] == 0 for row in other.files["metrics.jsonl"])


def constraint(outcome: Outcome, other: Outcome) -> None:
    (constrain,) = outcome.built.session.constraints
    assert not other.built.session.constraints
    weight = next(e.parameter for e in outcome.built.session.table.of_role("weight"))
    kept = weight.detach().clone()
    with torch.no_grad():
        constrain()
        torch.testing.assert_close(weight, kept)  # it holds at the end of the training
        weight.mul_(-3)
        constrain()
    assert not torch.allclose(weight, -3 * kept)


def average(outcome: Outcome, other: Outcome) -> None:
    (found,) = outcome.built.session.averages
    assert f"val_loss_{found.suffix}" in outcome.files["metrics.jsonl"][-1]
    assert any(name.startswith("averages") for name in outcome.saved[0])


def stop(outcome: Outcome, other: Outcome) -> None:
    assert (outcome.end.status, other.end.status) == ("stopped_early", "done")
    assert outcome.end.epoch < other.end.epoch


EFFECTS: dict[str, Callable[[Outcome, Outcome], None]] = {
    "inside": inside,
    "batch": batch_effect,
    "penalty": penalty,
    "constraint": constraint,
    "average": average,
    "stop": stop,
}


def regularizers(entry: RegistryEntry, outcome: Outcome, other: Outcome) -> None:
    assert set(outcome.built.regularizers) == {entry.name} and not other.built.regularizers
    EFFECTS[entry.flags["effect"]](outcome, other)


def data(entry: RegistryEntry, outcome: Outcome, other: Outcome) -> None:
    described, others = outcome.built.described, other.built.described
    assert described["name"] == entry.name and described["fingerprint"] != others["fingerprint"]
    assert described["in_shape"] == list(outcome.built.session.train.inputs.shape[1:])


def augment(entry: RegistryEntry, outcome: Outcome, other: Outcome) -> None:
    (change,) = outcome.built.session.augment
    assert not other.built.session.augment
    inputs: Tensor = first_batch(outcome).inputs
    changed = change(inputs)
    assert changed.shape == inputs.shape and not torch.equal(changed, inputs)


def probe(entry: RegistryEntry, outcome: Outcome, other: Outcome) -> None:
    rows = outcome.files[entry.flags["file"]]
    assert [row["step"] for row in rows] == [1, *range(3, 21, 3)]
    assert all(set(row) > {"step", "epoch"} for row in rows)
    assert entry.flags["file"] not in other.files


SEEN: dict[str, Callable[[RegistryEntry, Outcome, Outcome], None]] = {
    function.__name__: function
    for function in (
        activation, initializer, normalization, layer, architecture, loss, metrics, optimizer, schedule, gradient_clipping,
        regularizers, data, augment, probe,
    )
}  # fmt: skip
