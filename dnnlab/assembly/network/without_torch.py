"""Let parts refuse a config without loading torch: their own checks come before they import it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ...registry import Bound


class NeedsTorchError(Exception):
    """A part makes modules of its own, so that only torch can find their shapes."""


def tried(part: Bound, *runtime: Any) -> None:
    """Call a part for its checks alone; the code after its first import of torch is not reached."""
    try:
        part(*runtime)
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise


@contextmanager
def without_torch() -> Iterator[None]:
    """A context in which imports of torch fail at once, unless it is loaded already."""
    if "torch" in sys.modules:
        yield
        return
    sys.modules["torch"] = None  # type: ignore[assignment]  # how Python spells "do not import this"
    try:
        yield
    finally:
        del sys.modules["torch"]


@contextmanager
def needing_torch() -> Iterator[None]:
    """A context without torch that raises `NeedsTorchError` if the code in it imports torch."""
    try:
        with without_torch():
            yield
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise NeedsTorchError from None
