"""A damaged ledger is said at once by who reads it, and rebuilt from the plan and the trials' folders."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from helpers.fake_runs import contents
from helpers.fake_sweeps import LR, SEVERAL, made_sweep

from dnnlab.commands.repair.repair import repair
from dnnlab.commands.sweep.folder import read_ledger
from dnnlab.errors import RunError
from dnnlab.search.ledger import Ledger

Call = Callable[..., tuple[int, str, str]]
STAGES = {"search": LR, "stages": [{"trials": 6}, {"zoom": 3, "trials": 4}, {"keep": 2, "epochs": 2}]}
KINDS: dict[str, dict[str, Any]] = {
    "random": {"search": SEVERAL, "trials": 8, "seeds": 2},
    "grid": {"search": {"activation": {"choice": ["relu", "elu", "tanh"]}}, "sampler": "grid", "trials": 3},
    "stages": STAGES,
    "cases": {"cases": {"one": {"optimizer.lr": 0.1}, "two": {"optimizer.lr": 0.2}}},
}


def value(point: Any, seed: int) -> float:
    return sum(map(float, point.values())) / 10 + seed / 100


def swept(folder: Path, kind: str, **keys: Any) -> Path:
    return made_sweep(folder, value, runs=True, **KINDS[kind], **keys)


def state(path: Path) -> dict[int, Any]:
    """What the ledger says of each trial, but for times."""
    ledger, problem = read_ledger(path)
    assert problem is None
    return {
        number: (t.stage, t.point, t.seeds, t.state, t.values, t.runs, t.status)
        for number, t in ledger.trials.items()
    }


def lines_of(path: Path) -> list[bytes]:
    return (path / "ledger.jsonl").read_bytes().splitlines(keepends=True)


def damage(path: Path, numbers: set[int]) -> None:
    """Lines of the ledger that nobody can read any more."""
    lines = lines_of(path)
    text = b"".join(b"\0" * 9 + b"\n" if i in numbers else line for i, line in enumerate(lines))
    (path / "ledger.jsonl").write_bytes(text)


def mend(path: Path) -> Any:
    return repair(str(path), path.parent)


@pytest.mark.parametrize("kind", KINDS)
def test_any_damaged_lines_come_back(tmp_path: Path, kind: str) -> None:
    path = swept(tmp_path, kind)
    known, count = state(path), len(lines_of(path))
    dice = random.Random(kind)
    for _ in range(8):
        kept = Path(shutil.copytree(path, tmp_path / "runs" / "damaged"))
        damage(kept, set(dice.sample(range(count), dice.randint(1, count // 2))))
        (deed,) = mend(kept).done
        assert deed.file == "ledger.jsonl" and deed.what.startswith("rebuilt: ")
        assert state(kept) == known
        assert (kept / str(deed.kept)).is_file() and not mend(kept).done
        shutil.rmtree(kept)


@pytest.mark.parametrize("kind", KINDS)
def test_a_sweep_without_its_ledger(tmp_path: Path, kind: str, dnnlab: Call) -> None:
    path = swept(tmp_path, kind)
    known = state(path)
    (path / "ledger.jsonl").unlink()
    code, _, err = dnnlab("resume", path)
    text = " ".join(err.split())
    assert code == 2 and f"{path.name}: ledger.jsonl is missing" in text
    assert f"`dnnlab repair {path.name}` rebuilds it" in text
    code, out, _ = dnnlab("repair", path)
    assert code == 0 and "repaired ledger.jsonl: rebuilt: 0 events as they were" in " ".join(out.split())
    assert state(path) == known


def test_pending_trials_stay_pending(tmp_path: Path) -> None:
    path = swept(tmp_path, "random", until=3, status="interrupted")
    known = state(path)
    damage(path, {0, 2, 5})
    mend(path)
    assert state(path) == known


def test_a_flipped_bit_is_set_back(tmp_path: Path) -> None:
    from dnnlab.rundir import reopen

    path = swept(tmp_path, "random")
    with reopen(path) as folder:
        folder.update_meta(status="done")  # as its end does: the ledger is in the manifest now
    whole = (path / "ledger.jsonl").read_bytes()
    for seed in range(5):
        dice, content = random.Random(seed), bytearray(whole)
        content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
        (path / "ledger.jsonl").write_bytes(content)
        with pytest.raises(AssertionError):
            state(path)
        assert mend(path).done[0].what == "a flipped bit was set back"
        assert (path / "ledger.jsonl").read_bytes() == whole


def test_resume_and_show_say_it_at_once(tmp_path: Path, dnnlab: Call) -> None:
    path = swept(tmp_path, "random")
    damage(path, {7})
    before = contents(path)
    code, _, err = dnnlab("resume", path)
    text = " ".join(err.split())
    assert code == 2 and f"{path.name}: ledger.jsonl: line 8 is damaged; 7 rows before it are used" in text
    assert "`dnnlab repair" in text
    code, out, _ = dnnlab("show", path)
    assert "damaged ledger.jsonl: line 8 is damaged" in " ".join(out.split())
    after = contents(path)
    assert {name: after[name] for name in before if name != "best.yaml"} == {
        name: text for name, text in before.items() if name != "best.yaml"
    }


def test_trials_of_a_sampler_that_goes_by_results(tmp_path: Path) -> None:
    path = swept(tmp_path, "random")
    resolved = json.loads((path / "resolved.json").read_text())
    resolved["spec"]["sampler"] = "tpe"
    (path / "resolved.json").write_text(json.dumps(resolved))
    known = state(path)
    ledger = Ledger.read(json.loads(line) for line in lines_of(path))
    from dnnlab.commands.sweep.results.view import read_sweep

    spec = read_sweep(path).spec
    assert spec is not None
    for trial in ledger.trials.values():
        for run in trial.runs.values():
            meta = path / "trials" / run / "meta.json"
            changes = spec.overrides(spec.changes(spec.space, trial.point, spec.stages[0]))
            texts = [change.text for change in changes]
            meta.write_text(json.dumps({**json.loads(meta.read_text()), "overrides": [*texts, "seed=0"]}))
    (path / "ledger.jsonl").unlink()
    mend(path)
    assert state(path) == known
    for run in (path / "trials").glob("0-0003-s*"):
        shutil.rmtree(run)
    (path / "ledger.jsonl").unlink()
    with pytest.raises(RunError, match="nothing says which point trial 3 was") as caught:
        mend(path)
    assert "start a new sweep" in str(caught.value) and not (path / "ledger.jsonl").exists()


def test_its_trials_are_repaired_too(tmp_path: Path) -> None:
    path = swept(tmp_path, "grid")
    rows = path / "trials" / "0-0001-s0" / "metrics.jsonl"
    lines = rows.read_bytes().splitlines(keepends=True)
    rows.write_bytes(b"".join([b"x" * (len(lines[0]) - 1) + b"\n", *lines[1:]]))
    (deed,) = mend(path).done
    assert (deed.file, deed.what) == ("trials/0-0001-s0/metrics.jsonl", "1 row lost")
    assert str(deed.kept).startswith("trials/0-0001-s0/metrics.jsonl.damaged-")
