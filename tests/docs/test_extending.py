"""The change that docs/extending.md shows works: a new record file, written by a training and read by the
doctor's rules.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from helpers.doc_blocks import ROOT, blocks_of

PROGRAM = """
import dnnlab
from dnnlab.commands.doctor.read_records import records_of
from dnnlab.rundir.run_record import read_record
from dnnlab.rundir.run_record import RunRecord

assert dnnlab.__file__.startswith(FOLDER), dnnlab.__file__
config = {"data": "digits", "training": {"epochs": 1}, "logging": {"probes": {"weight_norm": "10 steps"}}}
run = dnnlab.train(config)
records = records_of(RunRecord(run.view), "last")
print(sorted(records.weights[0].values), len(records.weights))
"""


def test_the_record_file_of_the_page(tmp_path: Path) -> None:
    (block,) = [block for block in blocks_of(ROOT / "docs" / "extending.md") if block.action == "patch"]
    touched = re.findall(r"^diff --git", block.text, re.MULTILINE)
    assert len(touched) <= 3
    shutil.copytree(ROOT / "dnnlab", tmp_path / "dnnlab", ignore=shutil.ignore_patterns("__pycache__"))
    patch = ["git", "apply", "-"]
    subprocess.run(patch, input=block.text, text=True, cwd=tmp_path, check=True)
    program = PROGRAM.replace("FOLDER", repr(str(tmp_path)))
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path, env=environment
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "['hidden1.weight', 'output.weight'] 4\n", done.stdout
