"""The engine against a plain PyTorch loop: the very same losses, bit by bit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
import torch
from reference_loop import reference_losses
from torch import nn

from dnnlab.assembly.session import build
from dnnlab.config import load_mapping
from dnnlab.engine.loop import fit
from dnnlab.engine.records import Step

Maker = Callable[[Iterable[nn.Parameter]], torch.optim.Optimizer]


def decayed(params: Iterable[nn.Parameter], strength: float) -> list[dict[str, Any]]:
    """Torch's groups for a weight decay that leaves biases alone."""
    every = list(params)
    return [
        {"params": [p for p in every if p.ndim > 1], "weight_decay": strength},
        {"params": [p for p in every if p.ndim == 1], "weight_decay": 0.0},
    ]


BASE: dict[str, Any] = {
    "data": "digits",
    "architecture": {"hidden": [32, 16]},
    "training": {"epochs": 3, "batch_size": 32},
    "logging": {"steps_every": "1 steps"},
}


def plain_net(dropout: float) -> nn.Sequential:
    """The same net as the config's, in torch's own modules."""
    drop = [nn.Dropout(dropout)] if dropout else []
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(64, 32),
        nn.ReLU(),
        *drop,
        nn.Linear(32, 16),
        nn.ReLU(),
        *drop,
        nn.Linear(16, 10),
    )


@pytest.mark.parametrize("name", ["sgd", "adam"])
def test_unfrozen_layers_learn_as_if_their_optimizer_were_new(name: str) -> None:
    reuse = {
        "from": "not read here",
        "freeze": "hidden[12]",
        "unfreeze": [
            {"at": "50 steps", "layers": "hidden2", "lr_factor": 0.5},
            {"at": "2 epochs", "layers": ".*", "lr_factor": 0.1},
        ],
    }
    keys = {"name": name, "lr": 0.01, **({"momentum": 0.9} if name == "sgd" else {})}
    session = build(load_mapping({**BASE, "optimizer": keys, "reuse": reuse})).session
    net = plain_net(0.0)
    with torch.no_grad():
        for mine, theirs in zip(net.parameters(), session.net.parameters(), strict=True):
            mine.copy_(theirs)
    first, second, output = net[1], net[3], net[5]
    for layer in (first, second):
        layer.requires_grad_(False)
    maker = torch.optim.SGD if name == "sgd" else torch.optim.Adam
    optimizer = maker(output.parameters(), fused=True, **{k: v for k, v in keys.items() if k != "name"})
    begins = {50: (second, 0.5), 2 * session.steps_per_epoch: (first, 0.1)}

    def before(step: int) -> None:
        if step in begins:
            layer, factor = begins[step]
            layer.requires_grad_(True)
            optimizer.add_param_group({"params": list(layer.parameters()), "lr_factor": factor})

    inputs, targets = session.train.inputs, session.train.targets
    expected = reference_losses(
        net, optimizer, inputs, targets, seed=0, epochs=3, batch_size=32, rates=lambda step: {"lr": 0.01},
        before=before,
    )  # fmt: skip
    losses = [r.rows["steps.jsonl"]["loss"] for r in fit(session) if isinstance(r, Step) and r.rows]
    assert losses == expected


@pytest.mark.parametrize(
    ("changes", "dropout", "make"),
    [
        (
            {"optimizer": {"name": "sgd", "lr": 0.05, "momentum": 0.9}, "regularizers": {"dropout": 0.3}},
            0.3,
            lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, fused=True),
        ),
        (
            {"optimizer": {"name": "adam", "lr": 2e-3}, "schedule": "one_cycle"},
            0.0,
            lambda p: torch.optim.Adam(p, lr=2e-3, fused=True),
        ),
        (
            {"optimizer": {"name": "adam", "lr": 2e-3}, "regularizers": {"l2": 0.02}},
            0.0,
            lambda p: torch.optim.Adam(decayed(p, 0.02), lr=2e-3, fused=True),
        ),
        (
            {"optimizer": {"name": "sgd", "lr": 0.05, "momentum": 0.9}, "regularizers": {"l2": 0.01}},
            0.0,
            lambda p: torch.optim.SGD(decayed(p, 0.01), lr=0.05, momentum=0.9, fused=True),
        ),
    ],
    ids=["sgd_dropout", "adam_one_cycle", "adam_l2", "sgd_l2"],
)
def test_losses_are_those_of_a_plain_loop(changes: dict[str, Any], dropout: float, make: Maker) -> None:
    session = build(load_mapping({**BASE, **changes})).session
    net = plain_net(dropout)
    with torch.no_grad():
        for mine, theirs in zip(net.parameters(), session.net.parameters(), strict=True):
            mine.copy_(theirs)
    inputs, targets = session.train.inputs, session.train.targets
    rates = session.rates.schedule  # type: ignore[attr-defined]
    expected = reference_losses(
        net, make(net.parameters()), inputs, targets, seed=0, epochs=3, batch_size=32, rates=rates
    )
    losses = [r.rows["steps.jsonl"]["loss"] for r in fit(session) if isinstance(r, Step) and r.rows]
    assert losses == expected
    assert len(losses) == 3 * 34
    assert losses[-1] < losses[0] / 2
