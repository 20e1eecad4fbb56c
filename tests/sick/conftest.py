"""What the trainings of this folder share."""

from __future__ import annotations

import pytest

from dnnlab.engine.runtime import prepare


@pytest.fixture(autouse=True)
def _as_in_a_command() -> None:
    prepare()
