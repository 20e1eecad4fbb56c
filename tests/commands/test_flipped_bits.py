"""One flipped bit in a file of a run: every command gives the same answer, or names the file."""

from __future__ import annotations

import json
import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.trainings import assert_same, resumed, trained

from dnnlab.errors import DnnlabError

Call = Callable[..., tuple[int, str, str]]
WHEN = ("time", "file", "sha256", "seconds", "created", "earlier")
ISSUE = ("data.safetensors", "data.json", "meta.json", "metrics.jsonl", "sources/00-experiment.yaml")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run with an evaluation, and another one to compare it with."""
    from dnnlab.commands.inference.evaluate import evaluate

    folder = tmp_path_factory.mktemp("whole")
    trained(folder, "seed=1")
    run = trained(folder)
    evaluate(run, folder)
    return run


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.npy"
    np.save(path, np.random.default_rng(0).uniform(0, 16, (20, 8, 8)).astype(np.float32))
    return path


def flip(path: Path, dice: random.Random) -> None:
    content = bytearray(path.read_bytes())
    content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
    path.write_bytes(content)


def files(run: Path) -> list[str]:
    """What the commands may read: all but the lock and the log."""
    every = (str(path.relative_to(run)) for path in run.rglob("*") if path.is_file() and path.stat().st_size)
    return sorted(name for name in every if name not in ("lock", "log.txt"))


def without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_times(item) for key, item in value.items() if key not in WHEN}
    return [without_times(item) for item in value] if isinstance(value, list) else value


def answers(dnnlab: Call, run: Path, rows: Path, folder: Path) -> dict[str, tuple[Any, str]]:
    """Command -> (its answer, everything that it said)."""
    other = next(path for path in run.parent.iterdir() if path.name != run.name)
    page = folder / "page.html"
    page.unlink(missing_ok=True)
    said = {
        "predict": dnnlab("predict", run, rows, "--json"),
        "compare": dnnlab("compare", run, other, "--json"),
        "doctor": dnnlab("doctor", run, "--json"),
        "show": dnnlab("show", run, "--json"),
        "report": dnnlab("report", run, "--out", page, "--no-data"),
        "evaluate": dnnlab("evaluate", run, "--json"),
        "resume": dnnlab("resume", run),  # the last: it may go on from an older checkpoint, which it names
    }
    found = {}
    for command, (code, out, err) in said.items():
        text = page.read_text() if command == "report" and page.exists() else out
        answer = without_times(json.loads(out)) if out.startswith("{") else re.sub(r"\d+ (s|min)\b", "", text)
        found[command] = ((code, answer), " ".join((text + err).split()))
    return found


def fresh(whole: Path, tmp_path: Path) -> Path:
    """A copy of the run and the one beside it, always at the same place."""
    shutil.rmtree(tmp_path / "runs", ignore_errors=True)
    return Path(shutil.copytree(whole.parent, tmp_path / "runs")) / whole.name


def check(dnnlab: Call, whole: Path, tmp_path: Path, rows: Path, dice: random.Random, name: str) -> None:
    known = answers(dnnlab, fresh(whole, tmp_path), rows, tmp_path)
    run = fresh(whole, tmp_path)
    flip(run / name, dice)
    for command, (answer, text) in answers(dnnlab, run, rows, tmp_path).items():
        assert answer == known[command][0] or Path(name).name in text, (command, name, text)
        assert "Traceback" not in text and "bug" not in text


@pytest.mark.parametrize("name", ISSUE)
def test_it_is_named_or_changes_nothing(
    dnnlab: Call, whole: Path, tmp_path: Path, rows: Path, name: str
) -> None:
    check(dnnlab, whole, tmp_path, rows, random.Random(name), name)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_it_is_named_or_changes_nothing_in_any_file(
    dnnlab: Call, whole: Path, tmp_path: Path, rows: Path
) -> None:
    seed = random.randrange(1 << 30)
    for name in files(whole):
        try:
            check(dnnlab, whole, tmp_path, rows, random.Random(seed), name)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}") from error


def test_scaling_numbers_with_a_flipped_bit_give_no_class(
    dnnlab: Call, whole: Path, tmp_path: Path, rows: Path
) -> None:
    run = fresh(whole, tmp_path)
    content = bytearray((run / "data.safetensors").read_bytes())
    content[-9] ^= 1 << 6  # a high bit of a number
    (run / "data.safetensors").write_bytes(content)
    code, out, err = dnnlab("predict", run, rows)
    text = " ".join(err.split())
    assert (code, out) == (2, "")
    assert f"{run.name}: data.safetensors is damaged: it does not match its sha256 (MANIFEST.json)" in text


def test_a_folder_without_hashes_is_read_as_before(
    dnnlab: Call, whole: Path, tmp_path: Path, rows: Path
) -> None:
    known = answers(dnnlab, fresh(whole, tmp_path), rows, tmp_path)
    run = fresh(whole, tmp_path)
    (run / "MANIFEST.json").unlink()
    assert {k: v for k, (v, _) in answers(dnnlab, run, rows, tmp_path).items()} == {
        k: v for k, (v, _) in known.items()
    }
    assert not (run / "MANIFEST.json").exists()


def test_an_edit_by_hand_is_used_and_named(dnnlab: Call, whole: Path, tmp_path: Path, rows: Path) -> None:
    run = fresh(whole, tmp_path)
    meta = json.loads((run / "meta.json").read_text())
    (run / "meta.json").write_text(json.dumps({**meta, "tags": ["mine"]}))
    code, _, err = dnnlab("predict", run, rows)
    assert code == 0 and "edited since it was written: meta.json (MANIFEST.json)" in " ".join(err.split())


def test_every_interrupted_run_goes_on_the_same_or_is_refused(tmp_path: Path) -> None:
    run = trained(tmp_path, after=22)
    shutil.copytree(run, tmp_path / "kept")
    resumed(run)
    whole = shutil.move(run, tmp_path / "whole")
    for name in ("data.json", "steps.jsonl", "metrics.jsonl", "MANIFEST.json", "layers.json"):
        shutil.copytree(tmp_path / "kept", run)
        flip(run / name, random.Random(name))
        try:
            resumed(run)
        except DnnlabError as error:
            assert name in str(error)
        else:
            assert_same(run, Path(whole))
        shutil.rmtree(run)
