"""What `per_layer` changes, and only where its patterns match."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from helpers.trainings import built
from torch import nn

from dnnlab.engine.loop import fit
from dnnlab.engine.session import Session
from dnnlab.errors import ConfigError

DEEP = {"hidden": {"depth": 20, "width": 4}}
TWO = {"hidden": [16, 16]}


def session(per_layer: dict[str, Any], **changes: Any) -> Session:
    return built(per_layer=per_layer, **{"architecture": TWO, **changes}).session


def kinds(found: Session, stage: str) -> dict[str, str]:
    """Layer -> class of one of its stages, where it has it."""
    return {
        name: type(m).__name__
        for name in found.table.layers
        if (m := found.net.get_submodule(name)._modules.get(stage))
    }


def test_an_activation_of_its_own() -> None:
    assert kinds(session({"hidden2": {"activation": {"name": "elu", "alpha": 0.5}}}), "activation") == {
        "hidden1": "ReLU",
        "hidden2": "ELU",
    }


def test_an_initializer_of_its_own() -> None:
    found = session({"output": {"initializer": "zeros"}})
    assert found.table.entries["output.weight"].parameter.eq(0).all()
    assert not found.table.entries["hidden1.weight"].parameter.eq(0).any()


def test_none_takes_a_normalization_away_and_unset_leaves_it() -> None:
    found = session(
        {"hidden1": {"normalization": "none"}, "hidden2": {"lr_factor": 2.0}}, normalization="batch"
    )
    assert kinds(found, "normalization") == {"hidden2": "BatchNorm1d"}
    assert "hidden1.bias" in found.table.entries and "hidden2.bias" not in found.table.entries
    only = session({"hidden2": {"normalization": "layer"}})
    assert kinds(only, "normalization") == {"hidden2": "LayerNorm"}


def test_dropout_only_there() -> None:
    found = session({"hidden2": {"dropout": 0.25}})
    assert kinds(found, "dropout") == {"hidden2": "Dropout"}
    both = session({"hidden2": {"dropout": 0.25}}, regularizers={"dropout": 0.5})
    rates = [module.p for module in both.net.modules() if isinstance(module, nn.Dropout)]
    assert rates == [0.5, 0.25]
    assert kinds(session({"hidden1": {"dropout": 0.0}}, regularizers={"dropout": 0.5}), "dropout") == {
        "hidden2": "Dropout"
    }
    assert kinds(session({"hidden1": {"dropout": 0.0}}), "dropout") == {}, (
        "a rate of 0 alone says what is so already"
    )
    text = refused({"hidden.*": {"dropout": 0.0}}, regularizers={"dropout": 0.5})
    assert text.startswith(
        "regularizers.dropout: dropout finds no place to act: every layer has a dropout of its own"
    )


@pytest.mark.parametrize(("key", "order"), [("l1", 1), ("l2", 2)])
def test_a_penalty_only_there(key: str, order: int) -> None:
    found = session({"hidden1": {key: 0.1}})
    weight = found.table.entries["hidden1.weight"].parameter
    expected = 0.1 * (weight.abs().sum() if order == 1 else weight.square().sum() / 2)
    (penalty,) = found.penalties
    assert penalty.value().item() == pytest.approx(expected.item(), rel=1e-6)
    both = session({"hidden1": {key: 0.1}}, regularizers={key: 0.2})
    others = [both.table.entries[n].parameter for n in ("hidden2.weight", "output.weight")]
    more = sum(0.2 * (w.abs().sum() if order == 1 else w.square().sum() / 2) for w in others)
    assert both.penalties[0].value().item() == pytest.approx((expected + more).item(), rel=1e-6)


def test_a_limit_only_there() -> None:
    found = session({"hidden1": {"max_norm": 0.1}})
    before = found.table.entries["hidden2.weight"].parameter.clone()
    for constrain in found.constraints:
        constrain()
    assert found.table.entries["hidden1.weight"].parameter.norm(dim=1).max().item() == pytest.approx(
        0.1, rel=1e-5
    )
    assert torch.equal(found.table.entries["hidden2.weight"].parameter, before)


def test_a_rate_of_its_own_becomes_a_group() -> None:
    found = session({"hidden.": {"lr_factor": 0.5}, "output": {"lr_factor": 2.0}})
    factors = {name: group["lr_factor"] for group in found.optimizer.param_groups for name in group["names"]}
    assert factors == {name: 2.0 if name.startswith("output") else 0.5 for name in found.table.entries}
    next(iter(fit(found)))
    assert sorted(group["lr"] for group in found.optimizer.param_groups) == [0.0005, 0.002]


def test_frozen_layers_do_not_move() -> None:
    found = session({"hidden1": {"frozen": True}}, regularizers={"l2": 0.1, "max_norm": 0.1, "ema": 0.9})
    before = {name: entry.parameter.detach().clone() for name, entry in found.table.entries.items()}
    list(fit(found))
    moved = {
        name for name, entry in found.table.entries.items() if not torch.equal(entry.parameter, before[name])
    }
    assert moved == {"hidden2.weight", "hidden2.bias", "output.weight", "output.bias"}


def test_a_rate_of_zero_does_not_move_either() -> None:
    found = session({"hidden1": {"lr_factor": 0.0}})
    before = found.table.entries["hidden1.weight"].parameter.detach().clone()
    list(fit(found))
    assert torch.equal(found.table.entries["hidden1.weight"].parameter, before)


def test_ranges_and_later_patterns() -> None:
    found = session(
        {"hidden11..hidden20": {"activation": "elu"}, "hidden1[0-2]": {"activation": "tanh"}},
        architecture=DEEP,
    )
    names = kinds(found, "activation")
    assert [names[f"hidden{i}"] for i in (1, 9, 10, 12, 13, 20)] == [
        "ReLU",
        "ReLU",
        "Tanh",
        "Tanh",
        "ELU",
        "ELU",
    ]


def test_a_pattern_must_match_the_whole_name() -> None:
    assert (
        list(
            kinds(session({"hidden1": {"activation": "elu"}}, architecture=DEEP), "activation").values()
        ).count("ELU")
        == 1
    )


def refused(per_layer: dict[str, Any], **changes: Any) -> str:
    with pytest.raises(ConfigError) as caught:
        session(per_layer, **changes)
    return str(caught.value)


def test_a_pattern_that_matches_nothing_lists_the_names() -> None:
    text = refused({"hiden1": {"dropout": 0.1}, "hidden7..hidden9": {"l2": 0.1}})
    assert (
        'per_layer."hiden1": the pattern "hiden1" matches no layer; layers: hidden1, hidden2, output' in text
    )
    assert 'the pattern "hidden7..hidden9" matches no layer' in text


def test_a_pattern_of_a_regularizer_that_matches_nothing() -> None:
    text = refused({}, regularizers={"dropout": {"rate": 0.5, "layers": "conv.*"}})
    assert (
        'regularizers.dropout.layers: the pattern "conv.*" matches no layer; layers: hidden1, hidden2, output'
        in text
    )


@pytest.mark.parametrize(
    ("key", "value"), [("dropout", 0.5), ("activation", "elu"), ("normalization", "batch")]
)
def test_what_the_output_layer_does_not_have(key: str, value: Any) -> None:
    text = refused({"output": {key: value}})
    assert (
        f'per_layer."output".{key}: output is linear only: it has no {key}; expected a pattern that '
        "matches hidden layers"
    ) in text
    session({".*": {key: value}})


def test_what_a_tied_layer_does_not_have() -> None:
    text = refused({"output": {"l2": 0.1}}, architecture={"name": "autoencoder", "hidden": [8], "tied": True})
    assert 'per_layer."output".l2: output has no weight of its own, so l2 cannot act' in text


def test_everything_frozen_is_refused() -> None:
    assert "per_layer: every layer is frozen; expected at least one that learns" in refused(
        {".*": {"frozen": True}}
    )


def test_rates_of_zero_everywhere_are_refused() -> None:
    text = refused({"hidden.*": {"lr_factor": 0.0}, "output": {"frozen": True}})
    assert text.startswith(
        "per_layer: every layer is frozen or has lr_factor 0; expected at least one that learns"
    )


def test_lbfgs_takes_one_rate() -> None:
    changes = {"optimizer": "lbfgs", "training": {"batch_size": "full"}}
    text = refused({"output": {"lr_factor": 0.1}}, **changes)
    assert text.startswith(
        'per_layer."output".lr_factor: lbfgs takes one learning rate for all parameters; expected '
        "no lr_factor"
    )
    own = {"name": "sequential", "layers": ["flatten", {"dense": {"units": 4, "lr_factor": 0.5}}]}
    assert refused({}, architecture=own, **changes).startswith(
        "architecture.layers.1.lr_factor: lbfgs takes one learning rate"
    )
    assert len(session({"hidden1": {"frozen": True}}, **changes).optimizer.param_groups) == 1


def test_an_initializer_of_the_whole_net_leaves_no_room() -> None:
    text = refused({"output": {"initializer": "zeros"}}, initializer="lsuv")
    assert (
        'per_layer."output".initializer: lsuv sets the weights of all layers, and output asks for zeros'
        in text
    )
    assert "lsuv sets the weights of all layers, and hidden1 asks for he_normal" in refused(
        {"hidden2": {"initializer": "lsuv"}}
    )


@pytest.mark.parametrize("key", ["l1", "l2", "max_norm", "lr_factor"])
def test_a_key_that_moves_frozen_weights_is_refused(key: str) -> None:
    with pytest.raises(
        ConfigError,
        match=rf'per_layer\."hidden1"\.{key}: frozen weights stay as they are, so {key} cannot act',
    ):
        session({"hidden1": {"frozen": True, key: 0.5}})
    with pytest.raises(
        ConfigError,
        match=rf'per_layer\."hidden\[1\]"\.{key}: frozen weights stay as they are, so {key} cannot act',
    ):
        session({"hidden1": {"frozen": True}, "hidden[1]": {key: 0.5}})
    session({".*": {key: 0.5}, "hidden1": {"frozen": True}})  # elsewhere it acts
    session({".*": {"frozen": True}, "output": {"frozen": False, key: 0.5}})


def test_a_normalization_that_no_layer_takes_is_refused() -> None:
    with pytest.raises(ConfigError, match="normalization: no layer of this net takes batch normalization"):
        session({}, architecture={"hidden": []}, normalization="batch")
    session({}, architecture={"hidden": []}, normalization={"name": "batch", "on_input": True})
    with pytest.raises(
        ConfigError,
        match="normalization: every layer that takes a normalization has its own, so batch cannot act",
    ):
        session({"hidden.*": {"normalization": "none"}}, normalization="batch")


def test_one_layer_cannot_normalize_the_inputs_of_the_net() -> None:
    text = refused({"hidden1": {"normalization": {"name": "batch", "on_input": True}}})
    assert text == (
        'per_layer."hidden1".normalization.on_input: on_input normalizes the inputs of the net, '
        "which is nothing of one layer; "
        "expected on_input: false; remove on_input, or write it at the top: normalization: {name: "
        "batch, on_input: true}"
    )


@pytest.mark.parametrize(
    "net",
    [
        {"hidden": []},
        {"name": "sequential", "layers": ["flatten"]},
        {"name": "sequential", "layers": [{"activation": "elu"}]},
    ],
)
def test_an_activation_that_no_layer_takes_is_refused(net: dict[str, Any]) -> None:
    with pytest.raises(
        ConfigError,
        match="activation: no layer of this net takes the activation tanh; expected hidden layers",
    ):
        session({}, architecture=net, activation="tanh")
    session({}, architecture=net, activation="relu")  # what every config has says nothing
