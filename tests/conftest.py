"""What all tests share: nothing of them stays on the machine."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

os.environ["DNNLAB_OFFLINE"] = "1"  # no test fetches a data set


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Decoded images go into a folder of this session, not into the user's cache."""
    before = os.environ.get("DNNLAB_CACHE")
    os.environ["DNNLAB_CACHE"] = str(tmp_path_factory.mktemp("cache"))
    yield
    if before is None:
        del os.environ["DNNLAB_CACHE"]
    else:
        os.environ["DNNLAB_CACHE"] = before
