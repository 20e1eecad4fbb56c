"""dnnlab: train deep networks from a YAML file and see what happens."""

from __future__ import annotations

from . import registry
from .version import __version__

__all__ = ["__version__", "registry"]


def _register_all() -> None:
    from . import parts

    parts.load_all()
    registry.load_entry_points()


registry.on_first_look(_register_all)
