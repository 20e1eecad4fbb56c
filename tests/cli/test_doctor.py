"""`dnnlab doctor`, and the verdict at the end of a training."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

Call = Callable[..., tuple[int, str, str]]
TOO_HIGH = ("optimizer={name: sgd, lr: 60}", "training.epochs=6", "data.limit=1000")


@pytest.fixture
def sick(dnnlab: Call, config: Path) -> tuple[str, str]:
    """The folder of a run whose rate is far too high, and the end of its screen."""
    code, out, _ = dnnlab("train", config, *TOO_HIGH)
    assert code == 0
    return out.split(" run      ")[1].split()[0], out


def test_the_end_of_a_training_tells_the_first_verdict(sick: tuple[str, str], dnnlab: Call) -> None:
    run, out = sick
    told = json.loads((Path(run) / "verdicts.json").read_text())
    assert told["verdicts"][0]["name"] == "learning_rate_too_high"
    assert "\n CRITICAL learning_rate_too_high since epoch 1: a step moved the weights by" in out
    assert "          try  -s optimizer.lr=0." in out
    following = out.split(" next ")[1].split(" run ")[0]
    assert (
        f"dnnlab doctor {run[-6:]}" in following and f"dnnlab train {run[-6:]} optimizer.lr=0." in following
    )
    assert max(len(line) for line in out.splitlines() if "run  " not in line) <= 80


def test_a_healthy_training_says_nothing_of_it(dnnlab: Call, config: Path, runs: Path) -> None:
    _, out, _ = dnnlab("train", config)
    assert "warning" not in out and "try  " not in out
    code, out, _ = dnnlab("doctor", "last", "--fail-on", "note")
    assert code == 0
    assert " nothing to mend: 25 looked at (--all)" in out.splitlines()


def test_the_screen_of_the_design(sick: tuple[str, str], dnnlab: Call) -> None:
    run, _ = sick
    code, out, _ = dnnlab("doctor", "last")
    lines = out.splitlines()
    assert code == 0
    assert lines[0] == f" …-small-{run[-6:]} · done after 6 epochs · " + lines[0].split(" · ")[2]
    assert lines[1] == " CRITICAL learning_rate_too_high, since epoch 1"
    assert [line[:8].strip() for line in lines if line[3:4].strip() and line.startswith("   ")] == [
        "seen",
        "why",
        "do",
    ]
    assert any(
        line.startswith(" CRITICAL not_learning, since epoch 1: follows from learning_rate_too_high")
        for line in lines
    )
    assert max(map(len, lines)) <= 80


def test_what_it_proposes_can_be_typed(sick: tuple[str, str], dnnlab: Call) -> None:
    _, out, _ = dnnlab("doctor", "last")
    command = next(line for line in out.splitlines() if line.startswith(" next ")).split("        ")[0]
    words = shlex.split(command)[1:]
    assert words[:2] == ["dnnlab", "train"]
    assert dnnlab(*words[1:], "-q")[0] == 0
    assert "learning_rate_too_high" in json.loads(dnnlab("doctor", "last", "--json")[1])["fine"]


def test_all_shows_consequences_and_what_is_fine(sick: tuple[str, str], dnnlab: Call) -> None:
    _, brief, _ = dnnlab("doctor", "last")
    _, out, _ = dnnlab("doctor", "last", "--all")
    assert "not shown (--all)" in brief
    assert "note dead_units" in out and "note dead_units" not in brief
    assert "   fine   " in out and "class_imbalance" in out


@pytest.mark.parametrize(("severity", "code"), [("note", 1), ("warning", 1), ("critical", 1)])
def test_fail_on(sick: tuple[str, str], dnnlab: Call, severity: str, code: int) -> None:
    assert dnnlab("doctor", "last", "--fail-on", severity)[0] == code


def test_a_severity_that_there_is_not(dnnlab: Call, runs: Path) -> None:
    code, _, err = dnnlab("doctor", "last", "--fail-on", "bad")
    assert code == 2
    assert "received --fail-on bad; expected note, warning, critical" in err


def test_the_json_face(sick: tuple[str, str], dnnlab: Call) -> None:
    code, out, _ = dnnlab("doctor", "last", "--json")
    told = json.loads(out)
    assert code == 0
    assert set(told) == {"run", "status", "verdicts", "fine", "skipped", "problems"}
    assert {"name", "severity", "since_epoch", "evidence", "why", "advice"} <= set(told["verdicts"][0])
    assert told["verdicts"][0]["advice"][0]["command"].startswith(
        f"dnnlab train {told['run'][-6:]} optimizer.lr="
    )


def test_nothing_is_written(sick: tuple[str, str], dnnlab: Call) -> None:
    folder = Path(sick[0])
    before = {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in folder.rglob("*") if p.is_file()}
    dnnlab("doctor", "last", "--all")
    assert {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in folder.rglob("*") if p.is_file()} == before


def test_a_run_that_diverged_is_told_too(dnnlab: Call, config: Path, runs: Path) -> None:
    code, _, err = dnnlab("train", config, "optimizer={name: sgd, lr: 1e30}")
    assert code == 3
    assert " CRITICAL learning_rate_too_high" in err or " CRITICAL diverged" in err
    told = json.loads(dnnlab("doctor", "last", "--json")[1])
    assert "diverged" in [v["name"] for v in told["verdicts"]]


def test_records_that_were_turned_off_are_named(dnnlab: Call, config: Path, runs: Path) -> None:
    off = (
        "logging.update_ratio_every=none",
        "logging.gradient_norm_every=none",
        "logging.activations_every=none",
    )
    dnnlab("train", config, *off, "-q")
    _, out, _ = dnnlab("doctor", "last", "--all")
    assert "could not be" in out
    assert "skip   vanishing_gradients: turn on logging.gradient_norm_every" in out
    assert "learning_rate_too_high: turn on logging.update_ratio_every" in out


def test_other_runs_folders_stand_in_the_commands(dnnlab: Call, config: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "other runs"
    _, out, _ = dnnlab("train", config, *TOO_HIGH, "--runs-dir", elsewhere)
    command = next(line for line in out.splitlines() if "dnnlab train" in line and "optimizer.lr" in line)
    assert dnnlab(*shlex.split(command.replace(" next ", ""))[1:], "-q")[0] == 0
    _, out, _ = dnnlab("doctor", "last", "--runs-dir", elsewhere)
    assert f"--runs-dir '{elsewhere}'" in out


def test_the_installation(dnnlab: Call, runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, _ = dnnlab("doctor")
    names = [line.split()[0] for line in out.splitlines() if line.startswith(" ") and line[1] != " "]
    assert code == 0
    assert names[:5] == ["dnnlab", "python", "packages", "cpu", "threads"]
    assert "nothing to mend" in out
    assert not runs.exists(), "looking makes no folder"
    runs.write_text("")
    monkeypatch.setenv("DNNLAB_DATA", str(runs))
    code, out, _ = dnnlab("doctor", "--json")
    told = {fact["name"]: fact for fact in json.loads(out)["installation"]}
    assert code == 1
    assert told["runs"]["well"] is False and told["data"]["well"] is False


def test_no_such_run(dnnlab: Call, runs: Path) -> None:
    code, _, err = dnnlab("doctor", "nothing")
    assert code == 2
    assert "there are no runs" in err and "nothing was written" in err
