"""Killing runs by progress and comparing what became of them: used by `test_kill.py` and by
`benchmarks/kills.py`.

A job is trained once without disturbance (the reference). Then it is trained again and killed (SIGKILL)
whenever its number of rows in steps.jsonl reaches one that was drawn in advance, every third time in the
middle of a checkpoint, and resumed until it is over. Both folders must hold the same: every checkpoint,
tensor by tensor and bit by bit, and every row, apart from times.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file

COMMAND = [sys.executable, "-m", "dnnlab"]
TIMING = frozenset({"seconds", "samples_per_second", "lengths"})
PATIENCE = 600.0  # seconds that a process may take before the harness gives up

JOB = """\
data: {{name: digits, augment: [{{shift: 0.13}}]}}
architecture: {{name: cnn, blocks: [[8], [16]], hidden: [32]}}
normalization: batch
optimizer: {{name: sgd, lr: 0.05, momentum: 0.9}}
schedule: {{name: performance, factor: 0.8, patience: 5, min_lr: 1e-3, warmup: 2 epochs}}
gradient_clipping: {{global_norm: 1.0}}
regularizers: {{dropout: 0.2, mixup: 0.3, ema: 0.99, early_stopping: {{patience: 10000}}}}
training: {{epochs: {epochs}, batch_size: 32, threads: 1}}
checkpoint: {{every: 1 epochs}}
logging: {{steps_every: 5 steps}}
"""


@dataclass(frozen=True)
class Aim:
    """When to kill: at this number of rows; in_checkpoint: then in the middle of the next checkpoint."""

    rows: int
    in_checkpoint: bool


@dataclass(frozen=True)
class Death:
    """What a kill met. in_checkpoint: it left a half-written (or half-deleted) one; before_first: no whole
    checkpoint was there yet.
    """

    rows: int
    in_checkpoint: bool
    before_first: bool


def write_job(folder: Path, epochs: int) -> None:
    """Write the job's config into `folder`."""
    (folder / "job.yaml").write_text(JOB.format(epochs=epochs))


def reference(folder: Path) -> Path:
    """Train the job in `folder` without disturbance, and return the run."""
    process = start(folder, "reference", "train", folder / "job.yaml")
    finish(process, folder / "reference.err")
    return the_run(folder / "reference")


def draw(run: Path, kills: int, rng: np.random.Generator, *, already: int = 0) -> list[Aim]:
    """Aims for one life, rising.

    Of all kills (`already` came before) every third is in a checkpoint, the very first before any.
    """
    rows = [json.loads(line)["epoch"] for line in (run / "steps.jsonl").read_bytes().splitlines()]
    first_epoch, last = rows.count(rows[0]), len(rows) - rows.count(rows[-1])
    drawn = sorted(int(n) for n in rng.choice(np.arange(first_epoch, last), kills, replace=False))
    if already == 0:
        drawn[0] = int(rng.integers(1, first_epoch))
    return [Aim(n, (already + i) % 3 == 2) for i, n in enumerate(drawn)]


def live(folder: Path, name: str, aims: list[Aim]) -> tuple[Path, list[Death]]:
    """Train the job in `folder`/`name`, die at every aim, resume each time up to the end.

    The run and its deaths.
    """
    process = start(folder, name, "train", folder / "job.yaml")
    deaths: list[Death] = []
    for aim in aims:
        beyond = (
            deaths[-1].rows + 1 if deaths else 1
        )  # a resumed process must get ahead before it is killed again
        death = kill(process, folder / name, Aim(max(aim.rows, beyond), aim.in_checkpoint))
        if death is None:
            break
        deaths.append(death)
        process = start(folder, name, "resume", the_run(folder / name))
    finish(process, folder / f"{name}.err")
    return the_run(folder / name), deaths


def start(folder: Path, name: str, verb: str, what: Path) -> subprocess.Popen[bytes]:
    """Start `dnnlab train CONFIG` or `dnnlab resume RUN`; what it says on stderr is in
    `folder`/`name`.err.
    """
    with (folder / f"{name}.err").open("wb") as err:
        command = [*COMMAND, verb, str(what), "--runs-dir", str(folder / name), "--quiet"]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=err)


def finish(process: subprocess.Popen[bytes], err: Path) -> None:
    """Wait for the end. Raises `AssertionError` with what the process said, unless it ended well."""
    code = process.wait(PATIENCE)
    assert code == 0, f"exit {code}: {err.read_text()}"


def the_run(runs: Path) -> Path:
    """The one run in a folder of runs."""
    (run,) = (path for path in runs.iterdir() if path.is_dir())
    return run


