"""A listener that forgets an event, or handles one that a training never sends, fails the type check."""

import subprocess
import sys
from pathlib import Path

import pytest

HANDLER = """
from typing import assert_never

from dnnlab.commands.sweep.events import Begun, Moment, Over, StageBegun, SweepEvent, TrialOver
from dnnlab.commands.train.events import Finished, Note, Saved, Started, TrainEvent
from dnnlab.engine.records import End, Epoch, Step


def handle(event: {union}) -> None:
    match event:
        case {cases}:
            pass
        case _:
            assert_never(event)
"""
TRAIN = "Started() | Note() | Step() | Epoch() | Saved() | Finished()"
SWEEP = "Begun() | StageBegun() | Note() | Moment() | TrialOver() | Over()"
SNIPPETS = {
    "all_of_train": (HANDLER.format(union="TrainEvent", cases=TRAIN), ""),
    "all_of_sweep": (HANDLER.format(union="SweepEvent", cases=SWEEP), ""),
    "without_saved": (
        HANDLER.format(union="TrainEvent", cases=TRAIN.replace(" | Saved()", "")),
        'Argument 1 to "assert_never" has incompatible type "Saved"',
    ),
    "without_moment": (
        HANDLER.format(union="SweepEvent", cases=SWEEP.replace(" | Moment()", "")),
        'Argument 1 to "assert_never" has incompatible type "Moment"',
    ),
    "unknown_event": (
        HANDLER.format(union="TrainEvent", cases=TRAIN)
        + "\n\ndef send(end: End) -> None:\n    handle(end)\n",
        'Argument 1 to "handle" has incompatible type "End"',
    ),
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What mypy says of all snippets, in one run."""
    pytest.importorskip("mypy")
    folder = tmp_path_factory.mktemp("snippets")
    for name, (text, _) in SNIPPETS.items():
        (folder / f"{name}.py").write_text(text)
    root = Path(__file__).parents[2]  # the checkout, also where an installed copy is imported
    options = [
        "--strict",
        "--config-file",
        str(root / "pyproject.toml"),
        "--cache-dir",
        str(folder / "cache"),
    ]
    command = [sys.executable, "-m", "mypy", *options, *map(str, folder.glob("*.py"))]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert "Found 3 errors" in done.stdout, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("name", SNIPPETS)
def test_events_are_checked(name: str, answers: str) -> None:
    lines = [line for line in answers.splitlines() if f"{name}.py:" in line and "error:" in line]
    expected = SNIPPETS[name][1]
    assert (not lines) if not expected else (len(lines) == 1 and expected in lines[0]), answers
