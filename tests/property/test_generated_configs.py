"""Whatever the registry allows either trains, stops in the middle and goes on as if nothing had been, or is refused in words."""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from generated import configs, write_photos
from hypothesis import HealthCheck, Phase, given, seed, settings

from dnnlab.codes import CODES
from dnnlab.config.sections import ROOT
from dnnlab.errors import DnnlabError
from runs import assert_same, resumed, rows, trained

ENOUGH = 0.6


def outcome(config: dict[str, Any]) -> str:
    """ "trained", or the code that says why not. Anything else is an error that no user must see."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            (folder / "whole").mkdir()
            (folder / "cut").mkdir()
            whole = trained(folder / "whole", **config)
            cut = trained(folder / "cut", after=1, **config)
            resumed(cut)
        except DnnlabError as error:
            assert error.problems
            for problem in error.problems:
                assert problem.code in CODES, f"{problem.code}: {problem}"
                assert problem.received and (problem.expected or problem.fix), str(problem)
                assert problem.path.partition(".")[0] in {"", *ROOT.fields}, f"no address: {problem}"
            return error.problems[0].code
        assert_same(whole, cut)
        assert rows(whole)[-1]["step"] >= 2
        return "trained"


def outcomes(seeds: Iterable[int], folder: Path) -> Counter[str]:
    """How the configs of these seeds ended. A failure is shrunk to the smallest config that fails.

    Hypothesis would vary the configs that it has; with a seed for each they are as different as can be. Its first try is always the
    simplest value, which is the same for all seeds and counts once.
    """
    photos = write_photos(folder / "photos.npz")
    counted: Counter[str] = Counter()
    seen: set[str] = set()

    def one(config: dict[str, Any]) -> None:
        if repr(config) not in seen:
            counted[outcome(config)] += 1
            seen.add(repr(config))

    quiet = settings(
        max_examples=2, deadline=None, database=None, phases=[Phase.generate, Phase.shrink], suppress_health_check=list(HealthCheck)
    )
    for number in seeds:
        seed(number)(quiet(given(configs(photos))(one)))()
    return counted


def assert_mostly_trained(counted: Counter[str]) -> None:
    assert counted["trained"] >= ENOUGH * counted.total(), counted


def test_a_hundred_configs_train_and_resume_or_are_refused_in_words(tmp_path: Path) -> None:
    assert_mostly_trained(outcomes(range(100), tmp_path))


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_thousand_new_configs_do_too(tmp_path: Path) -> None:
    assert_mostly_trained(outcomes(random.sample(range(2**32), 1000), tmp_path))
