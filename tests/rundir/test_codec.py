"""Trees of tensors and values come back bit by bit."""

from __future__ import annotations

import json
import math
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from dnnlab.rundir import Checkpoint, RunFolder, decode, encode
from dnnlab.rundir.tensors import load_tensors, save_tensors


def same(left: Any, right: Any) -> bool:
    """Equal in type, order and bits."""
    if isinstance(left, Tensor):
        if not (isinstance(right, Tensor) and left.dtype == right.dtype and left.shape == right.shape):
            return False
        return (
            left.contiguous()
            .flatten()
            .view(torch.uint8)
            .equal(right.contiguous().flatten().view(torch.uint8))
            if left.numel()
            else True
        )
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return (
            list(left) == list(right)
            and all(map(same, left, right))
            and all(same(left[key], right[key]) for key in left)
        )
    if isinstance(left, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, float):
        return (math.isnan(left) and math.isnan(right)) or (
            left == right and math.copysign(1, left) == math.copysign(1, right)
        )
    return bool(left == right)


def through_disk(tree: Any, path: Path) -> Any:
    """Encode, write, read, decode."""
    tensors, structure = encode(tree)
    save_tensors(path / "t.safetensors", tensors)
    (path / "t.json").write_text(json.dumps(structure, allow_nan=False))
    return decode(load_tensors(path / "t.safetensors"), json.loads((path / "t.json").read_text()))


def net_and_optimizer(name: str) -> tuple[torch.nn.Module, torch.optim.Optimizer]:
    torch.manual_seed(0)
    net = torch.nn.Sequential(
        torch.nn.Linear(4, 5), torch.nn.BatchNorm1d(5), torch.nn.Tanh(), torch.nn.Linear(5, 1)
    )
    parameters = net.parameters()
    optimizers: dict[str, Callable[[], torch.optim.Optimizer]] = {
        "sgd": lambda: torch.optim.SGD(parameters, lr=0.1),
        "momentum": lambda: torch.optim.SGD(parameters, lr=0.1, momentum=0.9),
        "adam": lambda: torch.optim.Adam(parameters, lr=1e-2, amsgrad=True),
        "fused": lambda: torch.optim.Adam(parameters, lr=1e-2, fused=True),
        "rprop": lambda: torch.optim.Rprop(parameters),
        "lbfgs": lambda: torch.optim.LBFGS(parameters, history_size=3, line_search_fn="strong_wolfe"),
    }
    return net, optimizers[name]()


def train(net: torch.nn.Module, optimizer: torch.optim.Optimizer, first: int, last: int) -> list[float]:
    losses = []
    for step in range(first, last):
        generator = torch.Generator().manual_seed(step)
        inputs = torch.randn(16, 4, generator=generator)

        def closure(inputs: Tensor = inputs) -> float:
            optimizer.zero_grad()
            loss = (net(inputs) - inputs.sum(1, keepdim=True)).square().mean()
            loss.backward()
            return float(loss.item())

        losses.append(optimizer.step(closure))
    return losses


@pytest.mark.parametrize("name", ["sgd", "momentum", "adam", "fused", "rprop", "lbfgs"])
def test_optimizer_state_comes_back_and_training_goes_on_identically(
    name: str, folder: RunFolder, make_checkpoint: Callable[..., Checkpoint]
) -> None:
    net, optimizer = net_and_optimizer(name)
    train(net, optimizer, 0, 4)
    folder.save_checkpoint(
        make_checkpoint(model=net.state_dict(), best=None, optimizer=optimizer.state_dict())
    )
    loaded = folder.newest_checkpoint()
    assert loaded is not None
    assert same(loaded.checkpoint.model, dict(net.state_dict()))
    assert same(loaded.checkpoint.optimizer, optimizer.state_dict())
    again, fresh = net_and_optimizer(name)
    again.load_state_dict(loaded.checkpoint.model)
    fresh.load_state_dict(loaded.checkpoint.optimizer)
    assert train(again, fresh, 4, 8) == train(net, optimizer, 4, 8)
    assert same(dict(again.state_dict()), dict(net.state_dict()))


def test_odd_values_come_back(tmp_path: Path) -> None:
    tree = {
        "scaler": {"scale": 65536.0, "growth_factor": 2.0, "_growth_tracker": 7},
        "none": None,
        "nested": [[torch.tensor([1.0, -0.0])], [], [None, [torch.zeros(0, 3)]], ((), (1, (2.5,)))],
        "floats": [
            float("nan"),
            float("inf"),
            float("-inf"),
            -0.0,
            5e-324,
            0.1 + 0.2,
            1.7976931348623157e308,
        ],
        "ints": [2**127 + 1, -1, True, False],
        "keys": {0: "a", "0": "b", (1, "x"): "c", None: "d", 2.5: "e"},
        "dollar": {"$t": "not a tensor", "$pairs": 1},
        "one": [{"$float": "inf"}, {"$t": 3}, {"$tuple": []}],
        "text": "Größe \ud800 \x00",
        "empty": {},
    }
    assert same(through_disk(tree, tmp_path), tree)


@pytest.mark.parametrize(
    "tensor",
    [
        torch.tensor(3, dtype=torch.int64),
        torch.tensor(float("nan")),
        torch.zeros(0),
        torch.zeros(2, 0, 3),
        torch.tensor([True, False]),
        torch.arange(5, dtype=torch.uint8),
        torch.randn(3).to(torch.bfloat16),
        torch.randn(3).to(torch.float16),
        torch.randn(3, dtype=torch.float64),
        torch.randn(3, dtype=torch.complex64),
        torch.randn(3, dtype=torch.complex64).conj(),
        torch.randn(2, 3, 4, 5).to(memory_format=torch.channels_last),
        torch.randn(4, 3).t(),
        torch.randn(6)[::2],
    ],
    ids=lambda tensor: f"{tensor.dtype}-{tuple(tensor.shape)}".replace("torch.", ""),
)
def test_every_kind_of_tensor_comes_back(tensor: Tensor, tmp_path: Path) -> None:
    assert same(through_disk({"x": tensor}, tmp_path)["x"], tensor.resolve_conj())


def test_tied_and_overlapping_tensors_are_each_written(tmp_path: Path) -> None:
    base = torch.arange(6.0)
    tree = {"a": base, "b": base, "c": base[2:], "d": base.view(2, 3).t()}
    assert same(through_disk(tree, tmp_path), tree)


def test_addresses_that_would_collide_are_kept_apart(tmp_path: Path) -> None:
    tree = {"a.b": torch.tensor(1), "a": {"b": torch.tensor(2)}, 1: torch.tensor(3), "1": torch.tensor(4)}
    assert len(encode(tree)[0]) == 4
    assert same(through_disk(tree, tmp_path), tree)


def test_encode_copies_unless_told_otherwise() -> None:
    tensor = torch.zeros(2, requires_grad=True)
    copied, shared = encode(tensor)[0]["value"], encode(tensor, copy=False)[0]["value"]
    with torch.no_grad():
        tensor += 1
    assert copied.tolist() == [0, 0] and shared.tolist() == [1, 1]
    assert not copied.requires_grad


def test_an_ordered_dict_comes_back_as_a_dict() -> None:
    assert same(decode(*encode(OrderedDict(a=1))), {"a": 1})


def test_a_value_without_a_form_is_named() -> None:
    with pytest.raises(
        TypeError, match=r"optimizer\.groups\.1 is a set, which has no form in JSON and tensors"
    ):
        encode({"optimizer": {"groups": [1, {2}]}})
