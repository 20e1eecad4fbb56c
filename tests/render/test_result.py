"""The block below the table, what to type next, and the summary over seeds."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dnnlab.render.screens.advice import after_failure, after_training, after_verdict
from dnnlab.render.screens.result import result_lines
from dnnlab.render.screens.run_facts import RunFacts
from dnnlab.render.screens.seeds import summary, summary_lines
from dnnlab.rundir import run_word

METRICS = {
    "train_loss": 1.3410,
    "train_penalty": 0.0,
    "train_accuracy": 0.5180,
    "val_loss": 1.5062,
    "val_accuracy": 0.4676,
}
RUN = "runs/20261122-041833-ex8-7f3a1c"
PAGE, SEEDS = "dnnlab report 7f3a1c", "dnnlab train 7f3a1c --seeds 3"


def result(status: str = "stopped_early", best: int = 29, last: int = 49, **metrics: float) -> dict[str, Any]:
    moment = {"epoch": best, "metrics": METRICS | metrics}
    return {
        "run": RUN,
        "status": status,
        "monitor": "val_loss",
        "best": moment,
        "last": {**moment, "epoch": last},
        "seconds": 482.0,
    }


def lines(
    value: dict[str, Any],
    facts: RunFacts,
    reason: str = "val_loss was best at epoch 29",
    following: tuple[str, ...] = (),
) -> list[str]:
    return result_lines(value, reason, facts, 80, list(following), "7f3a1c")


def test_it_looks_like_the_screen_in_the_design(facts: RunFacts) -> None:
    following = ("dnnlab report 7f3a1c", "dnnlab train 7f3a1c normalization=batch")
    assert lines(result(), replace(facts, tested=True), following=following) == [
        "",
        " stopped early after 49 epochs; val_loss was best at epoch 29 (weights: best)",
        "              loss  accuracy",
        " train      1.3410    0.5180      gap 0.05",
        " validation 1.5062    0.4676      test: not looked at (dnnlab evaluate 7f3a1c)",
        " next     dnnlab report 7f3a1c        dnnlab train 7f3a1c normalization=batch",
        " run      runs/20261122-041833-ex8-7f3a1c                     done in 8 min 02 s",
    ]


def test_the_linear_model_stands_below_the_net(facts: RunFacts) -> None:
    metrics = {"train_loss": 0.5, "train_accuracy": 0.8, "val_loss": 0.6012, "val_accuracy": 0.7}
    beside = {"model": "logistic", "metrics": metrics, "skipped": ""}
    shown = lines({**result(), "baseline": beside}, facts)
    assert shown[4:6] == [" validation 1.5062    0.4676", " logistic   0.6012    0.7000"]
    unseen = lines({**result(), "baseline": beside}, replace(facts, validated=False))
    assert unseen[3:5] == [" train      1.3410    0.5180", " logistic   0.5000    0.8000"]
    assert lines({**result(), "baseline": {**beside, "metrics": {}, "skipped": "too long"}}, facts) == lines(
        result(), facts
    )


@pytest.mark.parametrize(
    ("value", "reason", "expected"),
    [
        (result("done"), "", "done after 49 epochs; val_loss was best at epoch 29 (weights: best)"),
        (
            result("interrupted", last=1),
            "asked to stop",
            "interrupted after 1 epoch (asked to stop); val_loss was best at epoch 29",
        ),
        (
            result(),
            "training.max_minutes: 2 minutes are over",
            (
                "stopped early after 49 epochs (training.max_minutes: 2 minutes are over); val_loss "
                "was best at epoch 29"
            ),
        ),
        ({**result("done"), "best": {}}, "", "done after 49 epochs; val_loss was never measured"),
        (
            {**result("terminated"), "best": {}, "last": {}},
            "asked to stop",
            "terminated after 0 epochs (asked to stop)",
        ),
    ],
)
def test_how_it_ended(facts: RunFacts, value: dict[str, Any], reason: str, expected: str) -> None:
    shown = lines(value, facts, reason)
    assert " ".join(line.strip() for line in shown[1 : 2 + (len(expected) > 79)]) == expected


def test_last_weights_are_called_so(facts: RunFacts) -> None:
    assert lines(result("done"), replace(facts, keeps_best=False))[1].endswith("(weights: last)")


def test_averages_have_a_row_and_missing_parts_have_none(facts: RunFacts) -> None:
    shown = lines(result(val_loss_ema=1.4, val_accuracy_ema=0.5), replace(facts, averages=("ema",)))
    assert " ema        1.4000    0.5000" in shown
    shown = lines(result(), replace(facts, validated=False))
    assert [line.split()[0] for line in shown if line][1:4] == ["loss", "train", "run"]


@pytest.mark.parametrize(
    ("better", "train", "validation", "gap"),
    [("max", 0.9, 0.8, "gap 0.10"), ("min", 3.0, 4.5, "gap 1.50"), ("max", 0.5, 0.6, "gap -0.10")],
)
def test_the_gap_says_how_much_worse_validation_is(
    facts: RunFacts, better: str, train: float, validation: float, gap: str
) -> None:
    shown = lines(result(train_accuracy=train, val_accuracy=validation), replace(facts, better=better))
    assert shown[3].endswith(gap)


def test_a_gap_that_is_no_number_is_left_out(facts: RunFacts) -> None:
    assert "gap" not in "".join(lines(result(val_accuracy=math.nan), facts))


def test_many_metrics_go_into_several_blocks(facts: RunFacts) -> None:
    names = tuple(f"a_rather_long_metric_{i}" for i in range(20))
    numbers = {f"{part}_{name}": -1e-7 for part in ("train", "val") for name in names}
    shown = lines(result(**numbers), replace(facts, metrics=names, main=names[0]))
    assert max(map(len, shown)) <= 80
    assert sum(line.count("-1.0e-7") for line in shown) == 40


def test_following_commands_stand_below_each_other_where_they_are_long(facts: RunFacts) -> None:
    shown = lines(result(), facts, following=("dnnlab train " + "x" * 50, "dnnlab resume y"))
    assert shown[-3:-1] == [" next     dnnlab train " + "x" * 50, "          dnnlab resume y"]


def test_where_the_command_for_the_test_part_has_no_room_the_words_stay(facts: RunFacts) -> None:
    names = ("accuracy", "mae", "rmse")
    shown = lines(result(val_mae=1.0, val_rmse=1.0), replace(facts, metrics=names, tested=True))
    assert next(line for line in shown if line.startswith(" validation")).endswith(
        "1.0000      test: not looked at"
    )
    assert max(map(len, shown)) <= 80


def test_the_run_in_a_command() -> None:
    assert run_word(Path(RUN), True) == "7f3a1c"
    assert run_word(Path("my runs/20261122-041833-ex8-7f3a1c"), False) == "7f3a1c --runs-dir 'my runs'"
    assert run_word(Path("runs/kept"), True) == "kept"
    assert run_word(Path("runs/[a] b|c"), True) == "'[a] b|c'"  # what a shell would read
    assert run_word(Path("runs/--yes"), True) == "runs/--yes"  # what the parser would take for an option


@pytest.mark.parametrize(
    ("value", "over", "extendable", "expected"),
    [
        (result("interrupted"), False, True, ["dnnlab resume 7f3a1c"]),
        (result("done", best=100), True, True, [PAGE, "dnnlab resume 7f3a1c --epochs 200", SEEDS]),
        (result("done", best=100), True, False, [PAGE, "dnnlab train 7f3a1c training.epochs=200", SEEDS]),
        (result("done", best=50), True, True, [PAGE, "dnnlab train 7f3a1c optimizer.lr=2.5e-05", SEEDS]),
    ],
)
def test_what_to_type_next(
    facts: RunFacts, value: dict[str, Any], over: bool, extendable: bool, expected: list[str]
) -> None:
    assert after_training(value, facts, "7f3a1c", over, extendable) == expected


def test_a_run_made_from_a_run_is_compared_with_it_first(facts: RunFacts) -> None:
    following = after_training(result("done", best=50), facts, "7f3a1c", True, True, parent="c41d9e")
    assert following == ["dnnlab compare c41d9e 7f3a1c", PAGE, SEEDS]
    assert after_training(result("interrupted"), facts, "7f3a1c", False, True, parent="c41d9e") == [
        "dnnlab resume 7f3a1c"
    ]


def test_what_to_type_after_a_verdict() -> None:
    mending = "dnnlab train 7f3a1c normalization=batch"
    assert after_verdict("7f3a1c", mending) == ["dnnlab doctor 7f3a1c", PAGE, mending]
    assert after_verdict("7f3a1c", "", parent="c41d9e") == ["dnnlab compare c41d9e 7f3a1c", PAGE]


def test_what_to_type_after_a_failure(facts: RunFacts) -> None:
    assert after_failure("diverged", facts, "7f3a1c") == ["dnnlab train 7f3a1c optimizer.lr=5e-06"]
    assert after_failure("out_of_memory", facts, "7f3a1c") == ["dnnlab train 7f3a1c training.batch_size=16"]
    assert after_failure("storage", facts, "7f3a1c") == ["dnnlab resume 7f3a1c"]


def test_mean_and_deviation_over_seeds() -> None:
    runs = [result("done", best=20 + i, val_accuracy=0.4 + 0.1 * i) for i in range(3)]
    numbers = summary(runs)
    assert numbers["runs"] == runs
    assert numbers["mean"]["val_accuracy"] == pytest.approx(0.5)
    assert numbers["std"]["val_accuracy"] == pytest.approx(0.1)  # of a sample: n - 1
    assert numbers["mean"]["epoch"] == 21
    assert summary(runs[:1])["std"]["val_loss"] is None


def test_runs_that_did_not_come_to_their_end_are_no_samples() -> None:
    diverged = {
        "run": "runs/x",
        "status": "diverged",
        "monitor": "val_loss",
        "best": {},
        "last": {},
        "seconds": None,
    }
    runs = [result("done"), diverged, result("interrupted", val_loss=99.0)]
    assert summary(runs)["mean"]["val_loss"] == 1.5062
    assert "left out: diverged, interrupted" in " ".join(
        line.strip() for line in summary_lines(runs, [0, 1, 2], "val_loss", 80)
    )


def test_the_summary_begins_with_the_monitor(facts: RunFacts) -> None:
    runs = [result("done", val_accuracy=0.46), result("done", val_accuracy=0.48)]
    shown = summary_lines(runs, [3, 4], "val_accuracy", 80)
    assert shown[0] == " 2 seeds (3, 4); mean ± deviation at each run's best epoch by val_accuracy"
    assert shown[1] == " val_accuracy     0.4700 ± 0.0141"
    assert shown[-1] == " epoch              29.0 ± 0.0"
    assert not [line for line in shown if "penalty" in line]
