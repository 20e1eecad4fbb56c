"""What the tests of the commands share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dnnlab.registry import register


@pytest.fixture(autouse=True)
def _plugins_are_forgotten() -> Iterator[None]:
    """Remove the parts that a test registers from plugin files: another test may use their names."""
    before = set(register.plugin_texts)
    yield
    for origin in set(register.plugin_texts) - before:
        register.forget(origin)
