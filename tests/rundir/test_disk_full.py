"""A full disk and a kill in the middle of saving."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

from dnnlab.rundir import Checkpoint, RunFolder, find_run, read_run, reopen

Make = Callable[..., Checkpoint]


def test_a_full_disk_costs_nothing_but_this_checkpoint(
    folder: RunFolder, make_checkpoint: Make, python: Callable[..., subprocess.Popen[str]]
) -> None:
    earlier = folder.save_checkpoint(make_checkpoint(10))
    folder.close()
    limits = [0, 100, 300, 60_000, 1_100_000]  # bytes: fails in the first file, the second, the third
    code = """
import resource, sys, torch
from pathlib import Path
from dnnlab.rundir import Checkpoint, reopen
folder = reopen(Path(sys.argv[1]))
big = {"w": torch.zeros(250_000)}
for limit in map(int, sys.argv[2:]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    try:
        small, slots = {"w": torch.zeros(9)}, {0: torch.zeros(500_000)}
        folder.save_checkpoint(Checkpoint(2, 20, None, None, True, small, big, None, slots, {}))
    except Exception as error:
        print(type(error).__name__, error)
    loaded = folder.newest_checkpoint()
    print(loaded.checkpoint.step, loaded.skipped, [path.name for path in loaded.path.parent.iterdir()])
"""
    out, err = python(code, folder.path, *limits).communicate(timeout=60)
    assert err == ""
    answers = out.splitlines()
    assert len(answers) == 2 * len(limits)
    assert answers[1::2] == [f"10 [] ['{earlier.name}']"] * len(limits)
    for message in answers[::2]:
        assert (
            message.startswith("StorageError")
            and "the checkpoint of step 20 could not be written: File too large" in message
        )
        assert (
            "whatever was saved before is intact" in message
            and f"then `dnnlab resume {folder.path.name}`" in message
        )


def test_a_writer_killed_at_any_moment_leaves_what_it_had_announced(
    runs: Path, make_checkpoint: Make, python: Callable[..., subprocess.Popen[str]]
) -> None:
    code = """
import sys, torch
from pathlib import Path
from dnnlab.rundir import Checkpoint, create
folder = create(Path(sys.argv[1]), "x")
for step in range(1, 10_000):
    folder.append("steps.jsonl", {"step": step})
    weights = {"w": torch.full((50_000,), float(step))}
    folder.save_checkpoint(Checkpoint(1, step, None, None, step % 5 == 0, weights))
    print(step, flush=True)
"""
    process = python(code, runs)
    assert process.stdout is not None
    announced = [int(process.stdout.readline()) for _ in range(12)]
    process.kill()
    announced += [int(line) for line in process.communicate(timeout=10)[0].splitlines()]
    with reopen(find_run("last", runs)) as folder:
        loaded = folder.newest_checkpoint()
        assert loaded is not None and loaded.checkpoint.step >= announced[-1]
        assert loaded.checkpoint.model["w"].eq(loaded.checkpoint.step).all()
        folder.truncate(loaded.lengths)
        assert [row["step"] for row in read_run(folder.path).rows("steps.jsonl")] == list(
            range(1, loaded.checkpoint.step + 1)
        )
        folder.save_checkpoint(make_checkpoint(loaded.checkpoint.step + 1))
        assert len(list((folder.path / "checkpoints").iterdir())) <= 3
