"""Commands that need no tensor answer without importing torch or scikit-learn."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROBE = """
import sys
from dnnlab.cli.main import run
sys.argv = ["dnnlab", *sys.argv[1:]]
code = 0
try:
    run()
except SystemExit as end:
    code = end.code or 0
heavy = sorted({"torch", "sklearn", *HEAVY} & set(sys.modules))
print(f"\\n{code} {heavy}", file=sys.stderr)
"""
CONFIG = """
data: digits
architecture: {name: cnn, blocks: [[4]], hidden: [8]}
normalization: batch
regularizers: {dropout: 0.2}
training: {epochs: 1, batch_size: 256}
"""
SWEEP = "base: config.yaml\nsearch: {optimizer.lr: {log_uniform: [1e-4, 1e-2]}}\ntrials: 2\nworkers: 1\n"
HELP = [
    "train",
    "sweep",
    "resume",
    "check",
    "evaluate",
    "predict",
    "lr-find",
    "plot",
    "show",
    "report",
    "watch",
]
COMMANDS = [
    ("--help", 0),
    *((f"{command} --help", 0) for command in HELP),
    ("list", 0),
    ("list optimizer", 0),
    ("show adam", 0),
    ("show RUN", 0),
    ("show RUN --json", 0),
    ("show SWEEP", 0),
    ("show SWEEP --json", 0),
    ("resume RUN", 2),
    ("resume SWEEP", 2),
    ("runs", 0),
    ("weights RUN", 0),
    ("weights nowhere.keras", 2),
    ("compare RUN", 0),
    ("remove nothing", 2),
    ("schema", 0),
    ("doctor RUN", 0),
    ("watch RUN", 0),
    ("plot schedule.cosine", 0),
    ("plot RUN loss", 0),
    ("plot wrong.yaml schedule", 2),
    ("new another.yaml", 0),
    ("report SWEEP", 2),
    ("check config.yaml --static", 0),
    ("train wrong.yaml", 2),
]


def dnnlab(folder: Path, *words: str, heavy: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", PROBE.replace("HEAVY", repr(heavy)), *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a finished run and a finished sweep."""
    folder = tmp_path_factory.mktemp("work")
    (folder / "config.yaml").write_text(CONFIG)
    (folder / "sweep.yaml").write_text(SWEEP)
    (folder / "wrong.yaml").write_text("data: digits\narchitecture: {name: mlp, hiden: [100]}\n")
    for command in ("train config.yaml", "sweep sweep.yaml"):
        done = dnnlab(folder, *command.split(), "--quiet")
        assert done.stderr.splitlines()[-1].startswith("0 "), done.stderr
    return folder


def named(folder: Path, name: str) -> str:
    """The run or the sweep, as a path."""
    sweeps = [path.parent for path in folder.glob("runs/*/ledger.jsonl")]
    runs = [path.parent for path in folder.glob("runs/*/metrics.jsonl")]
    return str((sweeps if name == "SWEEP" else runs)[0].relative_to(folder))


@pytest.mark.parametrize(("command", "code"), COMMANDS)
def test_torch_is_not_imported(folder: Path, command: str, code: int) -> None:
    words = [named(folder, word) if word in ("RUN", "SWEEP") else word for word in command.split()]
    done = dnnlab(folder, *words)
    assert done.stderr.splitlines()[-1] == f"{code} []", done.stderr


@pytest.mark.parametrize("command", ["show SWEEP", "doctor RUN", "runs", "compare RUN"])
def test_folders_are_read_without_numpy(folder: Path, command: str) -> None:
    words = [named(folder, word) if word in ("RUN", "SWEEP") else word for word in command.split()]
    done = dnnlab(folder, *words, heavy=("numpy", "jinja2", "matplotlib"))
    assert done.stderr.splitlines()[-1] == "0 []", done.stderr


def test_a_run_is_shown_alike_with_and_without_its_kept_layers(folder: Path) -> None:
    run = folder / named(folder, "RUN")
    kept = (run / "layers.json").read_text()
    answers = [dnnlab(folder, "show", str(run)).stdout]
    damaged = json.loads(kept)
    damaged["layers"][0].pop("name")
    try:
        for text in ("{", "[]", '{"layers": {}, "totals": {}}', json.dumps(damaged)):
            (run / "layers.json").write_text(text)
            answers.append(dnnlab(folder, "show", str(run)).stdout)
        (run / "layers.json").unlink()
        answers.append(dnnlab(folder, "show", str(run)).stdout)
    finally:
        (run / "layers.json").write_text(kept)
    assert "conv 3x3" in answers[0] and len(set(answers)) == 1
