"""Damage in a real run: every reading command goes on and names the damage.

Every file is cut and changed at every sixteenth of its length.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from helpers.trainings import trained

from dnnlab.commands.api import Run
from dnnlab.commands.compare.compare import compare
from dnnlab.commands.runs.filters import Filters
from dnnlab.commands.runs.list import faces, runs
from dnnlab.errors import DnnlabError
from dnnlab.render.notebook import compare as notebook_compare
from dnnlab.render.screens.compare import compare_lines
from dnnlab.render.screens.runs import runs_lines

STEPS = 16
READ = {"meta.json", "metrics.jsonl"}  # what the tables are made of; a cut there must be marked


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two whole runs of one name."""
    folder = tmp_path_factory.mktemp("damage")
    trained(folder, "seed=1")
    return trained(folder)


def cut(text: bytes, at: int) -> bytes:
    return text[:at]


def flipped(text: bytes, at: int) -> bytes:
    return text[:at] + bytes([text[at] ^ 0x55]) + text[at + 1 :] if at < len(text) else text


def zeroed(text: bytes, at: int) -> bytes:
    return text[:at] + b"\0" * len(text[at:])


def files(run: Path) -> list[Path]:
    return sorted(path.relative_to(run) for path in run.rglob("*") if path.is_file())


def look(folder: Path, run: Path) -> Any:
    """Everything that reads.

    Returns the comparison; whatever is raised must be a `DnnlabError` that says something.
    """
    found = compare([], folder)
    lines = compare_lines(found, 80, 80)
    assert all(line.isprintable() for line in lines)
    found.json()
    notebook_compare(folder)._repr_html_()
    listed, total = runs(folder, Filters())
    assert total == 2 and len(faces(listed)) == 2
    assert any(run.name[-6:] in line for line in runs_lines(listed, total, "runs", 80, 80))
    face = Run(run)
    readings: list[Callable[[], Any]] = [
        lambda: face.history,
        lambda: face.status,
        lambda: face.config,
        lambda: face.best,
        lambda: face.last,
    ]
    for reading in [*readings, lambda: repr(face), face._repr_html_]:
        try:
            reading()
        except DnnlabError as error:
            assert run.name in str(error) and len(str(error)) > 20
    return found


@pytest.mark.parametrize("harm", [cut, flipped, zeroed])
def test_damage_anywhere_breaks_no_reading_command(
    whole: Path, tmp_path: Path, harm: Callable[[bytes, int], bytes]
) -> None:
    folder = tmp_path / "runs"
    shutil.copytree(whole.parent, folder)
    run = folder / whole.name
    names = files(run)
    assert {"meta.json", "metrics.jsonl", "data.json", "resolved.yaml"} <= {str(name) for name in names}
    untouched = compare([], folder)
    for name in names:
        text = (run / name).read_bytes()
        for part in range(STEPS):
            at = len(text) * part // STEPS
            (run / name).write_bytes(harm(text, at))
            found = look(folder, run)
            mine = next(item for item in found.runs if item.path.name == run.name)
            other = next(item for item in found.runs if item.path.name != run.name)
            assert other.problem is None
            if str(name) in READ and harm is not flipped:
                assert mine.status == "damaged" and str(name) in str(mine.problem), (name, at)
            elif str(name) not in READ:
                assert mine.problem is None, (name, at)
        (run / name).write_bytes(text)
    assert compare([], folder).json() == untouched.json()


def test_a_changed_measure_is_found_where_the_two_files_can_contradict_each_other(
    whole: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "runs"
    shutil.copytree(whole.parent, folder)
    path = folder / whole.name / "meta.json"
    text = path.read_bytes()
    start = text.index(b'"best"')
    at = text.index(b'"val_accuracy": 0.', start) + len(b'"val_accuracy": 0.')
    digit = b"1" if text[at : at + 1] != b"1" else b"2"
    path.write_bytes(text[:at] + digit + text[at + 1 :])
    (mine,) = compare([], folder).damaged
    assert str(mine.problem).startswith("meta.json and metrics.jsonl disagree about val_accuracy")


@pytest.mark.parametrize(
    "name", ["meta.json", "metrics.jsonl", "config.yaml", "data.json", "checkpoints", "sources", "lock"]
)
def test_a_missing_file_or_a_folder_in_its_place_breaks_nothing(
    whole: Path, tmp_path: Path, name: str
) -> None:
    folder = tmp_path / "runs"
    shutil.copytree(whole.parent, folder)
    run = folder / whole.name
    target = run / name
    shutil.rmtree(target) if target.is_dir() else target.unlink()
    found = look(folder, run)
    assert len(found.damaged) == (name in READ)
    target.mkdir()
    found = look(folder, run)
    assert len(found.damaged) == (name in READ)


def test_a_run_folder_without_anything_is_a_marked_row(whole: Path, tmp_path: Path) -> None:
    folder = tmp_path / "runs"
    shutil.copytree(whole.parent, folder)
    shutil.rmtree(folder / whole.name)
    (folder / whole.name).mkdir()
    assert [run.problem for run in look(folder, folder / whole.name).damaged] == ["meta.json is missing"]
