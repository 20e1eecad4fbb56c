"""Per-layer keys that stand with a layer itself: the same as `per_layer` with that layer's name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from helpers.trainings import assert_same, built, resumed, small, trained

from dnnlab.config import load_mapping
from dnnlab.engine.loop import fit
from dnnlab.engine.session import Session
from dnnlab.errors import ConfigError

KEYS: dict[str, Any] = {
    "activation": {"name": "elu", "alpha": 0.5},
    "initializer": "orthogonal",
    "normalization": "layer",
    "dropout": 0.25,
    "l1": 0.01,
    "l2": 0.1,
    "max_norm": 0.3,
    "lr_factor": 0.1,
    "frozen": True,
}


def session(*layers: Any, **changes: Any) -> Session:
    return built(
        architecture={"name": "sequential", "layers": list(layers)}, training={"epochs": 1}, **changes
    ).session


def weights(found: Session) -> dict[str, torch.Tensor]:
    list(fit(found))
    return found.net.state_dict()


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("name", ["conv1", "hidden1"])
def test_a_key_is_that_of_per_layer(name: str, key: str) -> None:
    own = {key: KEYS[key]}
    conv, dense = (
        {**layer, **(own if at == name else {})}
        for at, layer in (("conv1", {"channels": 4}), ("hidden1", {"units": 8}))
    )
    with_layer = weights(session({"conv": conv}, "flatten", {"dense": dense}))
    plain = ({"conv": {"channels": 4}}, "flatten", {"dense": {"units": 8}})
    by_name, without = weights(session(*plain, per_layer={name: own})), weights(session(*plain))
    assert with_layer.keys() == by_name.keys()
    assert all(torch.equal(tensor, by_name[n]) for n, tensor in with_layer.items())
    assert with_layer.keys() != without.keys() or any(
        not torch.equal(tensor, without[n]) for n, tensor in with_layer.items()
    )


def activations(found: Session) -> dict[str, str]:
    return {
        name: type(module).__name__
        for name, module in found.net.named_modules()
        if name.endswith("activation")
    }


def test_a_blocks_keys_hold_for_all_layers_in_it_unless_they_say_otherwise() -> None:
    conv = {"name": "conv", "channels": 1}
    block = {"name": "residual", "activation": "elu", "layers": [conv, {**conv, "activation": "identity"}]}
    assert activations(session(block, conv)) == {
        "block1.body.conv1.activation": "ELU",
        "block1.body.conv2.activation": "Identity",
        "conv3.activation": "ReLU",
    }


def test_a_layers_own_key_goes_before_a_pattern() -> None:
    found = session(
        "flatten",
        {"dense": {"units": 4, "activation": "elu"}},
        {"dense": 4},
        per_layer={"hidden.": {"activation": "tanh"}},
    )
    assert list(activations(found).values()) == ["ELU", "Tanh"]


def test_a_run_goes_on_with_them(tmp_path: Path) -> None:
    block = {
        "residual": {
            "layers": [{"conv": {"channels": 3}}],
            "shortcut": "projection",
            "activation": "prelu",
            "dropout": 0.1,
        }
    }
    alone = ["activation", {"normalization": "batch"}, {"dropout": 0.2}, "global_average_pool"]
    dense = {"dense": {"units": 5, "l2": 0.1, "max_norm": 0.5, "lr_factor": 0.5}}
    config = {"architecture": {"name": "sequential", "layers": [block, *alone, dense]}}
    (tmp_path / "whole").mkdir()
    (tmp_path / "cut").mkdir()
    whole, cut = trained(tmp_path / "whole", **config), trained(tmp_path / "cut", after=11, **config)
    resumed(cut)
    assert_same(whole, cut)


def test_none_takes_a_normalization_away() -> None:
    found = session(
        "flatten", {"dense": {"units": 4, "normalization": "none"}}, {"dense": 4}, normalization="batch"
    )
    assert [n for n in found.table.entries if "normalization" in n] == [
        "hidden2.normalization.weight",
        "hidden2.normalization.bias",
    ]


def test_what_is_not_written_is_not_in_the_resolved_config() -> None:
    config = load_mapping(
        small(
            architecture={
                "name": "sequential",
                "layers": ["flatten", {"dense": {"units": 4, "dropout": 0.1}}],
            }
        )
    )
    assert config.resolved()["architecture"]["layers"] == [
        {"name": "flatten"},
        {"name": "dense", "units": 4, "dropout": 0.1},
    ]
    assert config.flat()["architecture.layers.1.dropout"] == 0.1


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        (
            [{"conv": {"channels": 2}}, {"name": "max_pool", "l2": 0.1}],
            (
                "architecture.layers.1.l2: pool1 has nothing that l2 could change; expected a key that "
                "can act here; remove the key"
            ),
        ),
        (
            [{"name": "flatten", "frozen": True}],
            "architecture.layers.0.frozen: flatten1 has nothing that frozen could change",
        ),
        (
            [{"name": "dropout", "dropout": 0.1}],
            "architecture.layers.0.dropout: dropout1 has nothing that dropout could change",
        ),
        (
            ["activation", {"name": "activation", "l1": 0.1}],
            (
                "architecture.layers.1.l1: activation2 has no weight of its own, so l1 cannot act; "
                "expected a layer with a weight"
            ),
        ),
        (
            [{"name": "residual", "layers": ["activation"], "dropout": 0.1}],
            "architecture.layers.0.dropout: block1.body.activation1 has nothing that dropout could change",
        ),
        (
            ["flatten", {"dense": {"units": 1, "normalization": "layer"}}],
            "architecture.layers.1.normalization: hidden1: a layer of one unit",
        ),
        (
            [{"conv": {"channels": 2, "initializer": "lsuv"}}],
            (
                "architecture.layers.0.initializer: lsuv sets the weights of all layers, and output "
                "asks for glorot_uniform"
            ),
        ),
    ],
)
def test_a_key_that_cannot_act_names_its_place(layers: list[Any], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        session(*layers)
    assert str(caught.value).startswith(said)
