"""Encode a tree of Python values and tensors as named tensors plus JSON, bit by bit and without pickle.

| value | JSON |
|---|---|
| None, bool, int, str, finite float | itself |
| NaN, inf, -inf | `{"$float": "inf"}` |
| tensor | `{"$t": name}` |
| list | list |
| tuple | `{"$tuple": [...]}` |
| dict whose keys are strings not starting with `$` | object |
| any other dict | `{"$pairs": [[key, value], ...]}` |
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from dnnlab.lazy_torch import torch


def encode(tree: Any, *, copy: bool = True) -> tuple[dict[str, torch.Tensor], Any]:
    """Split a tree into its tensors (named by their address) and strict JSON.

    The tensors are detached copies; with `copy=False` they share memory with the tree, which saves that
    memory if they are written at once. Subclasses of dict and tuple are decoded as dict and tuple. Raises
    `TypeError`, with the address, for a value that cannot be encoded.
    """
    tensors: dict[str, torch.Tensor] = {}
    return tensors, _encode(tree, "", tensors, copy)


def decode(tensors: Mapping[str, torch.Tensor], value: Any) -> Any:
    """The tree that `encode` took apart.

    The tensors are those passed in, not copies. Raises `KeyError` for a missing tensor.
    """
    if isinstance(value, list):
        return [decode(tensors, item) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((tag, content),) = value.items()
        if tag == "$t":
            return tensors[content]
        if tag == "$float":
            return float(content)
        if tag == "$tuple":
            return tuple(decode(tensors, item) for item in content)
        if tag == "$pairs":
            return {decode(tensors, key): decode(tensors, item) for key, item in content}
    return {key: decode(tensors, item) for key, item in value.items()}


def _encode(value: Any, address: str, tensors: dict[str, torch.Tensor], copy: bool) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else {"$float": str(float(value))}
    if isinstance(value, list):
        return [_encode(item, f"{address}.{index}", tensors, copy) for index, item in enumerate(value)]
    if isinstance(value, tuple):
        return {
            "$tuple": [_encode(item, f"{address}.{index}", tensors, copy) for index, item in enumerate(value)]
        }
    if isinstance(value, dict):
        items = [(key, _encode(item, f"{address}.{key}", tensors, copy)) for key, item in value.items()]
        if all(type(key) is str and not key.startswith("$") for key in value):
            return dict(items)
        return {"$pairs": [[_encode(key, f"{address}.{key}", tensors, copy), item] for key, item in items]}
    return {"$t": _keep(value, address, tensors, copy)}


def _keep(value: Any, address: str, tensors: dict[str, torch.Tensor], copy: bool) -> str:
    """Put a tensor under a free name made of its address."""
    if not isinstance(value, torch.Tensor):
        raise TypeError(
            f"{address.lstrip('.') or 'the value'} is a {type(value).__name__}, "
            "which has no form in JSON and tensors"
        )
    name = address.lstrip(".") or "value"
    while name in tensors:  # {"a.b": t} beside {"a": {"b": t}}
        name += "~"
    tensors[name] = value.detach().clone() if copy else value.detach()
    return name
