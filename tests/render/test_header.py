"""The header, of sessions that are built for real."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dnnlab.commands.train.events import Started
from dnnlab.render.screens.advice import after_failure
from dnnlab.render.screens.header import header_lines
from dnnlab.render.screens.run_facts import run_facts
from dnnlab.render.terminal.config_text import architecture_words, part_words
from dnnlab.render.terminal.text import columns

RUN = Path("runs/20261122-041833-ex8-7f3a1c")


def start(**config: Any) -> Started:
    from dnnlab.assembly.session import build
    from dnnlab.config import load_mapping

    checked = load_mapping({"data": "digits", **config})
    return Started(RUN, checked, build(checked))


def test_the_shortest_config() -> None:
    started = start(architecture={"hidden": [100]})
    assert header_lines(started, 80) == [
        " data      digits 1x8x8: 1,079 train, 359 validation, 359 test",
        "           standardized per channel; 10 classes, even",
        " network   mlp, 100, relu, he_normal (auto: for relu)           7,510 parameters",
        " training  adam lr 0.001, constant; batch 32, 20 epochs of 34 steps",
        " on        cpu, 1 thread, fp32, seed 0",
        " run       runs/20261122-041833-ex8-7f3a1c             Ctrl-C saves; then resume",
    ]
    facts = run_facts(started)
    assert (facts.epochs, facts.steps_per_epoch, facts.rows, facts.metrics, facts.main) == (
        20,
        34,
        1079,
        ("accuracy",),
        "accuracy",
    )
    assert (facts.better, facts.monitor, facts.validated, facts.tested, facts.keeps_best, facts.halved) == (
        "max",
        "val_accuracy",
        True,
        True,
        True,
        "optimizer.lr=0.0005",
    )


def test_everything_at_once() -> None:
    started = start(
        architecture={"hidden": {"depth": 20, "width": 100}},
        activation="sigmoid",
        optimizer={"name": "sgd", "lr": 0.05, "momentum": 0.9, "nesterov": True},
        schedule={"name": "constant", "warmup": "2 epochs"},
        gradient_clipping={"name": "global_norm", "threshold": 2.0},
        regularizers={"dropout": 0.2, "l2": 1e-4, "ema": True, "early_stopping": {"patience": 3}},
        training={"epochs": 50, "max_minutes": 5, "accumulate": 2, "threads": 1},
        per_layer={"hidden1": {"frozen": True}},
        seed=42,
    )
    lines = header_lines(started, 80)
    text = "\n".join(lines)
    assert max(map(columns, lines)) <= 80
    assert (
        " network   mlp, 20 x 100, sigmoid, glorot_uniform (auto: for sigmoid), other\n           "
        "settings for hidden1"
    ) in text
    assert text.count("192,910 of 199,410 parameters trained") == 1
    assert " training  sgd lr 0.05, momentum 0.9, nesterov, constant warmup 2 epochs," in text
    assert "clipped by global_norm 2; batch 32 x 2, up to 50 epochs of 17 steps" in text
    assert " regular.  dropout 0.2, ema 0." in text
    assert ", l2 0.0001" in text
    assert " stops     early_stopping: val_accuracy no better for 3 epochs; best weights" in text
    assert "max_minutes 5" in text
    assert " on        cpu, 1 thread, fp32, seed 42" in text
    assert " warning   20 layers of sigmoid without normalization: " in text
    assert "(saturating_depth)" in text


def test_the_largest_rate_of_one_cycle_is_shown_and_lowered_where_it_is_written() -> None:
    started = start(schedule={"name": "one_cycle", "max_lr": 0.05})
    assert any(
        line.startswith(" training  adam, one_cycle max_lr 0.05; batch 32")
        for line in header_lines(started, 80)
    )
    assert after_failure("diverged", run_facts(started), "7f3a1c") == [
        "dnnlab train 7f3a1c schedule.max_lr=0.005"
    ]
    started = start(optimizer={"name": "adam", "lr": 0.01}, schedule={"name": "one_cycle", "max_lr": 0.05})
    assert any(
        line.startswith(" training  adam lr 0.01, one_cycle max_lr 0.05;")
        for line in header_lines(started, 80)
    )
    assert run_facts(started).tenth == "schedule.max_lr=0.005 optimizer.lr=0.001", (
        "the cycle still begins below its peak"
    )


def test_the_second_seed_shows_what_is_new_alone() -> None:
    assert [line.split()[0] for line in header_lines(start(), 80, brief=True)] == ["on", "run"]


@pytest.mark.parametrize("width", [40, 60, 80])
def test_it_fits_narrower_terminals(width: int) -> None:
    long = "20261122-041833-ex8-7f3a1c"
    assert max(columns(line) for line in header_lines(start(), width)) <= max(width, 11 + len(f"runs/{long}"))


@pytest.mark.parametrize(
    ("kind", "spec", "expected"),
    [
        ("architecture", {"name": "mlp", "hidden": [300, 100]}, "mlp, 300-100"),
        (
            "architecture",
            {"name": "cnn", "blocks": [[16, 16], [32, 32]], "hidden": [64]},
            "cnn, 16-16 | 32-32, hidden 64",
        ),
        (
            "architecture",
            {"name": "autoencoder", "hidden": [16, 4], "tied": True, "noise": 0.1},
            "autoencoder, 16-4, tied, noise 0.1",
        ),
        (
            "architecture",
            {"name": "sequential", "layers": [{"name": "dense", "units": 8}]},
            "sequential, 1 layer",
        ),
        ("optimizer", "adam", "adam"),
        (
            "optimizer",
            {"name": "sgd", "momentum": {"from": 0.5, "to": 0.99, "over": "10 epochs"}},
            "sgd momentum {from: 0.5, to: 0.99, over: 10 epochs}",
        ),
        ("schedule", {"name": "one_cycle", "max_lr": 0.05}, "one_cycle max_lr 0.05"),
    ],
)
def test_parts_in_words(kind: str, spec: Any, expected: str) -> None:
    from dnnlab.registry import bind

    words = architecture_words if kind == "architecture" else part_words
    assert words(bind(kind, spec)) == expected
