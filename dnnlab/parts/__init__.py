"""dnnlab's own parts, one kind a folder, one part (or one family of parts) a file."""

from __future__ import annotations

import importlib
import pkgutil


def load(kind: str) -> None:
    """Import every part module of a kind, in sorted order, so that each registers itself."""
    package = importlib.import_module(f"{__name__}.{kind}")
    for module in sorted(m.name for m in pkgutil.iter_modules(package.__path__)):
        importlib.import_module(f"{package.__name__}.{module}")
