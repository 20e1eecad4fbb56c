"""The JSON Schema of a config: valid as draft 7, right about good and bad configs, complete, and free of what
draft 7 ignores.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from dnnlab.config import load
from dnnlab.config.json_schema import json_schema
from dnnlab.config.yaml_reader import read_yaml
from dnnlab.registry import KINDS, entries

ROOT = Path(__file__).parents[2] / "configs"
CONFIGS = sorted(
    path for path in ROOT.rglob("*.yaml") if path.parent.name != "sweeps"
)  # a sweep is no config

# Below `data: digits`. Each of these lines is refused by the check, too (see test_config_errors.py).
BAD = [
    "optimizr: adam",
    "training: {epoch: 3}",
    "bas: x.yaml",
    "optimizer: {learnin_rate: 0.1}",
    "checkpoint: {zzz: 1}",
    "activation: {name: zz_bent, zzz: 1}",
    "lr: 0.01",
    "dropout: 0.2",
    "hidden: [3, 4]",
    "training: {seed: 1}",
    "optimizer: {warmup: 2 epochs}",
    "optimizer: {momentum: 0.9}",
    "optimizer: {weight_decay: 1e-4}",
    "callbacks: [EarlyStopping]",
    "normalization: {name: batch, momentum: 0.01}",
    "seed: -1",
    "seed: 1.5",
    "training: {epochs: '20'}",
    "training: {epochs: 1_000}",
    "training: {epochs: true}",
    "training: {epochs: 0}",
    "training: {batch_size: ful}",
    "training: {precision: bf61}",
    "training: {device: gpu}",
    "tags: a",
    "activation: relo",
    "activation: none",
    "activation: {elu: {alpha: -1}}",
    "activation: {relu: {}, elu: {}}",
    "optimizer: {name: adam, lr: 0}",
    "optimizer: {name: adam, betas: [0.9]}",
    "optimizer: {name: adam, betas: [0.9, 1.0]}",
    "schedule: {name: one_cycle, warmup: 5}",
    "schedule: {name: exponential, over: 5}",
    "metrics: accuracy",
    "gradient_clipping: {threshold: 1}",
    "regularizers: {dropuot: 0.1}",
    "regularizers: {dropout: 1.0}",
    "regularizers: {dropout: }",
    "regularizers: {dropout: false}",
    "regularizers: {dropout: {rte: 0.1}}",
    "regularizers: [3]",
    "per_layer: {hidden1: {dropout: none}}",
    "per_layer: {hidden1: {units: 3}}",
    "logging: {update_ratio_every: 50}",
    "checkpoint: {every: 2 percent}",
    "lint: {ignore: [zeros_initialiser]}",
    "architecture: {name: sequential}",
    "architecture: {name: zz_stack, layers: [{zz_wide: 0}]}",
]
GOOD = [
    "base: other.yaml",
    "activation: {elu: 0.5}",
    "activation: {elu: {alpha: 0.5}}",
    "activation: {elu: true}",
    "activation: {name: zz_bent, inner: {elu: 2}}",
    "activation: zz_swish",
    "architecture: {hidden: {depth: 20, width: 100}}",
    "architecture: {mlp: [3, 4]}",
    "architecture: {name: zz_stack, layers: [{zz_dense: 3}, {zz_wide: {units: 4, bend: {beta: 2}}}]}",
    "initializer: auto",
    "normalization: none",
    "normalization:",
    "gradient_clipping: {global_norm: 1.0}",
    "optimizer: {lr: 0.01, betas: [0.9, 0.99]}",
    "optimizer: {name: sgd, momentum: {from: 0.5, to: 0.99, over: 10 epochs}}",
    "schedule: {warmup: 10 %}",
    "metrics: [accuracy]",
    "regularizers: {dropout: 0.2, l2: {strength: 1e-4}, early_stopping: true, max_norm: none}",
    "regularizers: [zz_plain, {dropout: 0.3}, {name: l2, strength: 2}]",
    "regularizers: none",
    "per_layer: {'hidden[12]': {activation: {elu: 2}, normalization: none, frozen: true}, output: none}",
    "training: {device: 'cuda:1', batch_size: full, threads: auto, max_minutes: none}",
    "checkpoint: {every: 3 epochs, keep: 5}",
    "logging: {steps_every: none, probes: {mine: 10 steps}}",
    "lint: {ignore: [selu_dropout]}",
]


@pytest.fixture(scope="module")
def schema(parts: None) -> dict[str, Any]:
    return json_schema()


@pytest.fixture(scope="module")
def validator(schema: dict[str, Any]) -> Any:
    return jsonschema.Draft7Validator(schema)


def data(text: str) -> Any:
    node, problems = read_yaml(text)
    assert node is not None and not problems
    return node.plain()


def test_it_is_draft_7(schema: dict[str, Any]) -> None:
    jsonschema.Draft7Validator.check_schema(schema)
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    for node in nodes(schema):
        assert not {"$defs", "prefixItems", "discriminator", "unevaluatedProperties"} & set(node)
        assert "$ref" not in node or set(node) == {"$ref"}, "what stands beside a reference is ignored"
        assert node.get("enum", [0]) != []


def test_every_reference_leads_somewhere(schema: dict[str, Any]) -> None:
    targets = {node["$ref"].removeprefix("#/definitions/") for node in nodes(schema) if "$ref" in node}
    assert targets <= set(schema["definitions"])


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_shipped_configs_are_valid(validator: Any, path: Path) -> None:
    assert [error.message for error in validator.iter_errors(data(path.read_text()))] == []


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_a_config_with_everything_written_out_is_valid(validator: Any, path: Path) -> None:
    assert [error.message for error in validator.iter_errors(load(path).resolved())] == []


@pytest.mark.parametrize("line", GOOD)
def test_good_lines(validator: Any, line: str) -> None:
    assert [error.message for error in validator.iter_errors(data(f"data: digits\n{line}\n"))] == []


@pytest.mark.parametrize("line", BAD)
def test_bad_lines(validator: Any, line: str) -> None:
    assert not validator.is_valid(data(f"data: digits\n{line}\n"))


def test_data_is_required_but_for_a_file_with_a_base(validator: Any) -> None:
    assert [error.message for error in validator.iter_errors({"seed": 1})] == [
        "'data' is a required property"
    ]
    assert validator.is_valid({"base": "other.yaml", "seed": 1})


def test_a_file_with_a_base_edits_whatever_part_stands_there(validator: Any) -> None:
    child = {
        "base": "other.yaml",
        "optimizer": {"momentum": 0.9},
        "data": {"validation": 0.3},
        "activation": {"inner": {"alpha": 4}},
    }
    assert [error.message for error in validator.iter_errors(child)] == []
    assert not validator.is_valid({"base": "other.yaml", "optimizer": {"learning_rate": 0.1}})


def test_every_example_of_a_part_is_valid(schema: dict[str, Any]) -> None:
    for kind in KINDS:
        if kind not in schema["definitions"]:
            continue  # no key of a config holds such parts
        validator = jsonschema.Draft7Validator(
            {"$ref": f"#/definitions/{kind}", "definitions": schema["definitions"]}
        )
        for entry in (entry for entry in entries(kind) if entry.origin is None):
            errors = [error.message for error in validator.iter_errors({"name": entry.name, **entry.example})]
            assert errors == [], f"{kind}.{entry.name}"


def test_descriptions_and_defaults_come_from_the_signatures(schema: dict[str, Any]) -> None:
    elu = schema["definitions"]["activation.elu"]
    assert elu["properties"]["name"]["enum"] == ["elu"]
    assert elu["properties"]["alpha"]["default"] == 1.0
    sgd = schema["definitions"]["optimizer.sgd"]["properties"]
    assert sgd["lr"] == {
        "type": "number",
        "exclusiveMinimum": 0,
        "description": "learning rate, > 0.",
        "default": 0.01,
    }
    assert (
        schema["properties"]["training"]["properties"]["epochs"]["description"]
        == "passes over the training rows."
    )
    assert schema["properties"]["seed"]["description"].startswith(
        "The seed of weights, order of rows and dropout"
    )


def test_an_alias_is_a_name(schema: dict[str, Any]) -> None:
    assert schema["definitions"]["activation.zz_bent"]["properties"]["name"]["enum"] == [
        "zz_bent",
        "zz_swish",
    ]
    assert {"zz_bent", "zz_swish", "zz_keyless"} <= set(schema["definitions"]["activation-names"]["enum"])
    assert "zz_stack" not in schema["definitions"]["architecture-names"]["enum"], (
        "it has a key that must be written"
    )


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Every schema inside a schema (and the mappings between them); defaults are data."""
    if isinstance(value, dict):
        yield value
        for key, below in value.items():
            if key != "default":
                yield from nodes(below)
    elif isinstance(value, list):
        for below in value:
            yield from nodes(below)
