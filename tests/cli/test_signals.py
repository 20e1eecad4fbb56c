"""Ctrl-C and SIGTERM, before a training, in it, and twice; pipes that nobody reads."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dnnlab.cli.signals import STATUS, Halt, Interrupts
from dnnlab.engine.stop import Stop

Call = Callable[..., tuple[int, str, str]]
Process = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(autouse=True)
def audible() -> Iterator[None]:
    """Signals reach this process, whatever the shell that started it ignores."""
    before = {number: signal.signal(number, signal.SIG_DFL) for number in STATUS if number != signal.SIGINT}
    before[signal.SIGINT] = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGHUP, pytest.param(signal.SIGUSR1, marks=pytest.mark.slow)])
def test_a_sweep_of_a_job_that_is_ended_loses_nothing(config: Path, runs: Path, number: int) -> None:
    """The signal goes to all processes of the group, as a closed terminal and a cluster send it."""
    command = [sys.executable, "-m", "dnnlab", "sweep", config, "--vary", "optimizer.lr=0.1,0.01,0.001", "-q"]
    slow = ["training.epochs=300", "data.limit=none"]
    sweep = subprocess.Popen([*command, *slow], start_new_session=True, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not list(runs.glob("*/trials/*/metrics.jsonl")) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(sweep.pid, number)
    _, err = sweep.communicate(timeout=60)
    assert sweep.returncode == 143, err
    ledger = next(runs.iterdir()) / "ledger.jsonl"
    assert "died" not in ledger.read_text()
    resumed = subprocess.run(
        [*command[:3], "resume", "last", "-q"], capture_output=True, text=True, timeout=120
    )
    assert resumed.returncode == 0, resumed.stderr
    assert len([row for row in ledger.read_text().splitlines() if '"done"' in row]) == 3


def hit(monkeypatch: pytest.MonkeyPatch, *signals: int) -> None:
    """Let every training be hit by these signals after its second epoch."""
    from dnnlab.commands.train import train as room
    from dnnlab.engine.records import Epoch

    whole = room.fit

    def fit(session: Any) -> Iterator[Any]:
        for record in whole(session):
            if isinstance(record, Epoch) and record.epoch == 2:
                for number in signals:
                    os.kill(os.getpid(), number)
            yield record

    monkeypatch.setattr(room, "fit", fit)


def meta_of(runs: Path) -> dict[str, Any]:
    return dict(json.loads((next(runs.iterdir()) / "meta.json").read_text()))


@pytest.mark.parametrize(
    ("number", "code", "status"),
    [
        (signal.SIGINT, 130, "interrupted"),
        *[
            (number, 143, "terminated")
            for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGXCPU)
        ],
    ],
)
def test_the_first_signal_saves_and_names_the_command_to_go_on(
    dnnlab: Call,
    config: Path,
    runs: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    code: int,
    status: str,
) -> None:
    hit(monkeypatch, number)
    found, out, err = dnnlab("train", config)
    assert found == code
    assert f"{status}: saving a checkpoint; the same again ends at once" in err
    assert out.splitlines()[1].startswith(f" {status} after 2 epochs")
    assert f" next     dnnlab resume {next(runs.iterdir()).name[-6:]}" in out
    assert meta_of(runs)["status"] == status
    monkeypatch.undo()
    monkeypatch.setenv("DNNLAB_RUNS", str(runs))
    assert dnnlab("resume", "last", "-q")[0] == 0
    assert meta_of(runs)["status"] == "done"


def test_an_interrupted_run_in_json(dnnlab: Call, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hit(monkeypatch, signal.SIGINT)
    code, out, _ = dnnlab("train", config, "--json")
    assert (code, json.loads(out)["status"]) == (130, "interrupted")


@pytest.mark.parametrize(
    ("signals", "code"), [((signal.SIGINT, signal.SIGINT), 130), ((signal.SIGINT, signal.SIGTERM), 143)]
)
def test_the_second_signal_ends_at_once(
    dnnlab: Call,
    config: Path,
    runs: Path,
    monkeypatch: pytest.MonkeyPatch,
    signals: tuple[int, ...],
    code: int,
) -> None:
    hit(monkeypatch, *signals)
    found, out, err = dnnlab("train", config)
    assert (found, out) == (code, "")
    assert "ended at once; the last checkpoint stays: dnnlab resume " in err
    assert err.endswith(f"exit {code}\n")
    from dnnlab.rundir import read_run

    assert read_run(next(runs.iterdir())).status == STATUS[signals[-1]]  # the lock is free: it can be resumed


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_before_the_run_is_there_nothing_is_created(
    dnnlab: Call, config: Path, runs: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: int
) -> None:
    from dnnlab.commands.train import train as room

    def build(*_: object, **__: object) -> None:
        os.kill(os.getpid(), number)
        raise AssertionError("the signal came too late")

    monkeypatch.setattr(room, "build", build)
    found, out, err = dnnlab("train", config)
    assert (found, out) == (code, "")
    assert err == " interrupted; nothing was created" + f"exit {code}".rjust(80 - 33) + "\n"
    assert not runs.exists()


def test_the_seeds_that_are_left_are_not_begun(
    dnnlab: Call, config: Path, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hit(monkeypatch, signal.SIGINT)
    code, out, _ = dnnlab("train", config, "--seeds", 3, "--json")
    answer = json.loads(out)
    assert (code, len(answer["runs"]), answer["mean"]) == (130, 1, {})


def test_the_handlers_are_put_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with Interrupts() as interrupts:
        assert signal.getsignal(signal.SIGTERM) == interrupts.handle
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_background_job_goes_on_not_hearing_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with Interrupts():
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_a_handler_asks_first() -> None:
    interrupts, stop = Interrupts(), Stop()
    interrupts.stop = stop
    interrupts.handle(signal.SIGTERM)
    assert stop.status == "terminated"
    with pytest.raises(Halt) as halt:
        interrupts.handle(signal.SIGINT)
    assert halt.value.exit_code == 130


@pytest.mark.parametrize(
    ("number", "code", "status"),
    [
        (signal.SIGINT, 130, "interrupted"),
        pytest.param(signal.SIGTERM, 143, "terminated", marks=pytest.mark.slow),
    ],
)
def test_a_process_that_is_hit_leaves_a_checkpoint(
    process: Process, config: Path, runs: Path, number: int, code: int, status: str
) -> None:
    child = process("train", config, "training.epochs=1000000")
    deadline = time.monotonic() + 120
    while not list(runs.glob("*/metrics.jsonl")) and time.monotonic() < deadline and child.poll() is None:
        time.sleep(0.02)
    child.send_signal(number)
    out, err = child.communicate(timeout=60)
    assert child.returncode == code, err
    assert f" {status} after " in out
    assert "Traceback" not in err
    run = next(runs.iterdir())
    assert (meta_of(runs)["status"], len(list(run.glob("checkpoints/*/MANIFEST.json"))) > 0) == (status, True)


@pytest.mark.slow
@pytest.mark.parametrize("closed", ["stdout", "stderr"])
def test_a_reader_that_has_gone_ends_no_training(
    process: Process, config: Path, runs: Path, closed: str
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    child = process("train", config, **{closed: writing})
    os.close(writing)
    out, err = child.communicate(timeout=60)
    assert (out or "") + (err or "")
    assert "BrokenPipe" not in (out or "") + (err or "")
    assert "Traceback" not in (out or "") + (err or "")
    assert child.returncode == 0
    assert meta_of(runs)["status"] == "done"


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is full")
def test_a_result_that_cannot_be_written_is_an_error(process: Process, config: Path, runs: Path) -> None:
    with Path("/dev/full").open("w") as full:
        child = process("train", config, stdout=full.fileno())
        _, err = child.communicate(timeout=60)
    assert child.returncode == 5
    assert "the result could not be written: No space left on device" in err
    assert "1 problem, the run itself is whole" in err
