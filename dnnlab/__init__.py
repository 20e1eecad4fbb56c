"""dnnlab: train deep networks from a YAML file and see what happens."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from . import registry
from .errors import DnnlabError
from .version import __version__

if TYPE_CHECKING:
    from .commands.api import Run, load_run, train
    from .render.notebook import compare

__all__ = ["DnnlabError", "Run", "__version__", "compare", "load_run", "registry", "train"]


def _register(kind: str) -> None:
    from . import parts

    parts.load(kind)


for kind in registry.KINDS:
    registry.on_first_look(kind, partial(_register, kind))
registry.on_first_look("", registry.load_entry_points)


def __getattr__(name: str) -> Any:
    """`train`, `load_run`, `Run` or `compare`, imported at the first use, so that `import dnnlab` is fast."""
    if name in ("Run", "load_run", "train"):
        from .commands import api

        return getattr(api, name)
    if name == "compare":
        from .render.notebook import compare

        return compare
    raise AttributeError(f"module 'dnnlab' has no attribute {name!r}")
