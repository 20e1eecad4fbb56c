"""Values from Python as the plain data that YAML would have given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from ..errors import ConfigError, Problem
from ..registry import address, show
from ..surrogates import joined
from .tree import Step
from .yaml_scalars import LARGEST_BITS

_DEEPEST = 50


def from_python(value: Any, path: Sequence[Step] = ()) -> Any:
    """Plain data: dicts with text keys, lists, texts, numbers, booleans, None.

    Bound parts, paths and NumPy scalars are written out.

    Raises `ConfigError` for anything else, with its address.
    """
    if len(path) > _DEEPEST:
        raise _refused("values are nested too deeply", f"expected at most {_DEEPEST} levels", path[:3])
    if hasattr(value, "plain") and not isinstance(value, type):
        value = value.plain()
    if isinstance(value, Mapping):
        return {_key(key, path): from_python(v, (*path, key)) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return [from_python(v, (*path, i)) for i, v in enumerate(value)]
    return _scalar(value, path)


def _key(key: Any, path: Sequence[Step]) -> str:
    if not isinstance(key, str):
        raise _refused(f"a key of type {type(key).__name__}", "expected keys that are texts", path)
    return str(key)


def _scalar(value: Any, path: Sequence[Step]) -> Any:
    if isinstance(value, PurePath):
        return str(value)
    if type(value).__module__ == "numpy" and getattr(value, "shape", None) == ():
        value = value.item()
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > LARGEST_BITS:
        received = f"a whole number of {value.bit_length()} bits"
        raise _refused(received, "expected a number with fewer digits", path)
    if isinstance(value, str) and joined(value) is None:
        received = f"received {show(value)}, which holds half a character"
        raise _refused(received, "expected whole characters", path)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    expected = "expected plain values: texts, numbers, booleans, lists, dicts"
    raise _refused(f"received a {type(value).__name__}", expected, path)


def _refused(received: str, expected: str, path: Sequence[Step]) -> ConfigError:
    return ConfigError(Problem(received, expected, path=address(path), code="python"))
