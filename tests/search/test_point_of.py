"""A point is found again from the overrides that were made of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.fake_sweeps import LR, SEVERAL, spec_of

from dnnlab.search.points import point


@pytest.mark.parametrize("search", [LR, SEVERAL])
def test_every_point_is_found_again(tmp_path: Path, search: dict[str, object]) -> None:
    spec, _ = spec_of(tmp_path, search=search, trials=4)
    for number in range(200):
        drawn = point(spec.space, "random", 0, number)
        found = spec.space.overrides(drawn)
        assert spec.space.point_of({**found, "seed": 3}) == drawn
        for address in found:
            assert spec.space.point_of({**found, address: ["no", "option"]}) is None
            assert spec.space.point_of({key: value for key, value in found.items() if key != address}) is None
