"""Every rule of the lint fires on one config, stays silent on its fixed form, and can be silenced."""

from __future__ import annotations

from typing import Any

import pytest

from dnnlab import config

DEEP = {"name": "mlp", "hidden": {"depth": 8, "width": 5}}

# code -> a config that fires it, the address it is about, the same config mended
RULES: dict[str, tuple[dict[str, Any], str, dict[str, Any]]] = {
    "zeros_initializer": ({"initializer": "zeros"}, "initializer", {"initializer": "zeros", "architecture": {"mlp": []}}),
    "selu_initializer": (
        {"activation": "selu", "initializer": "he_normal"}, "initializer",
        {"activation": "selu", "initializer": "lecun_normal"},
    ),
    "selu_dropout": ({"activation": "selu", "regularizers": {"dropout": 0.1}}, "regularizers.dropout", {"activation": "selu"}),
    "saturating_depth": (
        {"activation": "sigmoid", "architecture": DEEP}, "activation",
        {"activation": "sigmoid", "architecture": DEEP, "normalization": "batch"},
    ),
    "early_stopping_one_cycle": (
        {"schedule": "one_cycle", "regularizers": {"early_stopping": True}}, "regularizers.early_stopping",
        {"regularizers": {"early_stopping": True}},
    ),
}  # fmt: skip


def test_each_code_has_its_config() -> None:
    assert set(RULES) == set(config.CODES)


@pytest.mark.parametrize("code", RULES)
def test_rules(code: str) -> None:
    bad, path, mended = RULES[code]
    (finding,) = config.load_mapping({"data": "digits", **bad}).findings
    assert (finding.code, finding.path) == (code, path)
    assert all((finding.text, finding.reason, finding.fix, finding.source)) and str(finding).startswith(finding.text + ": ")
    assert config.load_mapping({"data": "digits", **mended}).findings == ()
    assert config.load_mapping({"data": "digits", **bad, "lint": {"ignore": [code]}}).findings == ()


def test_settings_of_single_layers_count_too() -> None:
    mapping = {"data": "digits", "per_layer": {"hidden[1]": {"initializer": "zeros"}}}
    (finding,) = config.load_mapping(mapping).findings
    assert finding.path == 'per_layer."hidden[1]".initializer'


def test_a_plain_config_has_no_findings() -> None:
    assert config.load_mapping({"data": "digits"}).findings == ()
