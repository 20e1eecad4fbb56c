"""Exit codes and texts of everything that goes wrong."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dnnlab.errors import DivergedError, DnnlabError, OutOfMemoryError, Problem, StorageError

Call = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["trian"], "No such command 'trian'. Did you mean 'train'? `dnnlab --help` shows what dnnlab takes"),
        (["x'y"], "No such command"),
        (["train"], "Missing argument 'CONFIG|RUN'; `dnnlab train --help` shows what dnnlab train takes"),
        (
            ["train", "x.yaml", "--nope"],
            "No such option: --nope; `dnnlab train --help` shows what dnnlab train takes",
        ),
        (
            ["train", "x.yaml", "--quit"],
            (
                "No such option: --quit (Possible options: --quiet); `dnnlab train --help` shows what "
                "dnnlab train takes"
            ),
        ),
        (["train", "x.yaml", "--seeds", "0"], "'--seeds'"),
        (["resume", "last", "--epochs", "many"], "'--epochs'"),
    ],
)
def test_a_command_line_that_cannot_be_read(dnnlab: Call, runs: Path, words: list[str], text: str) -> None:
    code, out, err = dnnlab(*words)
    assert (code, out) == (2, "")
    assert text in err
    assert err.splitlines()[-1].startswith(" 1 problem, nothing was created")
    assert err.endswith("exit 2\n")
    assert not runs.exists()


def test_a_command_line_that_cannot_be_read_in_json(dnnlab: Call) -> None:
    code, out, _ = dnnlab("train", "--json", "--nope")
    assert code == 2
    assert json.loads(out)["error"]["code"] == "usage"


def test_problems_of_a_config_come_together(dnnlab: Call, config: Path, runs: Path) -> None:
    config.write_text(
        "data: digits\noptimizer: {learning_rate: 0.1}\nactivation: relo\ntraining: {epochs: 0}\n"
    )
    code, out, err = dnnlab("train", config)
    assert (code, out) == (2, "")
    lines = err.splitlines()
    assert len(lines) == 4
    assert lines[0].startswith(f" {config}:2:13 optimizer.learning_rate: no such key")
    assert "did you mean relu?" in lines[1]
    assert lines[3] == " 3 problems, nothing was created" + "exit 2".rjust(80 - 32)
    assert not runs.exists()


def test_problems_of_a_config_in_json(dnnlab: Call, config: Path) -> None:
    code, out, err = dnnlab("train", config, "--json", "training.epochs=-1", "activation=relo")
    error = json.loads(out)["error"]
    assert (code, error["code"]) == (2, "config")
    assert {problem["path"] for problem in error["problems"]} == {"training.epochs", "activation"}
    assert set(error["problems"][0]) == {
        "path",
        "file",
        "line",
        "column",
        "received",
        "expected",
        "fix",
        "code",
    }
    assert "2 problems" in err


def test_data_that_do_not_fit_create_nothing(dnnlab: Call, config: Path, runs: Path) -> None:
    code, _, err = dnnlab("train", config, "loss=binary_cross_entropy")
    assert code == 2
    assert "binary_cross_entropy does not fit targets" in err
    assert not runs.exists()


def test_a_run_that_is_done_is_left_alone(dnnlab: Call, config: Path) -> None:
    dnnlab("train", config, "--quiet")
    code, out, err = dnnlab("resume", "last")
    assert (code, out) == (2, "")
    assert "is done: 3 of 3 epochs; --epochs N goes on" in err
    assert "1 problem, the run is as it was" in err


def failing(error: BaseException, monkeypatch: pytest.MonkeyPatch, after: int = 1) -> None:
    """Let every training end with this error after so many epochs."""
    from dnnlab.commands.train import train as room
    from dnnlab.engine.records import Epoch

    whole = room.fit

    def fit(session: Any) -> Iterator[Any]:
        epochs = 0
        for record in whole(session):
            yield record
            epochs += isinstance(record, Epoch)
            if epochs == after:
                raise error

    monkeypatch.setattr(room, "fit", fit)


@pytest.mark.parametrize(
    ("error", "code", "following"),
    [
        (DivergedError(Problem("the loss is nan at step 9")), 3, "dnnlab train {} optimizer.lr=0.0001"),
        (OutOfMemoryError(Problem("no memory left")), 4, "dnnlab train {} training.batch_size=16"),
        (StorageError(Problem("the disk is full")), 5, "dnnlab resume {}"),
        (DnnlabError(Problem("something else")), 1, "dnnlab resume {}"),
    ],
)
def test_a_run_that_fails_says_where_it_is_and_how_to_go_on(
    dnnlab: Call,
    config: Path,
    runs: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: DnnlabError,
    code: int,
    following: str,
) -> None:
    failing(error, monkeypatch)
    found, out, err = dnnlab("train", config)
    run = next(runs.iterdir())
    assert (found, out) == (code, "")
    last = [line for line in err.splitlines() if not line.startswith("epoch ")]
    at = last.index(f" {error.problems[0]}")
    assert last[at + 1] == f" next     {following.format(run.name[-6:])}"
    assert last[at + 2].startswith(f" run      {run}")
    assert err.endswith(f"exit {code}\n")


def test_a_run_that_fails_in_json(
    dnnlab: Call, config: Path, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(DivergedError(Problem("the loss is nan at step 9", code="diverged")), monkeypatch)
    code, out, _ = dnnlab("train", config, "--json")
    answer = json.loads(out)
    assert (code, answer["error"]["code"], answer["run"]) == (3, "diverged", str(next(runs.iterdir())))


@pytest.mark.parametrize("words", [[], ["--quiet"], ["--json"]])
def test_a_bug_shows_one_line_and_leaves_its_traceback_in_the_log(
    dnnlab: Call, config: Path, runs: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    failing(TypeError("a\nb"), monkeypatch)
    code, _, err = dnnlab("train", config, *words)
    run = next(runs.iterdir())
    assert code == 1
    assert f"dnnlab failed: TypeError: a; this is a bug; {run / 'log.txt'} says where" in err
    assert "Traceback" not in err
    assert "Traceback" in (run / "log.txt").read_text()
    assert json.loads((run / "meta.json").read_text())["status"] == "failed"


def test_a_bug_before_the_run_is_there(dnnlab: Call, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dnnlab.commands.train import train as room

    def build(*_: object, **__: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr(room, "build", build)
    code, _, err = dnnlab("train", config)
    assert code == 1
    assert "dnnlab failed: KeyError: 'x'; this is a bug; DNNLAB_DEBUG=1 shows where" in err
    assert "Traceback" not in err
    monkeypatch.setenv("DNNLAB_DEBUG", "1")
    assert "Traceback" in dnnlab("train", config)[2]


def test_a_bug_of_the_screen_leaves_a_failed_run(
    dnnlab: Call, config: Path, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dnnlab.render.screens.train import TrainScreen

    def epoch(self: TrainScreen, event: object) -> None:
        raise ZeroDivisionError("of the screen")

    monkeypatch.setattr(TrainScreen, "epoch", epoch)
    code, _, err = dnnlab("train", config)
    assert code == 1
    assert "dnnlab failed: ZeroDivisionError: of the screen" in err
    assert json.loads((next(runs.iterdir()) / "meta.json").read_text())["status"] == "failed"


def test_a_run_folder_that_is_removed_in_the_last_epoch_ends_with_exit_5(
    dnnlab: Call, config: Path, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dnnlab.commands.train import train as room
    from dnnlab.engine.records import Step

    whole = room.fit

    def fit(session: Any) -> Iterator[Any]:
        for record in whole(session):
            if isinstance(record, Step) and record.epoch == 3 and record.in_epoch == 2:
                shutil.rmtree(next(runs.iterdir()))
            yield record

    monkeypatch.setattr(room, "fit", fit)
    code, out, err = dnnlab("train", config)
    assert (code, out) == (5, "")
    assert "the run folder was removed while the run was written; expected it to stay; train it again" in err
    assert "resume" not in err.splitlines()[-1] and "Traceback" not in err
    assert not list(runs.iterdir()), "nothing is made anew"
