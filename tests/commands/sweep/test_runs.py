"""Sweeps from their beginning to their end: points, results, folder, what `compare` and `runs` make of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

Swept = Callable[..., Any]
Call = Callable[..., tuple[int, str, str]]


def test_a_random_sweep_ranks_and_its_best_config_trains_the_same_alone(
    swept: Swept, write: Any, dnnlab: Call, runs: Path
) -> None:
    sgd = {"name": "sgd", "momentum": {"uniform": [0.5, 0.9]}}
    search = {"optimizer.lr": {"log_uniform": [1e-3, 1e-1]}, "optimizer": {"choice": ["adam", sgd]}}
    code, left = swept(write(search=search, trials=4, seed=3), "--workers", 2)
    assert code == 0 and left.status == "done"
    assert left.ledger.counts() == {"planned": 4, "done": 4, "pruned": 0, "failed": 0, "pending": 0}
    ranking = json.loads((left.path / "ranking.json").read_text())["trials"]
    values = [row["value"] for row in ranking]
    assert values == sorted(values, reverse=True)
    assert not (left.path / "cache").exists()
    code, out, _ = dnnlab("train", left.path / "best.yaml", "--quiet")
    alone = json.loads((Path(out.strip()) / "meta.json").read_text())
    trial = json.loads((left.path / "trials" / ranking[0]["runs"][0] / "meta.json").read_text())
    assert alone["best"] == trial["best"]
    assert alone["last"] == trial["last"]
    assert {k: v for k, v in alone["config"].items() if k != "name"} == {
        k: v for k, v in trial["config"].items() if k != "name"
    }
    assert alone["threads"] == trial["threads"]


def test_points_are_functions_of_seed_and_number(swept: Swept, write: Any) -> None:
    from dnnlab.config.tree import tree
    from dnnlab.search.parse import parse_space
    from dnnlab.search.points import random_point

    search = {"optimizer.lr": {"log_uniform": [1e-3, 1e-1]}}
    _, left = swept(write(search=search, trials=3, seed=7))
    space = parse_space(tree(search))
    assert [t.point for t in left.ledger.trials.values()] == [random_point(space, 7, n) for n in range(3)]


def test_typed_lists_make_a_grid_and_seeds_are_averaged(swept: Swept, write: Any, dnnlab: Call) -> None:
    write()
    code, left = swept(
        "base.yaml",
        "training.epochs=1",
        "--vary",
        "activation=relu,elu",
        "--vary",
        "optimizer.lr=0.01,0.1",
        "--seeds",
        2,
    )
    trials = left.ledger.trials
    assert code == 0 and len(trials) == 4
    assert all(sorted(trial.values) == [0, 1] for trial in trials.values())
    assert trials[0].value == pytest.approx(sum(trials[0].values.values()) / 2)
    kept = yaml.safe_load((left.path / "sweep.yaml").read_text())
    assert kept["sampler"] == "grid" and kept["set"] == {"training.epochs": 1}
    code, out, _ = dnnlab("compare", left.path, "--json")
    compared = json.loads(out)
    assert compared["differs"] == ["activation", "optimizer.lr"]
    assert [group["n"] for group in compared["groups"]] == [2, 2, 2, 2]


def test_cases_give_one_table(swept: Swept, write: Any, dnnlab: Call) -> None:
    cases = {
        "plain": {},
        "batch norm": {"normalization": "batch"},
        "elu": {"activation": "elu", "training.epochs": 1},
    }
    code, left = swept(write(cases=cases, seeds=2))
    assert code == 0 and left.ledger.counts()["done"] == 3
    configs = [
        meta["config"]
        for meta in (json.loads(p.read_text()) for p in sorted(left.path.glob("trials/*-s0/meta.json")))
    ]
    assert [c["normalization"] for c in configs] == ["none", "batch", "none"]
    assert [c["activation"] for c in configs] == ["relu", "relu", "elu"]
    assert json.loads(dnnlab("compare", left.path, "--json")[1])["groups"][0]["n"] == 2


def test_stages_narrow_keep_and_write_down_why(swept: Swept, write: Any) -> None:
    stages = [{"trials": 4, "epochs": 1}, {"zoom": 2, "trials": 3, "epochs": 1}, {"keep": 1, "epochs": 3}]
    code, left = swept(write(stages=stages))
    ledger = left.ledger
    assert code == 0
    assert [len(ledger.of_stage(i)) for i in range(3)] == [4, 3, 1]
    first = sorted(ledger.of_stage(0), key=lambda t: -t.value)[:2]
    low, high = sorted(t.point["optimizer.lr"] for t in first)
    event = ledger.stages[1]
    before, now = event["narrowed"]["optimizer.lr"]
    assert before == "log_uniform: [0.001, 0.1]" and now != before
    assert "best 2 of stage 1" in event["reason"]
    box = event["space"]["optimizer.lr"]["log_uniform"]
    assert box[0] <= low and high <= box[1]
    assert all(box[0] <= t.point["optimizer.lr"] <= box[1] for t in ledger.of_stage(1))
    best = max(ledger.of_stage(1), key=lambda t: t.value)
    assert ledger.trials[7].point == best.point
    assert (
        json.loads((left.path / "trials/2-0007-s0/meta.json").read_text())["config"]["training.epochs"] == 3
    )


def test_a_damaged_journal_is_written_anew_from_the_ledger(swept: Swept, write: Any) -> None:
    import optuna

    search = {"optimizer.lr": {"log_uniform": [1e-3, 1e-1]}, "activation": {"choice": ["relu", "elu"]}}
    _, left = swept(write(search=search, trials=2))
    journal = left.path / "journal.log"
    journal.write_text("{}\n" + journal.read_text())
    code, left = swept("last", "--trials", 3, verb="resume")
    assert code == 0 and (left.path / "journal.log.damaged-0").exists()
    storage = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(str(journal)))
    study = optuna.load_study(study_name="try stage 0", storage=storage)
    assert [(t.value, t.params) for t in study.trials] == [
        (t.value, t.point) for t in left.ledger.trials.values()
    ]


@pytest.mark.parametrize("sampler", ["tpe", "gp"])
def test_optuna_proposes_and_the_journal_opens(swept: Swept, write: Any, sampler: str) -> None:
    import optuna

    search = {"optimizer.lr": {"log_uniform": [1e-3, 1e-1]}, "activation": {"choice": ["relu", "elu"]}}
    code, left = swept(write(search=search, sampler=sampler, trials=4, workers=1))
    assert code == 0
    storage = optuna.storages.JournalStorage(
        optuna.storages.journal.JournalFileBackend(str(left.path / "journal.log"))
    )
    study = optuna.load_study(study_name="try stage 0", storage=storage)
    assert [t.value for t in study.trials] == [t.value for t in left.ledger.trials.values()]
    assert {t.params["activation"] for t in study.trials} <= {0, 1}  # by index
    again = swept(write(search=search, sampler=sampler, trials=4, workers=1))[1]
    assert again.results() == left.results()


def test_the_median_prunes_in_the_same_way_with_one_worker(swept: Swept, write: Any) -> None:
    search = {"optimizer.lr": {"choice": [0.01, 0.02, 0.011, 0.012, 0.013, 1e-6, 2e-6, 0.014]}}
    sweep = {"search": search, "sampler": "grid", "pruner": "median", "workers": 1}
    code, left = swept(write(base={"training": {"epochs": 4}}, **sweep))
    states = [t.state for t in left.ledger.trials.values()]
    assert code == 0 and states[5:7] == ["pruned", "pruned"] and states[:5] == ["done"] * 5
    run = json.loads((left.path / "trials/0-0005-s0/meta.json").read_text())
    assert run["status"] == "pruned" and "worse than other trials at epoch" in run["reason"]
    again = swept(write(base={"training": {"epochs": 4}}, **sweep))[1]
    assert again.results() == left.results()


def test_the_end_of_a_sweep_is_what_show_tells(dnnlab: Call, write: Any, runs: Path) -> None:
    code, out, err = dnnlab("sweep", write(trials=3, workers=2))
    assert code == 0
    (left,) = runs.iterdir()
    lines = out.splitlines()
    assert lines[1].startswith(f" {left.name}: done; 3 trials: 3 done") and lines[4].split()[:3] == [
        "#",
        "trial",
        "val_accuracy",
    ]
    assert f" next     dnnlab train {left}/best.yaml" in out and "done in " in lines[-1]
    assert (left / "sweep.html").exists() and (left / "sweep.png").exists()
    assert err.startswith(" base      base.yaml\n search    optimizer.lr: log_uniform: [0.001, 0.1]\n")
    assert "\n trials    3 trials, random; 2 workers\n" in err
    rows = [line.split("  ") for line in err.splitlines() if line.startswith("trial ")]
    assert [row[1] for row in rows] == ["done"] * 3 and sorted(row[0] for row in rows) == [
        "trial 0",
        "trial 1",
        "trial 2",
    ]


def test_runs_lists_a_sweep_and_commands_for_runs_say_what_it_is(
    swept: Swept, write: Any, dnnlab: Call
) -> None:
    _, left = swept(write(trials=2))
    listed = json.loads(dnnlab("runs", "--json")[1])
    assert [(row["kind"], row["status"], row["name"]) for row in listed] == [("sweep", "done", "try")]
    code, _, err = dnnlab("evaluate", "last")
    text = " ".join(err.split())
    assert (
        code == 2 and "last is a sweep (2 runs)" in text and "last/0-0000-s0" in text and "best.yaml" in text
    )
    assert dnnlab("evaluate", "last/0-0001")[0] == 0
    (left.path / "trials/0-0001-s0/meta.json").write_text("{")
    compared = json.loads(dnnlab("compare", "last", "--json")[1])
    assert [run["status"] for run in compared["runs"]] == ["done", "damaged"]


def test_a_plugin_that_the_sweep_alone_names_is_found(swept: Swept, write: Any, plugin: str) -> None:
    search = {"activation": {"choice": ["relu", "trouble"]}}
    sweep = write(set={"plugins": [plugin]}, search=search, sampler="grid", workers=1)
    code, left = swept(sweep)
    assert code == 0 and left.ledger.counts()["done"] == 2
    assert [path.name for path in left.path.glob("sources/*.py")] == ["01-trouble.py"]
