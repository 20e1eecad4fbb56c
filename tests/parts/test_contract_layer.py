"""What every layer part must hold, whoever wrote it."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from helpers.seeded_nets import rows_of, table_of

from dnnlab import registry
from dnnlab.registry import RegistryEntry

ENTRIES = registry.entries("layer")
IMAGE = (3, 8, 8)
# Those that take rows: what stands before them.
BEFORE = {"dense": ["flatten"]}
NEEDS = {"residual": {"layers": [{"name": "conv", "channels": 3}]}}
layers = pytest.mark.parametrize("entry", ENTRIES, ids=[e.name for e in ENTRIES])
examples = pytest.mark.parametrize("example", [False, True], ids=["defaults", "example"])


def config(entry: RegistryEntry, example: bool, **keys: Any) -> dict[str, Any]:
    own = {"name": entry.name, **(entry.example if example else NEEDS.get(entry.name, {})), **keys}
    return {"architecture": {"name": "sequential", "layers": [*BEFORE.get(entry.name, []), own]}}


@layers
@examples
def test_trains_and_forgets_nothing(entry: RegistryEntry, example: bool) -> None:
    table = table_of(IMAGE, **config(entry, example))
    assert table.net is not None
    with torch.no_grad():
        for number, parameter in enumerate(table.net.parameters()):
            parameter.normal_(generator=torch.Generator().manual_seed(number))
    inputs = torch.randn(4, *IMAGE, generator=torch.Generator().manual_seed(0)).requires_grad_()
    outputs = table.net.train()(inputs)
    outputs.square().mean().backward()
    assert outputs.shape == (4, 10) and inputs.grad is not None and inputs.grad.abs().sum() > 0
    assert all(p.grad is not None for p in table.net.parameters())
    other = table_of(IMAGE, **config(entry, example)).net
    assert other is not None
    other.load_state_dict(table.net.state_dict())
    assert torch.equal(other.eval()(inputs), table.net.eval()(inputs))


@layers
def test_the_example_changes_the_net(entry: RegistryEntry) -> None:
    assert bool(entry.example) == bool(entry.own_fields)
    if entry.example:
        texts = [str(table_of(IMAGE, **config(entry, example)).net) for example in (False, True)]
        assert texts[0] != texts[1]


@layers
@examples
def test_stands_in_the_layer_table(entry: RegistryEntry, example: bool) -> None:
    rows = rows_of(IMAGE, **config(entry, example))
    table = table_of(IMAGE, **config(entry, example))
    assert sum(row.trained for row in rows.values()) == sum(
        e.parameter.numel() for e in table.entries.values()
    )
    name = f"{entry.flags['prefix'] or entry.name}1"
    assert rows[name].output and rows[name].what


@layers
def test_keys_of_its_own_are_not_those_of_every_layer(entry: RegistryEntry) -> None:
    assert set(entry.fields) - set(entry.own_fields) == set(
        registry.KINDS["layer"].common_for(entry.flags).yaml_keys
    )


@layers
def test_docstring_explains_every_key(entry: RegistryEntry) -> None:
    assert [key for key in entry.own_fields if f"{key}:" not in entry.doc] == []
    assert "Shapes:" in entry.doc or ") to (" in entry.doc
