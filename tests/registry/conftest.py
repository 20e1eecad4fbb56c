"""A place for throw-away parts, forgotten after each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dnnlab.registry import catalog, register

ORIGIN = "throw-away parts of the registry tests"


@pytest.fixture
def scratch() -> Iterator[str]:
    """While inside, parts that the test registers belong to this origin."""
    catalog.load_parts()
    with register.registering(ORIGIN):
        yield ORIGIN
    register.forget(ORIGIN)
