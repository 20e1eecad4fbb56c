"""The comparison: runs, metric, order, the epoch that reached a metric, and the contract of its JSON."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from helpers.fake_runs import contents, make_run, seeds

from dnnlab.commands.compare.compare import compare
from dnnlab.commands.runs.filters import Filters
from dnnlab.errors import DnnlabError, RunError, UsageError


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Three seeds of relu, three of elu (better), one damaged run."""
    folder = tmp_path / "runs"
    seeds(folder, [0.90, 0.91, 0.95], first=0)
    seeds(folder, [0.92, 0.94, 0.96], {"activation": "elu", "activation.alpha": 1.0}, first=10)
    broken = make_run(folder, number=20)
    (broken / "meta.json").write_text("{")
    return folder


def refusal(*arguments: Any, **options: Any) -> str:
    with pytest.raises(DnnlabError) as error:
        compare(*arguments, **options)
    assert error.value.exit_code == 2
    return str(error.value)


def test_groups_are_ranked_by_the_monitor(runs: Path) -> None:
    found = compare([], runs)
    assert [group.first.config["activation"] for group in found.groups] == ["elu", "relu"]
    assert (found.metric, found.better, found.differs, found.follows) == (
        "val_accuracy",
        "max",
        ("activation",),
        ("activation.alpha",),
    )
    assert [run.problem for run in found.damaged] == [
        "meta.json is damaged: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"
    ]
    assert found.welch is not None and (found.welch.n, found.welch.verdict) == ((3, 3), "inside the noise")


def test_losses_are_ranked_downward(tmp_path: Path) -> None:
    for i, lr in enumerate((0.1, 0.2, 0.3)):
        make_run(tmp_path, (1.0, lr), {"optimizer.lr": lr}, number=i, monitor="val_loss", better="min")
    assert [group.first.config["optimizer.lr"] for group in compare([], tmp_path).groups] == [0.1, 0.2, 0.3]


def test_the_json_form_is_the_contract(runs: Path) -> None:
    found = compare([], runs, reach="val_accuracy=0.93").json()
    json.dumps(found, allow_nan=False)
    assert found["differs"] == ["activation"]
    assert {"run", "status", "config", "best", "last", "seconds", "parameters", "problem"} <= set(
        found["runs"][0]
    )
    assert {"runs", "config", "n", "mean", "std"} <= set(found["groups"][0])
    by_status = {run["status"] for run in found["runs"]}
    assert by_status == {"done", "damaged"} and len(found["runs"]) == 7
    elu = found["groups"][0]
    assert (elu["config"], elu["n"]) == ({"activation": "elu", "activation.alpha": 1.0}, 3)
    assert elu["mean"]["val_accuracy"] == pytest.approx(0.94) and elu["std"]["val_accuracy"] == pytest.approx(
        0.02
    )
    assert "test" not in found["runs"][0]


def test_one_run_is_compared_with_those_of_its_name(runs: Path) -> None:
    make_run(runs, number=30, name="other")
    assert len(compare(["last~1"], runs).runs) == 7
    assert len(compare(["last"], runs).runs) == 1
    assert len(compare(["last", "last~2"], runs).runs) == 2
    assert len(compare([str(runs)], Path("elsewhere")).runs) == 8
    assert len(compare(["last", "last"], runs).runs) == 1


def test_no_runs_is_an_error_that_says_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "tb").mkdir()
    (tmp_path / "tb" / "events.out.tfevents.1").touch()
    words = refusal([str(tmp_path / "tb")], tmp_path)
    assert (
        "holds no runs of dnnlab; it holds events.out.tfevents.1" in words and "dnnlab train CONFIG" in words
    )
    assert "it is empty or not there" in refusal([], tmp_path / "nowhere")
    assert "does not exist" in refusal(["a/b"], tmp_path)


