"""Training from the command line: what stands on which stream."""

from __future__ import annotations

import json
import shlex
import statistics
from collections.abc import Callable
from pathlib import Path

import pytest

Call = Callable[..., tuple[int, str, str]]


def only(runs: Path) -> Path:
    found = list(runs.iterdir())
    assert len(found) == 1
    return found[0]


def test_progress_on_stderr_and_the_result_on_stdout(dnnlab: Call, config: Path, runs: Path) -> None:
    code, out, err = dnnlab("train", config)
    run = only(runs)
    assert code == 0
    assert [line.split()[0] for line in err.splitlines() if line[1] != " "] == [
        "data",
        "network",
        "training",
        "on",
        "run",
        *["epoch"] * 3,
    ]
    assert out.splitlines()[1].startswith(" done after 3 epochs; val_accuracy was best at epoch ")
    assert f" run      {run}" in out
    assert run.name[-6:] in out.split(" next ")[1]
    assert max(len(line) for line in out.splitlines() if "run  " not in line) <= 80


def test_the_numbers_are_those_of_the_folder(dnnlab: Call, config: Path, runs: Path) -> None:
    _, out, err = dnnlab("train", config)
    rows = [json.loads(line) for line in (only(runs) / "metrics.jsonl").read_text().splitlines()]
    shown = [line for line in err.splitlines() if line.startswith("epoch ")]
    assert [float(line.split(" val_loss ")[1].split()[0]) for line in shown] == [
        round(row["val_loss"], 4) for row in rows
    ]
    best = max(rows, key=lambda row: row["val_accuracy"])
    assert f" validation {best['val_loss']:.4f}    {best['val_accuracy']:.4f}" in out


def test_quiet_is_the_path_alone(dnnlab: Call, config: Path, runs: Path) -> None:
    code, out, err = dnnlab("train", config, "--quiet")
    assert (code, out, err) == (0, f"{only(runs)}\n", "")


def test_json_is_the_result_alone(dnnlab: Call, config: Path, runs: Path) -> None:
    code, out, err = dnnlab("train", config, "--json")
    result = json.loads(out, parse_constant=pytest.fail)
    assert code == 0
    assert set(result) == {"run", "status", "monitor", "best", "last", "seconds", "baseline"}
    assert result["baseline"] is None, "digits are images"
    assert (result["run"], result["status"], result["monitor"]) == (str(only(runs)), "done", "val_accuracy")
    assert result["last"]["epoch"] == 3
    assert result["best"]["metrics"]["val_accuracy"] > 0.1
    assert "epoch 3/3" in err


def test_overrides_stand_behind_the_config_or_the_option(dnnlab: Call, config: Path) -> None:
    _, out, _ = dnnlab(
        "train", config, "training.epochs=2", "-s", "seed=7", "--set", "activation=elu", "--quiet"
    )
    meta = json.loads((Path(out.strip()) / "meta.json").read_text())
    assert (meta["config"]["training.epochs"], meta["config"]["seed"], meta["config"]["activation"]) == (
        2,
        7,
        "elu",
    )


def test_a_run_is_a_config(dnnlab: Call, config: Path) -> None:
    first = dnnlab("train", config, "activation=elu", "-q")[1].strip()
    config.unlink()
    second = dnnlab("train", first[-6:], "training.epochs=1", "-q")[1].strip()
    flat = json.loads((Path(second) / "meta.json").read_text())["config"]
    assert (flat["activation"], flat["training.epochs"]) == ("elu", 1)


def test_the_commands_that_it_proposes_work(dnnlab: Call, config: Path, tmp_path: Path) -> None:
    _, out, _ = dnnlab("train", config, "training.epochs=2", "--runs-dir", tmp_path / "other runs")
    proposed = [
        shlex.split(line.replace(" next ", ""))
        for line in out.splitlines()
        if line.startswith((" next ", " " * 10 + "dnnlab "))
    ]
    assert proposed
    assert proposed[0][0] == "dnnlab"
    assert dnnlab(*proposed[0][1:], "-q")[0] == 0


def test_a_run_made_from_a_run_is_compared_with_it(dnnlab: Call, config: Path, runs: Path) -> None:
    first = Path(dnnlab("train", config, "training.epochs=1", "-q")[1].strip()).name
    _, out, _ = dnnlab("train", "last", "activation=elu")
    second = next(path.name[-6:] for path in runs.iterdir() if path.name != first)
    assert (
        f"dnnlab compare {first[-6:]} {second}" in out
        and f"test: not looked at (dnnlab evaluate {second})" in out
    )
    code, out, _ = dnnlab("compare", first[-6:], second)
    assert code == 0 and out.startswith(" 2 runs; ") and "activation" in out


def test_resume_goes_on_to_more_epochs(dnnlab: Call, config: Path, runs: Path) -> None:
    dnnlab("train", config, "-q")
    code, out, err = dnnlab("resume", "last", "--epochs", 5, "--json")
    assert code == 0
    assert json.loads(out)["last"]["epoch"] == 5
    assert "resumed at epoch 3" in err
    assert [line[:9] for line in err.splitlines() if line.startswith("epoch ")] == ["epoch 4/5", "epoch 5/5"]


def test_seeds_give_mean_and_deviation(dnnlab: Call, config: Path, runs: Path) -> None:
    code, out, err = dnnlab("train", config, "seed=5", "--seeds", 3, "--json")
    answer = json.loads(out)
    assert code == 0
    values = [run["best"]["metrics"]["val_accuracy"] for run in answer["runs"]]
    assert answer["mean"]["val_accuracy"] == pytest.approx(statistics.fmean(values))
    assert answer["std"]["val_accuracy"] == pytest.approx(statistics.stdev(values))
    seeds = [json.loads((Path(run["run"]) / "meta.json").read_text())["seed"] for run in answer["runs"]]
    assert seeds == [5, 6, 7]
    assert err.count(" data ") == 1, "the header is shown once"


def test_seeds_in_words_and_quietly(dnnlab: Call, config: Path, runs: Path) -> None:
    _, out, err = dnnlab("train", config, "training.epochs=1", "--seeds", 2)
    assert " 2 seeds (0, 1); mean ± deviation at each run's best epoch by val_accuracy" in out
    assert "done after 1 epoch" in err
    assert out.splitlines()[-1].startswith(" next     dnnlab compare ")
    assert dnnlab(*out.splitlines()[-1].split()[2:])[1].startswith(" 2 runs, 1 group over seed")
    _, out, err = dnnlab("train", config, "training.epochs=1", "--seeds", 2, "--quiet")
    assert err == ""
    assert [Path(line).parent for line in out.splitlines()] == [runs, runs]


def test_a_seed_that_diverges_is_left_out_and_the_others_are_trained(
    dnnlab: Call, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dnnlab.commands.train import train as room
    from dnnlab.errors import DivergedError, Problem

    whole = room.fit

    def fit(session: object) -> object:
        if session.plan.seed == 1:  # type: ignore[attr-defined]
            raise DivergedError(Problem("the loss is nan"))
        return whole(session)  # type: ignore[arg-type]

    monkeypatch.setattr(room, "fit", fit)
    code, out, _ = dnnlab("train", config, "training.epochs=1", "--seeds", 3, "--json")
    answer = json.loads(out)
    assert code == 3
    assert [run["status"] for run in answer["runs"]] == ["done", "diverged", "done"]
    assert answer["std"]["val_loss"] is not None
