"""Clipping against golden numbers; what the adaptive one leaves alone, and where it cannot act."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from helpers.trainings import built
from torch import nn

from dnnlab import registry
from dnnlab.engine.loop import fit
from dnnlab.engine.records import Step
from dnnlab.errors import ConfigError
from dnnlab.nn.batch import Task
from dnnlab.nn.parameter_table import ParameterInfo, ParameterTable
from dnnlab.optim.clipping import adaptive as adaptive_clipping
from dnnlab.optim.clipping import functions as clipping

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "clipping.json").read_text())


@pytest.fixture(params=[True, False], ids=["cpu", "elsewhere"])
def reads(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways: numbers are read, as on the CPU; nothing is read, as on devices that would have to be waited
    for.
    """
    if not request.param:
        for module in (clipping, adaptive_clipping):
            monkeypatch.setattr(module, "on_cpu", lambda grads: False)


def parameter(weight: Any, gradient: Any) -> nn.Parameter:
    made = nn.Parameter(torch.tensor(weight))
    made.grad = torch.tensor(gradient)
    return made


def table_of(*entries: tuple[str, nn.Parameter, int]) -> ParameterTable:
    table = ParameterTable(Task("index", 2, 2))
    for layer, param, axis in entries:
        table.add(ParameterInfo(f"{layer}.weight", param, "weight", layer, axis))
    return table


def adaptive(table: ParameterTable, **keys: Any) -> Any:
    return registry.build("gradient_clipping", {"name": "adaptive", **keys}, table)


@pytest.mark.parametrize("case", GOLDEN["adaptive"], ids=lambda c: f"{c['name']}-{c['keys']['clipping']}")
@pytest.mark.parametrize(
    "memory", [torch.contiguous_format, torch.channels_last], ids=["plain", "channels_last"]
)
def test_adaptive(case: Any, memory: torch.memory_format, reads: None) -> None:
    param = parameter(case["weight"], case["before"])
    if memory == torch.channels_last and param.ndim != 4:
        pytest.skip("no image")
    param.data, before = param.data.contiguous(memory_format=memory), param.grad.clone()
    norm = adaptive(table_of(("hidden1", param, case["axis"])), **case["keys"])([param])
    torch.testing.assert_close(param.grad, torch.tensor(case["after"]), rtol=2e-6, atol=1e-9)
    assert norm.item() == pytest.approx(case["norm"], rel=1e-6)
    if param.ndim > 1:
        last = param.shape[case["axis"]] - 1
        assert torch.equal(param.grad.select(case["axis"], last), before.select(case["axis"], last)), (
            "a unit within its limit keeps its bits"
        )


@pytest.mark.parametrize("case", GOLDEN["plain"], ids=lambda c: f"{c['name']}-{c['threshold']}")
def test_value_norm_global_norm(case: Any, reads: None) -> None:
    params = [parameter([0.0] * len(g), g) for g in case["before"]]
    norm = registry.build("gradient_clipping", {"name": case["name"], "threshold": case["threshold"]})(params)
    for param, after in zip(params, case["after"], strict=True):
        torch.testing.assert_close(param.grad, torch.tensor(after), rtol=1e-6, atol=0)
    assert norm.item() == pytest.approx(case["norm"], rel=1e-6)


def test_the_output_layer_is_left_alone_and_counts_in_the_norm() -> None:
    hidden, output = parameter([[1.0, 0.0]], [[3.0, 4.0]]), parameter([[1.0]], [[12.0]])
    norm = adaptive(table_of(("hidden1", hidden, 0), ("output", output, 0)))([hidden, output])
    assert hidden.grad is not None and output.grad is not None
    assert hidden.grad.tolist() == [pytest.approx([0.006, 0.008])] and output.grad.tolist() == [[12.0]]
    assert norm.item() == pytest.approx(13.0)


def test_a_gradient_that_is_not_finite_stays_visible(reads: None) -> None:
    param = parameter([[1.0, 1.0], [1.0, 1.0]], [[float("inf"), 1.0], [1e-9, 0.0]])
    assert adaptive(table_of(("hidden1", param, 0)))([param]) == float("inf")
    assert (
        param.grad is not None
        and param.grad[0, 0].isnan()
        and param.grad[1].tolist() == [pytest.approx(1e-9), 0.0]
    )


def test_a_net_without_hidden_layers() -> None:
    with pytest.raises(ConfigError) as caught:
        built(architecture={"name": "mlp", "hidden": []}, gradient_clipping="adaptive")
    assert str(caught.value) == (
        "gradient_clipping: adaptive leaves the output layer alone, and this net has no other; "
        "expected a net with hidden layers, or "
        "another clipping; gradient_clipping: {global_norm: 1.0}"
    )


@pytest.mark.parametrize(
    "spec",
    [
        {"name": "adaptive", "clipping": 1e-3},
        {"name": "norm", "threshold": 1e-3},
        {"name": "value", "threshold": 1e-4},
    ],
)
def test_the_norm_before_clipping_is_logged(spec: Any) -> None:
    def first(**changes: Any) -> tuple[Any, float]:
        session = built(**changes).session
        row = next(r.rows["steps.jsonl"] for r in fit(session) if isinstance(r, Step) and r.rows)
        return session, row["gradient_norm"]

    (clipped, norm), (_, plain) = first(gradient_clipping=spec), first()
    assert norm == pytest.approx(plain, rel=1e-6)
    after = torch.cat([p.grad.flatten() for p in clipped.parameters]).norm().item()
    assert after < 0.9 * norm
