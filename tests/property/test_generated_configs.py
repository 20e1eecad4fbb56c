"""Whatever the registry allows either trains, stops in the middle and goes on as if nothing had been, or is
refused in words.
"""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from helpers.random_configs import configs, write_photos
from helpers.trainings import assert_same, resumed, rows, trained
from hypothesis import HealthCheck, Phase, given, seed, settings

from dnnlab.assembly.session import build
from dnnlab.codes import CODES
from dnnlab.config import load_mapping
from dnnlab.config.sections import ROOT
from dnnlab.errors import ConfigError, DnnlabError

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


# What drawn configs once made fail, kept by name; each trains and goes on now.
FOUND: dict[str, dict[str, Any]] = {
    "l-bfgs views gradients as rows, which those of channels-last convolutions are not": {
        "architecture": {"name": "cnn", "blocks": [[3, 3]]},
        "optimizer": {"name": "lbfgs", "max_iter": 3},
        "training": {"epochs": 2, "batch_size": "full"},
    },
    (
        "torch warns of padding for "
        "even kernels"
    ): {"architecture": {"name": "cnn", "blocks": [[3]], "kernel": 4}},
    "rms took a scale in fp32 for inputs in bf16": {
        "normalization": "rms",
        "training": {"epochs": 2, "batch_size": 8, "precision": "bf16"},
    },
    "a default duration held a whole number": {"regularizers": {"swa": {}}},
    "an epoch that was not validated counted as validated": {
        "training": {"epochs": 2, "batch_size": "full", "eval_every": 3, "monitor": "train_loss"},
    },
    "torch's group norm crashed the process where its inputs, in channels last, need no gradient": {
        "architecture": {"name": "sequential", "layers": [{"conv": 4}, {"name": "normalization", "part": "layer"}, "conv"]},
        "per_layer": {"conv1": {"frozen": True}},
    },
    "torch leaves garbage as the bf16 slope of kernel places that meet only padding": {
        "data": {"name": "digits", "limit": 20},
        "architecture": {"name": "resnet", "depth": 18, "form": "imagenet", "width": 4},
        "training": {"epochs": 2, "batch_size": 5, "precision": "bf16"},
    },
    "advice looked for layers in a list that lists none": {
        "architecture": {"name": "sequential", "layers": ["global_average_pool"]},
        "per_layer": {"output": {"l2": 0.1}},
    },
}  # fmt: skip


@pytest.mark.parametrize("name", FOUND)
def test_what_once_failed_trains(name: str) -> None:
    plan = {"data": {"name": "digits", "limit": 20}, "training": {"epochs": 2, "batch_size": 8}}
    assert outcome(plan | FOUND[name]) == "trained"


@pytest.mark.parametrize(
    ("config", "path", "code"),
    [
        ({"normalization": "batch", "training": {"batch_size": 1}}, "training.batch_size", "one_row"),
        ({"data": "wine", "metrics": ["accuracy", {"name": "top_k", "k": 5}]}, "metrics.1.k", "out_of_range"),
    ],
)
def test_what_once_failed_is_refused(config: dict[str, Any], path: str, code: str) -> None:
    with pytest.raises(ConfigError) as caught:
        build(load_mapping({"data": "digits", **config}))
    (problem,) = caught.value.problems
    assert (problem.path, problem.code) == (path, code)


def outcomes(seeds: Iterable[int], folder: Path) -> Counter[str]:
    """How the configs of these seeds ended. A failure is shrunk to the smallest config that fails.

    Hypothesis would vary the configs that it has; with a seed for each they are as different as can be. Its
    first try is always the simplest value, which is the same for all seeds and counts once.
    """
    photos = write_photos(folder / "photos.npz")
    counted: Counter[str] = Counter()
    seen: set[str] = set()

    def one(config: dict[str, Any]) -> None:
        if repr(config) not in seen:
            counted[outcome(config)] += 1
            seen.add(repr(config))

    quiet = settings(
        max_examples=2,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
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
