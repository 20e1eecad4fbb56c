"""torch for files that commands without tensors import, too: loaded when a name in it is first used.

What `lazy import torch` will be in Python 3.15 (PEP 810). Type checkers see torch itself.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from torch import nn
else:

    class LazyModule:
        """A module that is imported with the first look at one of its names."""

        def __init__(self, name: str) -> None:
            self._name = name

        def __getattr__(self, name: str) -> Any:
            return getattr(import_module(self._name), name)

    torch, nn = LazyModule("torch"), LazyModule("torch.nn")

__all__ = ["nn", "torch"]
