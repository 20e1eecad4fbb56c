"""Runs of every state are read without a crash: whole, cut anywhere, changed, old, hostile."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from helpers.trainings import resumed, trained

from dnnlab.commands.doctor.doctor import examine, examined
from dnnlab.diagnose import RULES
from dnnlab.errors import RunError
from dnnlab.render.screens.doctor import doctor_lines, mending_command, short_lines
from dnnlab.rundir.run_record import read_record

FILES = (
    "meta.json",
    "data.json",
    "metrics.jsonl",
    "steps.jsonl",
    "update_ratios.jsonl",
    "activations.jsonl",
    "predictions.jsonl",
)
PIECES = 8
EVIL = "\x1b[31mred\nline\u202e"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(tmp_path_factory.mktemp("whole"))


@pytest.fixture
def run(whole: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    return Path(shutil.copytree(whole, tmp_path / "runs" / whole.name))


def test_the_verdicts_of_the_training_are_those_of_the_doctor(whole: Path) -> None:
    kept = json.loads((whole / "verdicts.json").read_text())
    assert kept == examine(str(whole), whole.parent).diagnosis.json()
    names = [*(v["name"] for v in kept["verdicts"]), *kept["fine"], *kept["skipped"]]
    assert sorted(names) == sorted(rule.name for rule in RULES)


@pytest.mark.parametrize("file", FILES)
def test_a_file_that_is_cut_or_changed_anywhere(run: Path, file: str) -> None:
    path = run / file
    content = path.read_bytes()
    for i in range(PIECES):
        at = len(content) * i // PIECES
        for spoilt in (content[:at], content[:at] + b"\x00\xff{" + content[at + 3 :]):
            path.write_bytes(spoilt)
            try:
                found = examined(read_record(run))
            except RunError:
                assert file == "meta.json"
            else:
                assert doctor_lines(found, "abc123", 80, everything=True)


def test_a_file_that_is_gone(run: Path) -> None:
    for file in FILES[1:]:
        (run / file).unlink()
        assert doctor_lines(examined(read_record(run)), "abc123", 80)
    (run / "meta.json").unlink()
    with pytest.raises(RunError, match="does not say how it went"):
        examined(read_record(run))


def test_a_run_of_an_older_dnnlab(run: Path) -> None:
    """A run without activations, predictions, dead units and training rows in evaluation mode."""
    for file in ("activations.jsonl", "predictions.jsonl", "dead_units.jsonl"):
        (run / file).unlink()
    meta = json.loads((run / "meta.json").read_text())
    meta["config"] = {
        k: v
        for k, v in meta["config"].items()
        if not k.startswith("logging.") or "every" not in k or "ratio" in k
    }
    (run / "meta.json").write_text(json.dumps(meta))
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    rows = [{k: v for k, v in row.items() if not k.startswith("train_eval")} for row in rows]
    (run / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    skipped = examined(read_record(run)).diagnosis.skipped
    assert skipped["saturated_units"] == "turn on logging.activations_every"
    assert skipped["collapsed_predictions"] == "turn on logging.predictions_every"


def test_hostile_texts_are_shown_as_text(run: Path) -> None:
    data = json.loads((run / "data.json").read_text())
    data["names"] = [EVIL + name for name in data["names"]]
    data["class_counts"]["train"] = [1, *data["class_counts"]["train"][1:]]
    (run / "data.json").write_text(json.dumps(data))
    rows = [json.loads(line) for line in (run / "predictions.jsonl").read_text().splitlines()]
    rows = [
        {**row, "labels": {EVIL + k: 0.1 for k in row["labels"]}, "shares": {EVIL + "5": 1.0}} for row in rows
    ]
    (run / "predictions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    meta = json.loads((run / "meta.json").read_text())
    (run / "meta.json").write_text(
        json.dumps({**meta, "status": "diverged", "reason": EVIL, "monitor": EVIL})
    )
    found = examined(read_record(run))
    assert EVIL in found.diagnosis.verdicts[0].evidence
    lines = [
        *doctor_lines(found, "abc123", 80, everything=True),
        *short_lines(found.diagnosis.json()["verdicts"], "abc123", 80),
    ]
    assert all(line.isprintable() for line in lines)


@pytest.mark.parametrize(
    "verdicts",
    [
        None,
        {},
        ["x", 3, {}],
        [{"name": "a", "severity": "fatal", "evidence": ["x"]}],
        [{"name": "a", "severity": "warning", "evidence": ["x"], "advice": "y"}],
        [
            {
                "name": "a",
                "severity": "warning",
                "evidence": ["x"],
                "advice": [{"command": "dnnlab train x 'a=1"}, 7],
            }
        ],
    ],
)
def test_a_verdict_file_that_holds_anything(verdicts: object) -> None:
    assert all(isinstance(line, str) for line in short_lines(verdicts, "abc123", 80))
    assert mending_command(verdicts, "abc123") == ""


def test_a_run_that_was_cut_short_and_resumed_ends_with_its_own_verdicts(tmp_path: Path) -> None:
    run = trained(tmp_path, after=12)
    assert json.loads((run / "verdicts.json").read_text())["format"] == 1
    resumed(run)
    assert json.loads((run / "verdicts.json").read_text()) == examine(str(run), run.parent).diagnosis.json()


def test_a_fault_of_a_rule_costs_the_run_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dnnlab.commands.doctor import doctor

    def fault(records: object) -> None:
        raise ZeroDivisionError("a rule's own")

    monkeypatch.setattr(doctor, "judge", fault)
    run = trained(tmp_path)
    assert read_record(run).status == "done"
    assert not (run / "verdicts.json").exists()
    assert "no verdicts: ZeroDivisionError: a rule's own" in (run / "log.txt").read_text()
