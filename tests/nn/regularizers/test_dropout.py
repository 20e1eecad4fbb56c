"""Dropout and DropConnect against numbers worked out by hand, and against torch's own."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from helpers.parameter_tables import CLASSES, build, table_of

from dnnlab.nn.layers.linear_maps import Conv, Dense
from dnnlab.nn.parameter_table import ParameterTable


def test_dropout_keeps_the_mean_and_has_the_variance_of_its_rate() -> None:
    part = build({"name": "dropout", "rate": 0.3, "input_rate": 0.1}, table_of("dropout", {}))
    for module, rate in ((part.after_activation("hidden1", 100, 0), 0.3), (part.on_input((100,)), 0.1)):
        torch.manual_seed(0)
        outputs = module.train()(torch.full((1000, 200), 2.0))
        assert float(outputs.mean()) == pytest.approx(2.0, abs=0.01)
        assert float((outputs == 0).float().mean()) == pytest.approx(rate, abs=0.005)
        assert float(outputs.var()) == pytest.approx(
            4 * rate / (1 - rate), rel=0.02
        )  # inverted: 2 / (1 - rate) or 0
        assert float(outputs.max()) == pytest.approx(2 / (1 - rate))
        assert torch.equal(module.eval()(outputs), outputs)


def test_dropout_acts_where_it_is_told() -> None:
    def rates(keys: dict[str, Any], everywhere: bool = True, **settings: Any) -> list[float | None]:
        table = ParameterTable(
            CLASSES, settings=settings, everywhere=frozenset({"dropout"} if everywhere else set())
        )
        part = build({"name": "dropout", **keys}, table)
        modules = [part.after_activation(f"hidden{i}", 10, 0) for i in (1, 2, 3)]
        return [None if m is None else m.p for m in modules]

    assert rates({}) == [0.5, 0.5, 0.5]
    assert rates({"rate": 0.2, "layers": "hidden2..hidden3"}) == [None, 0.2, 0.2]
    assert rates({"rate": 0.2, "layers": "hidden2"}, hidden1={"dropout": 0.7}, hidden2={"dropout": 0.0}) == [
        0.7,
        None,
        None,
    ]
    assert rates({"rate": 0.2}, everywhere=False, hidden3={"dropout": 0.4}) == [None, None, 0.4]
    assert rates({"rate": 0.0}) == [None, None, None]
    assert build("dropout", table_of("dropout", {})).on_input((3,)) is None


def test_dropconnect_drops_weights_not_activations() -> None:
    layer, conv = Dense(300, 200), Conv(3, 4, 3)
    with torch.no_grad():
        layer.weight.fill_(2.0)
        layer.bias.fill_(1.0)
    part = build({"name": "dropconnect", "rate": 0.25}, table_of("dropconnect", {}))
    assert part.wrap("hidden1", layer) is True and part.wrap("conv1", conv) is True
    torch.manual_seed(0)
    used = layer.train().weight_in_use()
    assert used.unique().tolist() == pytest.approx([0.0, 2 / 0.75])
    assert float((used == 0).float().mean()) == pytest.approx(0.25, abs=0.01)
    outputs = layer(torch.ones(500, 300))
    assert (outputs == outputs[0]).all()  # one draw for the batch
    assert float(outputs.detach().mean()) == pytest.approx(1 + 600, rel=0.01)
    outputs.sum().backward()
    assert float((layer.weight.grad == 0).float().mean()) == pytest.approx(0.25, abs=0.01)
    assert layer.eval().weight_in_use() is layer.weight
    only = build({"name": "dropconnect", "layers": "hidden2"}, table_of("dropconnect", {}))
    assert only.wrap("hidden1", Dense(2, 2)) is False
