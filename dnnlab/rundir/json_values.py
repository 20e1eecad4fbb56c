"""Convert Python, NumPy and torch values to strict JSON, which has no NaN."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from typing import Any

STRICT_ERRORS = (ValueError, RecursionError)
"""The exceptions that reading damaged JSON can raise."""


def plain(value: Any, nonfinite: list[str] | None = None, address: str = "") -> Any:
    """`value` as dicts, lists, strings, finite numbers, booleans and None.

    Non-finite numbers become None; their dotted addresses are added to `nonfinite`. Arrays and tensors become
    lists; paths and keys become strings. Raises `TypeError` for anything else.

    >>> found = []
    >>> plain({"loss": float("nan"), "ratios": {"hidden1.weight": float("inf")}}, found)
    {'loss': None, 'ratios': {'hidden1.weight': None}}
    >>> found
    ['loss', 'ratios.hidden1.weight']
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        if math.isfinite(value):
            return float(value)
        if nonfinite is not None:
            nonfinite.append(address)
        return None
    if isinstance(value, Mapping):
        return {_key(key): plain(item, nonfinite, _below(address, _key(key))) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item, nonfinite, _below(address, str(index))) for index, item in enumerate(value)]
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if hasattr(value, "tolist"):  # a number or an array of NumPy, a tensor
        return plain(value.tolist(), nonfinite, address)
    raise TypeError(
        f"{address or 'the value'} is a {type(value).__name__}; "
        "JSON holds dicts, lists, strings, numbers, booleans and null"
    )


def number(value: Any) -> float | None:
    """A finite number as a float; None for everything else that a damaged file may hold."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def read_object(text: str | bytes) -> dict[str, Any]:
    """Parse a JSON object strictly (no NaN). Raises `ValueError` or `RecursionError`, see `STRICT_ERRORS`."""
    value = json.loads(text, parse_constant=_refuse)
    if not isinstance(value, dict):
        raise ValueError(f"a {type(value).__name__} where an object belongs")
    return value


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def _key(key: Any) -> str:
    return key if isinstance(key, str) else json.dumps(key)


def _below(address: str, key: str) -> str:
    return f"{address}.{key}" if address else key
