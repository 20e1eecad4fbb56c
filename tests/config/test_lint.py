"""Every rule of the lint fires on one config, stays silent on its fixed form, and can be silenced."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dnnlab import config
from dnnlab.commands.new.examples import RECIPES, examples, recipe
from dnnlab.config.target_size import TargetSize
from dnnlab.registry import entries

DEEP = {"name": "mlp", "hidden": {"depth": 8, "width": 5}}
WIDE = {"name": "mlp", "hidden": [100, 100]}
RATE = {"name": "sgd", "lr": 0.01}

# code -> a config that fires it, the address it is about, the same config mended
RULES: dict[str, tuple[dict[str, Any], str, dict[str, Any]]] = {
    "zeros_initializer": ({"initializer": "zeros"}, "initializer", {"initializer": "zeros", "architecture": {"mlp": []}}),
    "selu_initializer": (
        {"activation": "selu", "initializer": "he_normal"}, "initializer",
        {"activation": "selu", "initializer": "lecun_normal"},
    ),
    "reuse_full_rate": (
        {"reuse": {"from": "x"}}, "reuse", {"reuse": {"from": "x"}, "optimizer": {"name": "adam", "lr": 1e-4}},
    ),
    "unfreeze_at_once": (
        {"architecture": WIDE, "reuse": {"from": "x", "freeze": "hidden.", "unfreeze": [{"at": "1 epochs", "layers": ".*"}]}},
        "reuse.unfreeze.0",
        {"architecture": WIDE, "reuse": {
            "from": "x", "freeze": "hidden.", "unfreeze": [{"at": "1 epochs", "layers": ".*", "lr_factor": 0.1}]
        }},
    ),
    "unfreeze_from_below": (
        {"architecture": WIDE, "reuse": {"from": "x", "freeze": "hidden.", "unfreeze": [{"at": "1 epochs", "layers": "hidden1"}]}},
        "reuse.unfreeze.0",
        {"architecture": WIDE, "reuse": {
            "from": "x", "freeze": "hidden.",
            "unfreeze": [{"at": "1 epochs", "layers": "hidden2"}, {"at": "2 epochs", "layers": "hidden1"}],
        }},
    ),
    "selu_dropout": ({"activation": "selu", "regularizers": {"dropout": 0.1}}, "regularizers.dropout", {"activation": "selu"}),
    "selu_inputs": ({"activation": "selu", "data": {"name": "digits", "scale": "unit"}}, "data.scale", {"activation": "selu"}),
    "relu_initializer": ({"initializer": "glorot_uniform"}, "initializer", {"initializer": "he_uniform"}),
    "saturating_depth": (
        {"activation": "tanh", "architecture": DEEP}, "activation",
        {"activation": "tanh", "architecture": DEEP, "normalization": "batch"},
    ),
    "dropout_before_batch": (
        {"architecture": WIDE, "normalization": "batch", "regularizers": {"dropout": 0.5}}, "regularizers.dropout",
        {"architecture": WIDE, "normalization": "batch", "per_layer": {"hidden2": {"dropout": 0.5}}},
    ),
    "dropout_small_layer": (
        {"architecture": {"mlp": [20]}, "regularizers": {"dropout": 0.5}}, "regularizers.dropout",
        {"architecture": {"mlp": [40]}, "regularizers": {"dropout": 0.5}},
    ),
    "adagrad_depth": (
        {"architecture": WIDE, "optimizer": "adagrad"}, "optimizer",
        {"architecture": {"mlp": [100]}, "optimizer": "adagrad"},
    ),
    "two_decays": (
        {"optimizer": "adamw", "regularizers": {"l2": 1e-3}}, "regularizers.l2",
        {"optimizer": {"name": "adamw", "weight_decay": 0}, "regularizers": {"l2": 1e-3}},
    ),
    "small_batch_rate": (
        {"optimizer": RATE, "training": {"batch_size": 4}}, "optimizer.lr",
        {"optimizer": RATE, "training": {"batch_size": 4, "accumulate": 8}},
    ),
    "rprop_batches": (
        {"optimizer": "rprop"}, "training.batch_size",
        {"optimizer": "rprop", "training": {"batch_size": "full"}},
    ),
    "patience_too_long": (
        {"schedule": "performance", "training": {"epochs": 11}}, "schedule.patience",
        {"schedule": "performance", "training": {"epochs": 12}},
    ),
    "schedule_too_long": (
        {"schedule": {"name": "exponential", "over": "30 epochs"}}, "schedule.over",
        {"schedule": {"name": "exponential", "over": "20 epochs"}},
    ),
    "early_stopping_one_cycle": (
        {"schedule": "one_cycle", "regularizers": {"early_stopping": True}}, "regularizers.early_stopping",
        {"regularizers": {"early_stopping": True}},
    ),
    "momentum_in_cycle": (
        {"schedule": "one_cycle", "optimizer": {"name": "sgd", "momentum": 0.5}}, "optimizer.momentum",
        {"schedule": "one_cycle", "optimizer": {"name": "sgd", "momentum": 0.9}},
    ),
    "augment_changes_label": (
        {"data": {"name": "digits", "augment": ["shift", "flip"]}}, "data.augment.1",
        {"data": {"name": "cifar10", "augment": ["shift", "flip"]}},
    ),
}  # fmt: skip


# Rules that judge the data too: code -> what the data hold, the address, the same config mended.
OF_DATA = {
    "unscaled_targets": (
        TargetSize(("price",), (2.6e5,), (9.5e4,)),
        "data.target_scale",
        {"name": "csv", "path": "t.csv", "target": "price", "target_scale": "standardize"},
    )
}


def findings(**mapping: Any) -> list[tuple[str, str]]:
    return [(f.code, f.path) for f in config.load_mapping({"data": "digits", **mapping}).findings]


def test_each_code_has_its_config() -> None:
    assert {*RULES, *OF_DATA} == set(config.CODES)


@pytest.mark.parametrize("code", OF_DATA)
def test_rules_that_judge_the_data(code: str) -> None:
    targets, path, mended = OF_DATA[code]
    table = {key: value for key, value in mended.items() if key != "target_scale"}
    plain = config.load_mapping({"data": table})
    assert plain.findings == (), "the rows are not counted yet"
    (finding,) = config.counted(plain, 10, targets).findings
    assert (finding.code, finding.path) == (code, path)
    assert finding.text == 'the target "price" has mean 260,000 and deviation 95,000'
    for mapping in (
        {"data": mended},
        {"data": table, "lint": {"ignore": [code]}},
        {"data": table, "architecture": "autoencoder"},
    ):
        assert config.counted(config.load_mapping(mapping), 10, targets).findings == ()


@pytest.mark.parametrize("code", RULES)
def test_rules(code: str) -> None:
    bad, path, mended = RULES[code]
    (finding,) = config.load_mapping({"data": "digits", **bad}).findings
    assert (finding.code, finding.path) == (code, path)
    assert all((finding.text, finding.reason, finding.fix, finding.source)) and str(finding).startswith(
        finding.text + ": "
    )
    assert findings(**mended) == []
    assert findings(**bad, lint={"ignore": [code]}) == []


def test_a_plain_config_has_no_findings() -> None:
    assert findings() == []


@pytest.mark.parametrize("path", examples().values(), ids=lambda path: path.stem)
def test_shipped_configs_have_no_findings(path: Path) -> None:
    assert config.load(path).findings == ()


@pytest.mark.parametrize("name", RECIPES)
def test_recipes_have_no_findings(name: str) -> None:
    assert config.load(Path(f"{name}.yaml"), read=lambda path: recipe(name)).findings == ()


# Rules look at layers, not at the net's settings alone.
@pytest.mark.parametrize(
    ("mapping", "expected"),
    [
        ({"per_layer": {"hidden[1]": {"initializer": "zeros"}}}, [("zeros_initializer", 'per_layer."hidden[1]".initializer')]),
        ({"per_layer": {"output": {"initializer": "zeros"}}}, []),
        ({"per_layer": {"hidden1": {"activation": "selu"}}, "initializer": "he_normal"}, [("selu_initializer", "initializer")]),
        (
            {"activation": "selu", "per_layer": {"hidden1": {"dropout": 0.1}}},
            [("selu_dropout", "per_layer.hidden1.dropout")],
        ),
        ({"activation": "selu", "normalization": {"name": "batch", "on_input": True}, "data": {"name": "digits", "scale": "none"}}, []),
        ({"activation": "tanh", "initializer": "glorot_normal", "per_layer": {"hidden1": {"activation": "elu"}}}, [
            ("relu_initializer", "initializer")
        ]),
        ({"initializer": "glorot_normal", "normalization": "batch"}, []),
        ({"activation": "sigmoid", "architecture": {"name": "mlp", "hidden": {"depth": 5, "width": 50}}}, [
            ("saturating_depth", "activation")
        ]),
        ({"architecture": WIDE, "per_layer": {"hidden1": {"dropout": 0.4}}, "normalization": "batch"}, [
            ("dropout_before_batch", "per_layer.hidden1.dropout")
        ]),
        ({"architecture": WIDE, "regularizers": {"dropout": {"rate": 0.4, "layers": "hidden2"}}, "normalization": "batch"}, []),
        ({"architecture": {"name": "cnn", "blocks": [[8], [8]]}, "regularizers": {"dropout": 0.5}}, []),
        ({"optimizer": "adamw", "per_layer": {"hidden1": {"l2": 0.1}}}, [("two_decays", "per_layer.hidden1.l2")]),
        ({"regularizers": {"early_stopping": {"patience": 19}}}, [
            ("patience_too_long", "regularizers.early_stopping.patience")
        ]),
        ({"regularizers": {"early_stopping": {"patience": 18}}}, []),
        ({"training": {"batch_size": 4}, "schedule": {"name": "one_cycle", "max_lr": 0.01}}, [("small_batch_rate", "schedule.max_lr")]),
        ({"optimizer": {"name": "sgd", "momentum": {"from": 0.5, "to": 0.9, "over": "21 epochs"}}}, [
            ("schedule_too_long", "optimizer.momentum.over")
        ]),
        ({"schedule": {"name": "power", "over": "200 %"}}, [("schedule_too_long", "schedule.over")]),
        ({"schedule": {"name": "inverse_time", "k": 0.5, "per": "50 epochs"}}, []),
        ({"data": {"name": "digits", "augment": [{"rotate": 180}]}}, [("augment_changes_label", "data.augment.0")]),
        ({"data": {"name": "digits", "augment": [{"rotate": 15}]}}, []),
    ],
)  # fmt: skip
def test_findings_stand_where_they_come_from(
    mapping: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert findings(**mapping) == expected


# Layers that are listed bring their own keys, and names as the net will have them.
@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        (
            [{"name": "dense", "activation": "selu", "initializer": "he_normal"}],
            [("selu_initializer", "architecture.layers.1.initializer")],
        ),
        (
            [{"name": "residual", "layers": [{"dense": 64}]}],
            [("zeros_initializer", 'per_layer."block1.body.hidden1".initializer')],
        ),
        (
            ["dense", {"dropout": 0.1}, {"normalization": "batch"}],
            [("dropout_before_batch", "architecture.layers.2")],
        ),
        (["dense", {"normalization": "batch"}, {"dropout": 0.1}], []),
    ],
)
def test_layers_of_sequential(layers: list[Any], expected: list[tuple[str, str]]) -> None:
    inner = (
        {"per_layer": {"block1.body.hidden1": {"initializer": "zeros"}}} if "residual" in str(layers) else {}
    )
    assert findings(architecture={"name": "sequential", "layers": ["flatten", *layers]}, **inner) == expected


def test_where_the_layers_are_not_known_one_stands_for_all() -> None:
    found = findings(
        data="cifar10",
        architecture="lenet5",
        activation="selu",
        per_layer={"conv1": {"initializer": "he_normal"}},
    )
    assert found == [("selu_initializer", "per_layer.conv1.initializer")]


def test_a_batch_that_is_a_quarter_is_not_much_smaller() -> None:
    assert findings(optimizer=RATE, training={"batch_size": 8}) == []
    assert findings(optimizer={"name": "sgd", "lr": 0.001}, training={"batch_size": 1}) == []


def test_data_say_whether_their_orientation_matters() -> None:
    assert {e.name for e in entries("data") if e.flags["oriented"]} == {"digits", "mnist", "kmnist"}
