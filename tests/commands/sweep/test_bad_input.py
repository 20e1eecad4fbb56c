"""What cannot be is said before anything is created, with the place and the line to write."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize(
    ("keys", "texts"),
    [
        (
            {"search": {"optimizer.lr": {"log_uniform": [0, 1]}}, "trials": 2},
            ["try.yaml:3:3 search.optimizer.lr: low 0 has no logarithm"],
        ),
        (
            {"search": {"optimizer.lr": {"uniform": [3, 1]}}, "trials": 2},
            ["low 3 is above high 1", "write uniform: [1, 3]"],
        ),
        ({"trials": 3, "stages": [{"trials": 3}]}, ["trials and stages are both written"]),
        ({"stages": [{"trials": 3}, {"keep": 9}]}, ["keep: 9 of a stage of 3 trials", "keep: 3"]),
        ({"trials": 3, "samler": "random"}, ["samler: no such key", "did you mean sampler?"]),
        ({"trials": 3, "sampler": "rndom"}, ["did you mean random?"]),
        ({"trials": 3, "timeout": 90}, ["did you mean `90 seconds`?"]),
        (
            {"search": {"optimizer.lernrate": {"uniform": [0, 1]}}, "trials": 2},
            ["try.yaml:3:3 optimizer.lernrate: no such key", "lr"],
        ),
        (
            {"search": {"regularizers.dropout.rate": {"uniform": [0, 1.5]}}, "trials": 1},
            ["received 1.5", "expected a number"],
        ),
        (
            {
                "search": {
                    "optimizer": {"choice": ["adam", "sgd"]},
                    "optimizer.momentum": {"uniform": [0.1, 0.9]},
                },
                "trials": 2,
            },
            ["optimizer.momentum: no such key"],
        ),
        (
            {"search": {"architecture": {"choice": ["mlp", "cn"]}}, "trials": 2},
            ['no architecture is called "cn"', "did you mean cnn?"],
        ),
        ({"sampler": "grid"}, ["a grid needs a number of them", "add points: 5"]),
        ({"set": {"optimizer.lr": 0.1}, "trials": 2}, ["optimizer.lr is also searched"]),
        ({"cases": {"a": {}}, "trials": 2}, ["trials has no effect with cases"]),
        (
            {"cases": {"a": {"activaton": "elu"}}},
            ["try.yaml:4:5 activaton: trial 0 (case a): no such key; did you mean activation?"],
        ),
        (
            {"trials": 2, "set": {"training.monitor": "val_acuracy"}},
            ["val_acuracy", "did you mean val_accuracy?"],
        ),
    ],
)
def test_the_file_is_checked_strictly(
    dnnlab: Call, write: Any, runs: Path, keys: dict[str, Any], texts: list[str]
) -> None:
    code, out, err = dnnlab("sweep", write(**keys))
    told = " ".join(err.split())
    assert [text for text in texts if text not in told] == [], told
    assert (code, out) == (2, "")
    assert "nothing was created" in told and not runs.exists()


def test_everything_that_is_wrong_is_said_at_once(dnnlab: Call, write: Any) -> None:
    search = {"optimizer.lr": {"log_uniform": [0, 1]}, "data.split_seed": {"int": [5, 2]}}
    _, _, err = dnnlab("sweep", write(search=search, trials=2, sampler="rndom", workers=0))
    assert "4 problems" in err


def test_points_that_cannot_be_built_are_named(dnnlab: Call, write: Any, runs: Path) -> None:
    base = {"architecture": {"name": "cnn", "blocks": [[4]], "hidden": [8]}}
    search = {"architecture.blocks": {"choice": [[[4]], [[4], [4], [4], [4], [4]]]}}
    code, _, err = dnnlab("sweep", write(base=base, search=search, sampler="grid"))
    told = " ".join(err.split())
    assert code == 2 and "trial 1 (architecture.blocks [[4], [4], [4], [4], [4]]): " in told
    assert "an input of 4x1x1" in told
    assert not runs.exists()


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["base.yaml"], "base.yaml says nothing about a search"),
        (["base.yaml", "--vary", "optimizer.lr"], "expected ADDRESS=LOW..HIGH or ADDRESS=A,B,C"),
        (["base.yaml", "--vary", "optimizer.lr=1..2"], "expected --trials"),
        (["base.yaml", "--vary", "optimizer.lr=0..1:log", "--trials", "3"], "low 0 has no logarithm"),
        (["base.yaml", "--vary", "optimizer.lrr=1e-3,1e-2"], "optimizer.lrr: no such key"),
        (["base.yaml", "--vary", "activation=relu,elu", "--trials", "9"], "the grid has 2 points"),
        (["nowhere.yaml", "--vary", "activation=relu,elu"], "nowhere.yaml: no such file"),
        (["nothing", "--vary", "activation=relu,elu"], "there is no such file, and no run of that name"),
        (["try.yaml", "--vary", "activation=relu,elu"], "try.yaml says what is searched"),
        (["try.yaml", "--timeout", "soon"], "a time with its unit"),
    ],
)
def test_the_command_line_is_checked_strictly(
    dnnlab: Call, write: Any, runs: Path, words: list[str], text: str
) -> None:
    write(trials=2)
    code, _, err = dnnlab("sweep", *words)
    assert code == 2 and text in " ".join(err.split())
    assert not runs.exists()


def test_a_resume_with_a_changed_file_shows_the_difference(dnnlab: Call, write: Any, tmp_path: Path) -> None:
    sweep = write(trials=2)
    assert dnnlab("sweep", sweep, "-q")[0] == 0
    base = tmp_path / "base.yaml"
    base.write_text(base.read_text().replace("batch_size: 32", "batch_size: 16"))
    sweep.write_text(sweep.read_text().replace("trials: 2", "trials: 5"))
    code, _, err = dnnlab("resume", "last", "--trials", 4)
    told = " ".join(err.split())
    assert code == 2
    assert "-trials: 2 | +trials: 5" in told and "batch_size: 32 | + batch_size: 16" in told


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ([], "is done: 2 trials; --trials N goes on with more"),
        (["--trials", "1"], "has 2 already"),
        (["--epochs", "9"], "--epochs is of a run"),
    ],
)
def test_a_resume_that_cannot_be(dnnlab: Call, write: Any, words: list[str], text: str) -> None:
    assert dnnlab("sweep", write(trials=2), "-q")[0] == 0
    code, _, err = dnnlab("resume", "last", *words)
    assert code == 2 and text in " ".join(err.split())
