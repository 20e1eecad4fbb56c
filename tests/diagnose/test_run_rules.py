"""Causes before consequences, what cannot be looked at, and records that hold anything at all."""

from __future__ import annotations

import pytest
from helpers.fake_records import FALLING, records, values
from hypothesis import given, settings
from hypothesis import strategies as st

from dnnlab.config.target_size import TargetSize
from dnnlab.diagnose import RULES, Advice, Records, judge
from dnnlab.diagnose.records import samples
from dnnlab.diagnose.verdict import Finding, Rule


def made(name: str, severity: str, *follows: str, unless: tuple[str, ...] = ()) -> Rule:
    return Rule(name, lambda _: Finding(severity, ("seen 1",), ()), "why", "source", (), follows, unless)


def test_a_cause_stands_before_its_consequences_and_the_worst_cause_first() -> None:
    rules = (
        made("mild", "warning"),
        made("far", "critical", "near"),
        made("near", "warning", "cause"),
        made("cause", "critical"),
    )
    found = judge(Records(), rules).verdicts
    assert [(v.name, v.severity, v.follows_from) for v in found] == [
        ("cause", "critical", None),
        ("far", "note", "cause"),
        ("near", "note", "cause"),
        ("mild", "warning", None),
    ]


def test_symptoms_stay_as_severe_as_they_are() -> None:
    found = judge(Records(), (made("not_learning", "critical", "cause"), made("cause", "warning"))).verdicts
    assert [(v.name, v.severity) for v in found] == [("cause", "warning"), ("not_learning", "critical")]


def test_a_rule_has_nothing_to_say_where_another_said_it_all() -> None:
    diagnosis = judge(Records(), (made("all", "critical"), made("part", "warning", unless=("all",))))
    assert [v.name for v in diagnosis.verdicts] == ["all"]
    assert diagnosis.fine == ("part",)


def test_a_circle_of_causes_does_not_turn_for_ever() -> None:
    found = judge(Records(), (made("a", "warning", "b"), made("b", "warning", "a"))).verdicts
    assert [(v.name, v.follows_from) for v in found] == [("a", None), ("b", "a")]


def test_without_records_the_key_is_named() -> None:
    skipped = judge(records(FALLING, ratios=(), config={"logging.update_ratio_every": "none"})).skipped
    assert skipped["learning_rate_too_high"] == "turn on logging.update_ratio_every"
    assert "overfitting" not in skipped


def test_what_a_net_does_not_have_is_fine() -> None:
    on = {
        "logging.dead_units_every": "auto",
        "logging.activations_every": "auto",
        "logging.predictions_every": "auto",
    }
    targets = TargetSize(("y",), (0.0,), (1.0,))
    diagnosis = judge(records(FALLING, config=on, target="real", targets=targets, class_counts=()))
    assert {"dead_units", "saturated_units", "class_imbalance", "collapsed_predictions"} <= set(
        diagnosis.fine
    )
    assert diagnosis.skipped == {}
    older = judge(records(FALLING, config=on, target="real", class_counts=()))
    assert older.skipped == {"unscaled_targets": "the run does not say how large its targets are"}


def test_advice_is_a_command_and_yaml() -> None:
    item = Advice(
        "do it",
        ("activation=elu", "regularizers.dropout=0.2", "regularizers.l2=1e-3", "schedule.warmup=10 %"),
    )
    assert (
        item.line("abc123")
        == "dnnlab train abc123 activation=elu regularizers.dropout=0.2 regularizers.l2=1e-3 "
        "'schedule.warmup=10 %'"
    )
    assert item.yaml.splitlines() == [
        "activation: elu",
        "regularizers: {dropout: 0.2, l2: 1e-3}",
        "schedule: {warmup: 10 %}",
    ]
    assert Advice("look", command="dnnlab check {run}").json("x")["command"] == "dnnlab check x"


