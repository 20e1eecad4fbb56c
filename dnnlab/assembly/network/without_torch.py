"""Asking parts for their refusals without loading torch: their own checks stand before their first import of it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ...registry import Bound


class NeedsTorchError(Exception):
    """A part makes modules of its own, so that only torch can tell its shapes."""


def tried(part: Bound, *runtime: Any) -> None:
    """Call a part for the sake of its refusals.

    What stands behind its first import of torch is not reached.
    """
    try:
        part(*runtime)
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise


@contextmanager
def without_torch() -> Iterator[None]:
    """Imports of torch fail at once in here, unless it is loaded already."""
    if "torch" in sys.modules:
        yield
        return
    sys.modules["torch"] = None  # type: ignore[assignment]  # how Python spells "do not import this"
    try:
        yield
    finally:
        del sys.modules["torch"]