def test_filters_that_leave_nothing_are_an_error(runs: Path) -> None:
    words = refusal([], runs, Filters(where=("activation=selu",)))
    assert (
        words == "none of 7 runs meets the filters; expected at least one; leave one of them out; "
        "`dnnlab runs` lists the runs"
    )


def test_sorting_replaces_the_ranking(runs: Path) -> None:
    found = compare([], runs, Filters(sort="-created"), over_seeds=False)
    assert [group.first.seed for group in found.groups] == [0, 1, 2, 0, 1, 2]


def test_different_monitors_are_said_and_a_common_metric_ranks(tmp_path: Path) -> None:
    make_run(tmp_path, (0.5, 0.9), {"activation": "elu"}, number=1)
    make_run(tmp_path, (0.5, 0.4), number=2, monitor="val_loss", better="min")
    found = compare([], tmp_path)
    assert found.metric == "val_loss" and found.better == "min"
    assert found.notes == (
        "different monitors: val_loss (1), val_accuracy (1); compared by val_loss, "
        "each run at the best epoch of its own monitor",
    )
    make_run(tmp_path, (0.5, 0.9), number=3, monitor="val_r2", best={"epoch": 2, "metrics": {"val_r2": 0.9}})
    nothing = compare([], tmp_path)
    assert nothing.metric is None and "no metric is common to all" in nothing.notes[0]


def test_runs_that_measured_nothing_are_rows_too(tmp_path: Path) -> None:
    make_run(tmp_path, (), status="running", number=1)
    make_run(tmp_path, (0.4, 0.6), number=2)
    found = compare([], tmp_path)
    assert [group.first.status for group in found.groups] == ["done", "killed"]
    assert found.groups[1].mean("val_accuracy") is None
    make_run(tmp_path / "empty", (), status="running", number=1)
    assert compare([], tmp_path / "empty").groups[0].first.status == "killed"


@pytest.mark.parametrize(
    ("reach", "moments"),
    [
        ("val_accuracy=0.9", [(2, 4.0), None]),
        ("val_loss=1.0", [(2, 4.0), (2, 4.0)]),
        ("train_loss=0.4", [(3, 6.0), (3, 6.0)]),
    ],
)
def test_when_a_metric_was_reached(tmp_path: Path, reach: str, moments: list[Any]) -> None:
    make_run(tmp_path, (0.5, 0.9, 0.95), {"activation": "elu"}, number=1)
    make_run(tmp_path, (0.5, 0.6, 0.7), number=2)
    found = compare([], tmp_path, reach=reach)
    assert found.reach is not None
    assert [found.reach.moment(group.first) for group in found.groups] == moments
    assert [run["reach"]["epoch"] for run in found.json()["runs"]] == [m and m[0] for m in reversed(moments)]


@pytest.mark.parametrize(
    ("reach", "words"),
    [
        ("val_accuracy", "expected METRIC=V with a number"),
        ("val_accuracy=high", "expected METRIC=V with a number"),
        ("val_accuracy=nan", "expected METRIC=V with a number"),
        ("val_acuracy=1", "did you mean val_accuracy?"),
        ("accuracy=1", "did you mean val_accuracy?"),
        ("test_accuracy=1", "never ranks"),
    ],
)
def test_reach_with_a_mistake(runs: Path, reach: str, words: str) -> None:
    assert words in refusal([], runs, reach=reach)


