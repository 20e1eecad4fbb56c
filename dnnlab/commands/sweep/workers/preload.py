"""Everything that a worker needs, loaded once in the server that workers are forked from."""

from __future__ import annotations

import gc
import importlib
import pkgutil

from ....engine.runtime import ignore_group_signals, prepare

ignore_group_signals()
prepare()  # before torch is loaded

from .... import assembly, data, diagnose, engine, nn, optim  # noqa: E402
from ....registry import KINDS, entries  # noqa: E402
from . import worker  # noqa: E402

for package in (nn, data, optim, engine, assembly, diagnose):
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        importlib.import_module(module.name)
for kind in KINDS:
    entries(kind)
gc.collect()
gc.freeze()  # what is loaded stays; collecting what a trial leaves behind need not look at it

__all__ = ["worker"]
