"""torch for files that commands without tensors import, too: loaded when a name in it is first used.

What `lazy import torch` will be in Python 3.15 (PEP 810). Type checkers see torch itself.
"""

from __future__ import annotations

from importlib import import_module
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from torch import nn
else:

    class LazyModule:
        """torch or an object in it, by the path to it; torch is imported with the first look inside."""

        def __init__(self, path: str = "") -> None:
            self._path = path

        def __getattr__(self, name: str) -> Any:
            return attrgetter(f"{self._path}{name}")(import_module("torch"))

    torch, nn = LazyModule(), LazyModule("nn.")

__all__ = ["nn", "torch"]