def kill(process: subprocess.Popen[bytes], runs: Path, aim: Aim) -> Death | None:
    """Watch the run until the aim is reached, then SIGKILL the process. None where it ended before."""
    leftovers: set[tuple[str, int]] | None = None
    counted = Rows()
    for run in watched(process, runs):
        leftovers = unfinished(run) if leftovers is None else leftovers
        if counted.count(run / "steps.jsonl") >= aim.rows and (
            not aim.in_checkpoint or unfinished(run) - leftovers
        ):
            process.kill()
            process.wait()
            whole = any((run / "checkpoints").glob("*/MANIFEST.json"))
            return Death(counted.count(run / "steps.jsonl"), bool(unfinished(run) - leftovers), not whole)
        if not aim.in_checkpoint or counted.rows < aim.rows:
            time.sleep(0.001)
    return None


def watched(process: subprocess.Popen[bytes], runs: Path) -> Iterator[Path]:
    """The run again and again, as soon as there is one, until the process ends.

    Raises `TimeoutError` when it never does.
    """
    deadline, run = time.monotonic() + PATIENCE, None
    while process.poll() is None:
        if time.monotonic() > deadline:
            process.kill()
            raise TimeoutError(f"{runs}: not over after {PATIENCE:g} s")
        if run is None:
            run = next((path for path in runs.glob("*") if (path / "steps.jsonl").exists()), None)
            time.sleep(0.001)
        else:
            yield run


class Rows:
    """Counts the lines of a file that grows, reading only what is new; a file that was cut is read again."""

    def __init__(self) -> None:
        self.rows = self.place = 0

    def count(self, file: Path) -> int:
        """Whole lines by now."""
        with file.open("rb") as stream:
            if stream.seek(0, 2) < self.place:
                self.rows = self.place = 0
            stream.seek(self.place)
            new = stream.read()
        self.rows, self.place = self.rows + new.count(b"\n"), self.place + len(new)
        return self.rows


def unfinished(run: Path) -> set[tuple[str, int]]:
    """Checkpoint folders without their commit mark: name and time of the last change, so that one made anew
    counts anew.
    """
    found = set()
    for path in (run / "checkpoints").glob("*"):
        try:
            if not (path / "MANIFEST.json").exists():
                found.add((path.name, path.stat().st_mtime_ns))
        except FileNotFoundError:
            continue  # deleted between the two looks
    return found


def differences(run: Path, expected: Path) -> list[str]:
    """What differs between two runs, in words; times and lengths of files apart."""
    found = []
    for file in sorted({path.name for path in [*run.glob("*.jsonl"), *expected.glob("*.jsonl")]}):
        ours, theirs = (lines(path / file) for path in (run, expected))
        if ours != theirs:
            first = next(
                (i for i, (a, b) in enumerate(zip(ours, theirs, strict=False), 1) if a != b),
                min(len(ours), len(theirs)) + 1,
            )
            found.append(
                f"{file}: {len(ours)} rows, expected {len(theirs)}; they differ from line {first} on"
            )
    meta, wanted = (without_times(json.loads((path / "meta.json").read_bytes())) for path in (run, expected))
    found += [
        f"meta.json {key}: {meta[key]}, expected {wanted[key]}"
        for key in ("status", "best", "last")
        if meta[key] != wanted[key]
    ]
    ours, theirs = checkpoints(run), checkpoints(expected)
    if ours.keys() != theirs.keys():
        found.append(f"checkpoints of steps {sorted(ours)}, expected {sorted(theirs)}")
    for step in ours.keys() & theirs.keys():
        names = sorted({*ours[step], *theirs[step]})
        found += [
            f"checkpoint of step {step}: {name}"
            for name in names
            if ours[step].get(name) != theirs[step].get(name)
        ]
    return found


def lines(file: Path) -> list[Any]:
    """The rows of a JSONL file without their times; none where there is no file."""
    return (
        [without_times(json.loads(line)) for line in file.read_bytes().splitlines()] if file.exists() else []
    )


def checkpoints(run: Path) -> dict[int, dict[str, Any]]:
    """Step -> everything in its checkpoint: `file/tensor` -> type, shape and bytes; state.json
    without times.
    """
    found = {}
    for path in (run / "checkpoints").iterdir():
        state = json.loads((path / "state.json").read_bytes())
        content: dict[str, Any] = {"state.json": without_times(state)}
        for file in path.glob("*.safetensors"):
            for name, array in load_file(file).items():
                content[f"{file.stem}/{name}"] = (array.dtype.str, array.shape, array.tobytes())
        found[state["step"]] = content
    return found


def without_times(value: Any) -> Any:
    """A JSON value without the keys that no two runs share."""
    if isinstance(value, dict):
        return {key: without_times(item) for key, item in value.items() if key not in TIMING}
    return [without_times(item) for item in value] if isinstance(value, list) else value
