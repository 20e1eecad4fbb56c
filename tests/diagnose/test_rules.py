"""Each rule on numbers made by hand: what makes it speak, and what it says."""

from __future__ import annotations

import math
from typing import Any

import pytest
from helpers.fake_records import FALLING, grouped, records, values

from dnnlab.config.target_size import TargetSize
from dnnlab.diagnose import RULES, Records, Sample, judge
from dnnlab.diagnose.chance_level import chance_accuracy, chance_loss, gains, skills


def first(run: Records) -> tuple[str, str]:
    """Name and severity of the first verdict."""
    found = judge(run).verdicts
    return (found[0].name, found[0].severity) if found else ("", "")


def ratios(value: float | None, n: int = 10) -> tuple[Sample, ...]:
    return values([{"hidden1.weight": value, "output.weight": value} for _ in range(n)])


def shares(top: float) -> tuple[Sample, ...]:
    rest = (1 - top) / 3
    even = dict.fromkeys("abcd", 0.25)
    return grouped(
        [{"shares": {"a": top, "b": rest, "c": rest, "d": rest}, "labels": even} for _ in range(10)]
    )


FLAT = grouped([{"hidden1": {"std": 1.0, "saturated": 0.8}}] * 4)
STUCK = [1.386] * 10
POOR = [1.3, 1.2, 1.15, 1.1, 1.08, 1.06, 1.05, 1.05, 1.05, 1.05]
GROWING = [0.1 * epoch for epoch in range(10)]
PRICES = TargetSize(("price",), (2.6e5,), (9.5e4,))
CLIPPED = {"gradient_clipping": "global_norm", "gradient_clipping.threshold": 0.1}
NORMS = values([{"loss": 1.0, "gradient_norm": 1.0}] * 10)
CASES: dict[str, tuple[tuple[str, str], Records]] = {
    "healthy": (("", ""), records(FALLING)),
    "one epoch": (("", ""), records([1.3])),
    "stuck": (("unlearnable_labels", "critical"), records(STUCK)),
    "stuck, nothing known": (("not_learning", "critical"), records(STUCK, ratios=(), gradients=())),
    "large steps": (("learning_rate_too_high", "critical"), records([9.0, *STUCK[1:]], ratios=ratios(0.4))),
    "large steps that did no harm": (("", ""), records([2.5, *FALLING[1:]], ratios=ratios(0.4))),
    "small steps": (
        ("learning_rate_too_low", "critical"),
        records([1.386 - 0.002 * i for i in range(10)], ratios=ratios(1e-6)),
    ),
    "small steps that got there": (("", ""), records(FALLING, ratios=ratios(1e-4))),
    "no steps at all": (("not_learning", "critical"), records(STUCK, ratios=ratios(0.0))),
    "up and down": (("oscillating", "warning"), records([0.3, 0.6] * 5)),
    "diverged": (
        ("diverged", "critical"),
        records(FALLING[:2], status="diverged", reason="in step 120 the loss is infinite"),
    ),
    "vanishing": (
        ("vanishing_gradients", "critical"),
        records(STUCK, gradients=values([{"hidden1": 1e-9, "hidden2": 1e-5, "output": 0.3}] * 10)),
    ),
    "prices": (
        ("unscaled_targets", "critical"),
        records([1e10] * 10, target="real", targets=PRICES, config={"loss": "mse"}),
    ),
    "prices that are learned": (
        ("", ""),
        records(
            FALLING,
            target="real",
            targets=PRICES,
            metrics=values(
                [
                    {"train_r2": r2, "val_r2": r2, "train_loss": 1e10 * (1 - r2), "val_loss": 1e10 * (1 - r2)}
                    for r2 in GROWING
                ]
            ),
        ),
    ),
    "behind a line": (
        ("worse_than_linear", "warning"),
        records(FALLING, baseline={"val_accuracy": 1.0, "train_accuracy": 1.0}, baseline_model="logistic"),
    ),
    "behind a line by noise": (
        ("", ""),
        records(FALLING, baseline={"val_accuracy": 0.95}, baseline_model="logistic"),
    ),
    "huge gradient": (
        ("exploding_gradients", "critical"),
        records(
            FALLING, steps=values([{"loss": 1.4, "gradient_norm": 5e3}, {"loss": 1.0, "gradient_norm": 10.0}])
        ),
    ),
    "dead": (
        ("dead_units", "warning"),
        records(FALLING, dead_units=grouped([{"hidden1": {"dead": 24, "of": 32}}] * 4)),
    ),
    "half dead is not more than half": (
        ("", ""),
        records(FALLING, dead_units=grouped([{"hidden1": {"dead": 16, "of": 32}}] * 4)),
    ),
    "dead once": (
        ("", ""),
        records(
            FALLING, dead_units=grouped([{"hidden1": {"dead": 24 * (i % 2), "of": 32}} for i in range(4)])
        ),
    ),
    "flat ends": (("saturated_units", "warning"), records([*FALLING[:3], *[0.5] * 3], activations=FLAT)),
    "flat ends of a net that learned well": (("saturated_units", "note"), records(FALLING, activations=FLAT)),
    "far off and coming down": (
        ("learning_rate_too_low", "critical"),
        records([28.0 - 1.5 * i for i in range(10)]),
    ),
    "nearly down": (("learning_rate_too_low", "critical"), records([28.0 * 0.7**i + 0.2 for i in range(10)])),
    "rare classes given up at last": (
        ("class_imbalance", "critical"),
        records(
            [2.4 - 0.2 * i for i in range(10)],
            class_counts=(940, 20, 20, 20),
            rows={"train": 1000},
            predictions=(*shares(0.7)[:9], *shares(1.0)[9:]),
        ),
    ),
    "rare classes given up, still coming down": (
        ("class_imbalance", "critical"),
        records(
            [2.4 - 0.2 * i for i in range(10)],
            class_counts=(940, 20, 20, 20),
            rows={"train": 1000},
            predictions=shares(1.0),
        ),
    ),
    "equal weights": (
        ("symmetric_initialization", "critical"),
        records(STUCK, config={"initializer": "zeros"}),
    ),
    "equal weights of the output": (
        ("", ""),
        records(FALLING, config={"per_layer.output.initializer": "zeros"}),
    ),
    "by heart": (
        ("overfitting", "warning"),
        records([0.01] * 10, [0.4, 0.3, 0.32, 0.36, 0.4, 0.45, 0.5, 0.55, 0.6, 0.6]),
    ),
    "poor": (("underfitting", "warning"), records(POOR)),
    "flat and restless": (("plateau", "warning"), records([1.0, 0.6, *[0.4] * 10], ratios=ratios(0.02, 12))),
    "flat and calm": (("plateau", "note"), records([1.0, 0.6, *[0.4] * 10], ratios=ratios(1e-4, 12))),
    "penalty": (
        ("penalty_dominates", "warning"),
        records(
            [0.7] * 10,
            metrics=values(
                [{"train_loss": 0.7, "train_penalty": 5.0, "val_loss": 0.7, "train_accuracy": 0.6}] * 10
            ),
        ),
    ),
    "pixels": (
        ("unscaled_inputs", "warning"),
        records(
            FALLING, config={"data.scale": "none"}, spread={"largest": 90.0, "widest": 80.0, "typical": 80.0}
        ),
    ),
    "pixels that are scaled": (
        ("", ""),
        records(FALLING, spread={"largest": 90.0, "widest": 80.0, "typical": 80.0}),
    ),
    "one answer": (
        ("collapsed_predictions", "warning"),
        records(
            [1.0] * 10,
            predictions=shares(0.97),
            metrics=values(
                [{"train_loss": 1.0, "val_loss": 1.0, "train_accuracy": 0.26, "val_accuracy": 0.25}] * 10
            ),
        ),
    ),
    "clipped": (("clipping_always_active", "warning"), records(POOR, config=CLIPPED, steps=NORMS)),
    "clipped without harm": (
        ("clipping_always_active", "note"),
        records(FALLING, config=CLIPPED, steps=NORMS),
    ),
    "clipped now and then": (
        ("", ""),
        records(
            FALLING,
            config={"gradient_clipping": "global_norm", "gradient_clipping.threshold": 0.9},
            steps=values([{"loss": 1.0, "gradient_norm": 0.5 + 0.1 * i} for i in range(10)]),
        ),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_said_first(name: str) -> None:
    expected, run = CASES[name]
    assert first(run) == expected, judge(run).verdicts


def test_every_verdict_is_complete() -> None:
    for name, (_, run) in CASES.items():
        for verdict in judge(run).verdicts:
            assert verdict.evidence and all(verdict.evidence), (name, verdict.name)
            assert (
                any(any(c.isdigit() for c in text) for text in verdict.evidence)
                or verdict.name == "symmetric_initialization"
            )
            assert verdict.why and verdict.source and verdict.advice, (name, verdict.name)
            for item in verdict.advice:
                assert item.do
                assert bool(item.yaml) == bool(item.changes)


def test_what_a_rule_names_is_a_rule() -> None:
    names = {rule.name for rule in RULES}
    assert len(names) == len(RULES) == 25
    assert all({*rule.follows, *rule.unless} <= names - {rule.name} for rule in RULES)


def test_no_rule_leads_back_to_itself() -> None:
    above = {rule.name: rule.follows for rule in RULES}

    def reach(name: str, seen: tuple[str, ...] = ()) -> None:
        assert name not in seen, (*seen, name)
        for cause in above[name]:
            reach(cause, (*seen, name))

    for name in above:
        reach(name)


def test_what_the_chance_levels_are() -> None:
    assert chance_loss(records(FALLING)) == pytest.approx(math.log(4))
    assert chance_accuracy(records(FALLING)) == 0.25
    assert chance_loss(records(FALLING, class_counts=(3, 1), names=("a", "b"))) == pytest.approx(
        0.5623, abs=1e-4
    )
    assert chance_loss(
        records(FALLING, class_counts=(3, 1), config={"data.balance": "weights"})
    ) == pytest.approx(math.log(2))
    assert chance_loss(records(FALLING, config={"loss": "hinge", "loss.margin": 1.0})) == 3
    assert chance_loss(records(FALLING, config={"loss": "my_own"})) == 1.4, "the first logged loss"
    labels = records(
        FALLING,
        target="multi",
        class_counts=(200, 100),
        rows={"train": 400},
        config={"loss": "binary_cross_entropy"},
    )
    assert chance_loss(labels) == pytest.approx((math.log(2) + 0.5623) / 2, abs=1e-4)


def test_numbers_are_measured_by_r2() -> None:
    rows: list[dict[str, Any]] = [
        {"train_loss": 2.0, "train_r2": 0.5, "val_r2": 0.4},
        {"train_loss": 1.0, "train_r2": 0.75, "val_r2": 0.6},
    ]
    run = records([1.0], target="real", class_counts=(), config={"loss": "mse"}, metrics=values(rows))
    assert chance_loss(run) == pytest.approx(4.0), "the variance: 2 is half of it"
    assert gains(run) == skills(run) == [(1, 0.5), (2, 0.75)]
    assert gains(run, "val") == [(1, 0.4), (2, 0.6)]


def test_frozen_layers_are_known_by_the_keys_that_freeze_them() -> None:
    from dnnlab.diagnose.records import Records

    own = {'per_layer."hidden1".frozen': True, 'per_layer."hidden2".frozen': False, "reuse.freeze": "none"}
    assert Records(config=own).frozen == {'per_layer."hidden1".frozen': "false"}
    reused = {"reuse.freeze": "hidden."}
    assert Records(config=reused).frozen == {"reuse.freeze": "none"}
    assert Records(config={**reused, "reuse.unfreeze.0.at": "2 epochs"}).frozen == {}
