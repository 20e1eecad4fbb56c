"""The reference names every key of `--json` and of the run folder, and none that does not exist."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from helpers.doc_blocks import ROOT

from dnnlab.cli.main import run as command_line
from dnnlab.rundir.status import RunStatus

REFERENCE = ROOT / "docs" / "reference"
CONFIG = """
data: {name: digits, limit: 200}
architecture: {hidden: [16]}
regularizers: {l2: 1e-4, dropout: 0.1, ema: 0.9}
gradient_clipping: {global_norm: 1.0}
training: {epochs: 3}
"""
FEW = ("training.epochs=1",)
COMMANDS: dict[str, tuple[str, ...]] = {
    "train": ("train", "small.yaml"),
    "train --seeds": ("train", "small.yaml", "--seeds", "2", *FEW),
    "runs": ("runs",),
    "weights": ("weights", "last"),
    "compare": ("compare", "last"),
    "check": ("check", "small.yaml", "--static"),
    "doctor": ("doctor", "last"),
    "doctor without a run": ("doctor",),
    "evaluate": ("evaluate", "last"),
    "list": ("list", "schedule"),
    "sweep": ("sweep", "small.yaml", "--vary", "activation=relu,elu", *FEW),
    "lr-find": ("lr-find", "small.yaml"),
    "report": ("report", "last~1"),
    "watch --once": ("watch", "last~1", "--once"),
    "new": ("new", "other.yaml"),
    "plot": ("plot", "last~1", "loss", "--out", "loss.png"),
    "repair": ("repair", "last"),
    "remove": ("remove", "last~1", "--yes"),
    "An error": ("train", "no_such_file.yaml"),
}


def sections(page: str) -> dict[str, set[str]]:
    """Heading -> the keys in the first two columns of its table, where they are code."""
    found: dict[str, set[str]] = {}
    title = ""
    for line in (REFERENCE / page).read_text(encoding="utf-8").split("\n"):
        if line.startswith("#"):
            title = line.lstrip("# ")
        elif line.startswith("| `"):
            found.setdefault(title, set()).update(re.findall(r"`([\w.]+)`", line.split(" | ")[0]))
    return found


@pytest.fixture(scope="module")
def call(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Run a command with --json in a folder that all of them share; what it prints, read."""
    folder = tmp_path_factory.mktemp("json")
    (folder / "small.yaml").write_text(CONFIG)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("DNNLAB_RUNS", raising=False)

        def answer(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
            with pytest.raises(SystemExit):
                command_line([*words, "--json"])
            return json.loads(capsys.readouterr().out)

        yield answer


@pytest.mark.parametrize("heading", COMMANDS)
def test_the_page_names_the_keys_of_the_answer(
    heading: str, call: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    answer = call(capsys, *COMMANDS[heading])
    keys = set(answer[0] if isinstance(answer, list) else answer)
    named = sections("json.md")[heading]
    assert keys - named == set(), "not in docs/reference/json.md"
    assert named - keys - {"per_target"} == set(), "docs/reference/json.md names what does not exist"


def test_the_page_names_the_keys_and_files_of_a_run(
    call: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    source = call(capsys, "train", "small.yaml")["run"]
    folder = Path(call(capsys, "train", "small.yaml", f"reuse.from={source}")["run"])
    call(capsys, "evaluate", str(folder))
    text = (REFERENCE / "run-folder.md").read_text(encoding="utf-8")
    for path in folder.iterdir():
        assert path.name in text, path.name
    named = sections("run-folder.md")
    checkpoint = max((folder / "checkpoints").iterdir())
    for path in (*folder.glob("*.json"), *checkpoint.glob("*.json")):
        keys = set(json.loads(path.read_text())) - {"nonfinite"}
        assert keys == named[path.name] - {"plugin_parts"}, path.name  # that key: only with plugins
    assert {path.name for path in checkpoint.iterdir()} == named["A checkpoint"]


def test_the_page_names_the_keys_of_the_rows(
    call: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(call(capsys, "train", "small.yaml")["run"])
    text = (REFERENCE / "run-folder.md").read_text(encoding="utf-8")
    for path in folder.glob("*.jsonl"):
        for line in path.read_text().splitlines():
            for key in json.loads(line):
                if not re.match(r"(train|train_eval|val)_", key):
                    assert f"`{key}`" in text, f"{path.name}: {key}"


def test_the_page_names_every_status() -> None:
    text = (REFERENCE / "run-folder.md").read_text(encoding="utf-8")
    section = text.split("## Status\n")[1].split("\n## ")[0]
    assert set(re.findall(r"`(\w+)`", section)) == {str(status) for status in RunStatus}