def test_the_test_part_is_shown_only_when_asked_and_never_ranks(runs: Path) -> None:
    worst = next(
        run for run in compare([], runs).runs if run.seed == 0 and run.config.get("activation") == "relu"
    ).path
    folder = worst / "evaluations"
    folder.mkdir()
    whole = {
        "run": "x",
        "split": "test",
        "weights": "best",
        "metrics": {"accuracy": 0.5, "loss": None},
        "per_class": [],
    }
    (folder / "20261122-100000.000-test-best.json").write_text(json.dumps(whole))
    (folder / "20261122-110000.000-test-best.json").write_text(
        json.dumps({**whole, "metrics": {"accuracy": 0.999}})
    )
    (folder / "20261122-120000.000-validation-best.json").write_text(
        json.dumps({**whole, "split": "validation"})
    )
    (folder / "20261122-130000.000-test-best.json").write_text("{")
    plain, shown = compare([], runs), compare([], runs, test=True)
    assert "0.999" not in json.dumps(plain.json()) and "test_accuracy" not in plain.rows[0]
    assert [group.runs for group in plain.groups] == [group.runs for group in shown.groups]
    assert shown.tests is not None and shown.tests[worst] == {
        "weights": "best",
        "metrics": {"accuracy": 0.999},
        "file": "evaluations/20261122-110000.000-test-best.json",
    }
    assert [row["test_accuracy"] for row in shown.rows].count(None) == 6


def test_of_the_test_part_come_first_the_metrics_that_validation_has_too(runs: Path) -> None:
    found = compare([], runs, test=True)
    folder = found.groups[0].first.path / "evaluations"
    folder.mkdir()
    measured = {"auc": 0.9, "f1_macro": 0.8, "loss": 0.3, "accuracy": 0.91}
    (folder / "20261122-100000.000-test-best.json").write_text(
        json.dumps({"split": "test", "metrics": measured})
    )
    found = compare([], runs, test=True)
    assert found.metrics() == ["val_accuracy", "val_loss"]
    assert found.test_metrics() == ["accuracy", "loss", "auc", "f1_macro"] and found.tests_beside() == [
        "accuracy",
        "loss",
    ]
    assert "test_auc" in found.rows[0]


def test_where_no_metric_is_shared_all_of_the_test_part_are_shown(runs: Path) -> None:
    folder = compare([], runs).groups[0].first.path / "evaluations"
    folder.mkdir()
    (folder / "20261122-100000.000-test-best.json").write_text(
        json.dumps({"split": "test", "metrics": {"auc": 0.9}})
    )
    assert compare([], runs, test=True).tests_beside() == ["auc"]


def test_reading_changes_nothing(runs: Path) -> None:
    before = contents(runs)
    compare([], runs, test=True, reach="val_loss=1").json()
    assert contents(runs) == before


def test_the_test_of_two_groups_needs_two_groups_of_finished_runs(runs: Path, tmp_path: Path) -> None:
    make_run(runs, config={"activation": "selu"}, number=40, status="diverged")
    assert compare([], runs).welch is not None
    make_run(runs, config={"activation": "selu"}, number=41)
    assert compare([], runs).welch is None
    seeds(tmp_path / "few", [0.9, 0.8])
    make_run(tmp_path / "few", config={"activation": "elu"}, number=30)
    found = compare([], tmp_path / "few").welch
    assert found is not None and (found.verdict, sorted(found.n), found.p) == ("too few seeds", [1, 2], None)


def test_a_repeated_seed_is_said(runs: Path) -> None:
    make_run(runs, number=50)
    assert compare([], runs).notes == (
        "1 run repeats a seed of its group; of each seed only the newest counts",
    )


def test_a_thousand_runs_take_two_seconds_at_most(tmp_path: Path) -> None:
    for i in range(1000):
        path = make_run(
            tmp_path,
            [0.5 + j / 100 for j in range(20)],
            {"seed": i, "optimizer.lr": 0.001 * (1 + i % 20)},
            number=i,
        )
        if i % 20 == 0:
            file = path / ("meta.json" if i % 40 else "metrics.jsonl")
            file.write_bytes(file.read_bytes()[:-20])
    began = time.perf_counter()
    found = compare([], tmp_path)
    took = time.perf_counter() - began
    assert (len(found.runs), len(found.damaged)) == (1000, 50)
    assert took < 2


def test_a_run_that_is_gone_meanwhile_is_an_error_and_not_a_traceback(runs: Path) -> None:
    with pytest.raises(RunError):
        compare(["nothing-like-it"], runs)
    with pytest.raises(UsageError):
        compare([], runs, Filters(status=("nothing",)))
