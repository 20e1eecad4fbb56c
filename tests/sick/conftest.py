"""What the trainings of this folder share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dnnlab.engine.runtime import prepare
from dnnlab.registry import register


@pytest.fixture(autouse=True)
def _plugins_are_forgotten() -> Iterator[None]:
    """The parts of a case's plugin file are gone after it: the next case brings them again."""
    prepare()
    before = set(register.plugin_texts)
    yield
    for origin in set(register.plugin_texts) - before:
        register.forget(origin)