def test_the_form_of_the_file() -> None:
    run = records([1.386] * 10)
    told = judge(run).json()
    assert told["format"] == 1
    assert set(told["verdicts"][0]) == {
        "name",
        "severity",
        "since_epoch",
        "evidence",
        "why",
        "source",
        "advice",
        "follows_from",
    }
    everything = {v["name"] for v in told["verdicts"]} | set(told["fine"]) | set(told["skipped"])
    assert everything == {rule.name for rule in RULES}


NUMBERS = (
    st.none()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([0.0, 1.0, -1.0, 1e-300, 1e300])
)
VALUES = st.dictionaries(
    st.sampled_from(
        [
            *(
                "loss",
                "gradient_norm",
                "clipped",
                "penalty",
                "hidden1",
                "output",
                "hidden1.weight",
                "output.weight",
            ),
            *(
                "train_loss",
                "train_eval_loss",
                "val_loss",
                "train_penalty",
                "train_accuracy",
                "train_eval_accuracy",
                "val_accuracy",
            ),
        ]
    ),
    NUMBERS,
)
GROUP = st.dictionaries(st.sampled_from(["dead", "of", "saturated", "std", "a", "b"]), NUMBERS)
ROW = st.fixed_dictionaries(
    {"step": st.integers(1, 400) | NUMBERS, "epoch": st.integers(1, 12) | NUMBERS},
    optional={
        "in": VALUES
        | st.dictionaries(st.sampled_from(["hidden1", "output", "shares", "labels"]), GROUP | NUMBERS)
    },
)
ROWS = st.lists(ROW, max_size=12).map(lambda rows: samples(rows, "in"))
CONFIGS = st.dictionaries(
    st.sampled_from(
        [
            *(
                "optimizer.lr",
                "gradient_clipping",
                "gradient_clipping.threshold",
                "regularizers.dropout.rate",
                "regularizers.l2.strength",
            ),
            *(
                "normalization",
                "normalization.decay",
                "training.batch_size",
                "training.epochs",
                "data.scale",
                "data.balance",
                "loss",
            ),
            *("schedule", "architecture", "architecture.hidden", "initializer", "activation"),
        ]
    ),
    st.sampled_from(
        [
            "none",
            "batch",
            "global_norm",
            "full",
            "zeros",
            "hinge",
            "mse",
            "\x1b[31m",
            "autoencoder",
            True,
            None,
            [],
            {},
        ]
    )
    | NUMBERS
    | st.integers(-3, 300),
)


@settings(max_examples=150)
@given(
    st.fixed_dictionaries(
        dict.fromkeys(
            ("metrics", "steps", "ratios", "gradients", "activations", "dead_units", "predictions"), ROWS
        )
    ),
    CONFIGS,
    st.sampled_from(["index", "multi", "real"]),
    st.lists(st.integers(0, 50), max_size=4),
    st.sampled_from(["done", "diverged", "killed"]),
)
def test_no_records_break_a_rule(
    rows: dict, config: dict, target: str, counts: list[int], status: str
) -> None:  # type: ignore[type-arg]
    run = Records(
        config=config,
        target=target,
        class_counts=tuple(counts),
        names=tuple("abcd"[: len(counts)]),
        status=status,
        **rows,
    )
    for verdict in judge(run).verdicts:
        assert verdict.json("x")["evidence"]


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"step": 1},
        {"step": "1", "epoch": 1},
        {"step": 1, "epoch": True},
        {"step": 1, "epoch": 1, "in": 3},
    ],
)
def test_rows_that_are_none_are_left_out(row: dict[str, object]) -> None:
    assert samples([row], "in") == ()


def test_numbers_that_are_none_are_none() -> None:
    (row,) = samples([{"step": 1, "epoch": 1, "loss": "x", "lr": 1e999, "clipped": True}])
    assert row.values["loss"] is None and row.values["lr"] is None
    (row,) = samples([{"step": 1, "epoch": 1, "in": {"a": {"dead": 3, "of": None}}}], "in")
    assert row.groups == {"a": {"dead": 3.0, "of": None}}


def test_values_are_kept_in_order() -> None:
    assert [s.epoch for s in values([{}, {}, {}])] == [1, 2, 3]
