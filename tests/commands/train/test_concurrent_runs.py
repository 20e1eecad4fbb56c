"""Many trainings at once."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from helpers.trainings import small, write

CODE = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from dnnlab.commands.train.train import train
from dnnlab.config import load
config = load(Path(sys.argv[1]))
def one(_):
    return list(train(config, Path(sys.argv[2])))[-1].result["status"]
next(train(config, Path(sys.argv[2]) / "warm"))
print("ready", flush=True)
sys.stdin.readline()
with ThreadPoolExecutor(8) as pool:
    print(*pool.map(one, range(8)))
"""


def test_sixteen_trainings_in_the_same_second_get_sixteen_folders(tmp_path: Path) -> None:
    path = write(tmp_path, small(training={"epochs": 1}))
    command = [sys.executable, "-c", CODE, str(path), str(tmp_path / "runs")]
    pipe = subprocess.PIPE
    crowd = [
        subprocess.Popen(command, cwd=Path(__file__).parents[3], text=True, stdin=pipe, stdout=pipe)
        for _ in range(2)
    ]
    for process in crowd:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
    for process in crowd:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [process.communicate(timeout=60)[0] for process in crowd] == [" ".join(["done"] * 8) + "\n"] * 2
    runs = [p for p in (tmp_path / "runs").iterdir() if p.name != "warm"]
    assert len(runs) == 16
    for run in runs:
        assert json.loads((run / "meta.json").read_text())["status"] == "done"
        assert len((run / "metrics.jsonl").read_text().splitlines()) == 1
