"""What every architecture must hold, whoever wrote it."""

from __future__ import annotations

import ast
import inspect
from typing import Any

import pytest
import torch
from helpers.seeded_nets import rows_of, table_of
from helpers.trainings import built

from dnnlab import registry
from dnnlab.errors import ConfigError
from dnnlab.registry import RegistryEntry

ENTRIES = registry.entries("architecture")
architectures = pytest.mark.parametrize("entry", ENTRIES, ids=[e.name for e in ENTRIES])
KINDS_WITHOUT_TORCH = [e for kind in ("architecture", "layer") for e in registry.entries(kind)]
IMAGE = (3, 32, 32)


def config(entry: RegistryEntry, **keys: Any) -> dict[str, Any]:
    return {"architecture": {"name": entry.name, **entry.example, **keys}}


def outputs_of(entry: RegistryEntry) -> int:
    return 3 * 32 * 32 if entry.flags["target"] == "input" else 10


@architectures
def test_turns_rows_into_outputs_and_learns_everywhere(entry: RegistryEntry) -> None:
    table = table_of(IMAGE, outputs_of(entry), **config(entry), activation="tanh")
    assert table.net is not None
    with torch.no_grad():
        for number, parameter in enumerate(table.net.parameters()):
            parameter.normal_(std=0.1, generator=torch.Generator().manual_seed(number))
    outputs = table.net.train()(torch.randn(4, *IMAGE, generator=torch.Generator().manual_seed(0)))
    assert outputs.shape == (4, outputs_of(entry))
    outputs.square().mean().backward()
    assert [
        n for n, e in table.entries.items() if e.parameter.grad is None or not e.parameter.grad.any()
    ] == []
    assert table.layers[-1] == "output" and not list(table.net.get_submodule("output").children())


@architectures
def test_regularizers_and_normalizations_find_their_layers(entry: RegistryEntry) -> None:
    x = {"regularizers": {"dropout": 0.2, "l2": 0.1}, "normalization": "layer"}
    table = table_of(IMAGE, outputs_of(entry), **config(entry), **x)
    assert table.net is not None
    names = [name for name, _ in table.net.named_modules()]
    hidden = [name for name in table.layers if name.partition(".")[0] not in ("output",)]
    assert any(f"{name}.dropout" in names for name in hidden) and any(
        f"{name}.normalization" in names for name in hidden
    )


@architectures
def test_says_rightly_what_it_has(entry: RegistryEntry) -> None:
    kinds = {
        type(module).__name__ for module in table_of(IMAGE, outputs_of(entry), **config(entry)).net.modules()
    }  # type: ignore[union-attr]
    has = entry.flags["has"]
    assert "pool" in has or not kinds & {"MaxPool2d", "AvgPool2d"}
    assert "residual" in has or "Residual" not in kinds


@architectures
def test_stands_in_the_layer_table(entry: RegistryEntry) -> None:
    rows = rows_of(IMAGE, outputs_of(entry), **config(entry))
    assert all(row.output for row in rows.values())
    assert sum(row.trained for row in rows.values()) == sum(
        e.parameter.numel() for e in table_of(IMAGE, outputs_of(entry), **config(entry)).entries.values()
    )


@architectures
def test_trains_on_digits_or_says_how_large_images_must_be(entry: RegistryEntry) -> None:
    try:
        session = built(**config(entry), training={"epochs": 1}).session
    except ConfigError as error:
        assert error.problems[0].code == "shape" and error.problems[0].fix and entry.name == "lenet5"
    else:
        assert session.net(session.train.inputs[:2]).shape[0] == 2


@pytest.mark.parametrize("entry", KINDS_WITHOUT_TORCH, ids=lambda e: f"{e.kind}.{e.name}")
def test_its_file_names_no_torch(entry: RegistryEntry) -> None:
    source = ast.parse(inspect.getsource(inspect.getmodule(entry.function)))  # type: ignore[arg-type]
    imported = [
        alias.name for node in ast.walk(source) if isinstance(node, ast.Import) for alias in node.names
    ]
    imported += [node.module or "" for node in ast.walk(source) if isinstance(node, ast.ImportFrom)]
    assert not [name for name in imported if name.split(".")[0] in ("torch", "nn")]


@architectures
def test_docstring_explains_every_key(entry: RegistryEntry) -> None:
    assert [key for key in entry.own_fields if f"{key}:" not in entry.doc] == []
    assert "Shapes:" in entry.doc
