"""Results of a sweep that runs, was killed, is damaged or has hostile names: no crash, escaped texts."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from helpers.fake_sweeps import LR, made_sweep

from dnnlab.commands.sweep.results.findings import best_config, show_sweep, write_best
from dnnlab.commands.sweep.results.page import make_page, write_picture
from dnnlab.commands.sweep.results.view import is_sweep_like, read_sweep
from dnnlab.errors import UsageError
from dnnlab.render.screens.show_sweep import sweep_lines
from dnnlab.rundir import lock

SEARCH = {**LR, "activation": {"choice": ["relu", "elu"]}}


def seen(path: Path) -> str:
    """The screen in one line; the page and the picture are made, too."""
    found = show_sweep(path)
    best = best_config(found)
    json.dumps(found.json(), allow_nan=False)
    assert make_page(found, best, "x").endswith("</html>")
    return " ".join(" ".join(sweep_lines(found, best, [], [], 80)).split())


def value(point: Any, seed: int) -> float:
    return float(point.get("optimizer.lr", 0.5)) ** 0.1


def lines_of(path: Path) -> list[str]:
    return (path / "ledger.jsonl").read_text().splitlines(keepends=True)


def torn(path: Path) -> None:
    (path / "ledger.jsonl").write_text("".join(lines_of(path))[:-20])


def broken(path: Path) -> None:
    lines = lines_of(path)
    (path / "ledger.jsonl").write_text("".join([*lines[:20], "\x00{\n", *lines[20:]]))


def twice(path: Path) -> None:
    lines = lines_of(path)
    (path / "ledger.jsonl").write_text("".join([*lines, lines[1]]))


def no_ledger(path: Path) -> None:
    (path / "ledger.jsonl").unlink()


def no_resolved(path: Path) -> None:
    (path / "resolved.json").unlink()


def other_resolved(path: Path) -> None:
    (path / "resolved.json").write_text('{"spec": {"base": 3, "search": [1]}, "monitor": 5}')


def other_space(path: Path) -> None:
    resolved = json.loads((path / "resolved.json").read_text())
    resolved["spec"]["search"] = {"training.epochs": {"int": [1, 4]}}
    (path / "resolved.json").write_text(json.dumps(resolved))


def strange_points(path: Path) -> None:
    text = "".join(lines_of(path))
    (path / "ledger.jsonl").write_text(text.replace('"activation": 1', '"activation": 7'))


def no_meta(path: Path) -> None:
    (path / "meta.json").unlink()


def no_sources(path: Path) -> None:
    shutil.rmtree(path / "sources")


def no_trials(path: Path) -> None:
    shutil.rmtree(path / "trials")


DAMAGE: dict[Callable[[Path], None], str] = {
    torn: "damaged ledger.jsonl: the last line is cut",
    broken: "damaged ledger.jsonl: line 21 is damaged",
    twice: "does not fit what stands before it (trial 0 is planned twice)",
    no_ledger: "damaged ledger.jsonl is missing",
    no_resolved: "does not say what it searches (resolved.json)",
    other_resolved: "damaged resolved.json: ",
    other_space: "do not belong to what is searched; left out",
    strange_points: "do not belong to what is searched; left out",
    no_meta: ": damaged; 10 trials: 10 done",
    no_sources: "cannot be read",
    no_trials: ": done; 10 trials: 10 done",
}


@pytest.mark.parametrize(("damage", "text"), DAMAGE.items(), ids=[f.__name__ for f in DAMAGE])
def test_a_damaged_sweep_is_shown_as_such(tmp_path: Path, damage: Callable[[Path], None], text: str) -> None:
    path = made_sweep(tmp_path, value, search=SEARCH, trials=10, runs=True)
    damage(path)
    assert is_sweep_like(path)
    assert text in seen(path)


def test_any_byte_of_the_ledger_may_be_lost(tmp_path: Path) -> None:
    path = made_sweep(tmp_path, value, search=SEARCH, trials=3)
    whole = (path / "ledger.jsonl").read_bytes()
    for cut in range(0, len(whole), 37):
        (path / "ledger.jsonl").write_bytes(whole[:cut])
        found = show_sweep(path)
        counts = found.view.ledger.counts()
        assert counts["planned"] == counts["done"] + counts["pending"]
        assert len(found.ranked) == counts["done"]


def test_a_sweep_that_runs_or_was_killed(tmp_path: Path) -> None:
    path = made_sweep(tmp_path, value, trials=10, until=4, status="running")
    assert ": killed; 10 trials: 4 done, 6 pending" in seen(path)
    torn(path)  # the last line may be in the middle of being written
    assert "damaged" not in seen(path)
    held = lock.acquire(path)
    try:
        assert ": running; 10 trials" in seen(path)
    finally:
        held.release()


def test_a_sweep_without_a_result(tmp_path: Path) -> None:
    path = made_sweep(tmp_path, value, trials=10, until=0, status="interrupted")
    assert "10 trials: 10 pending" in seen(path) and best_config(show_sweep(path)) is None
    with pytest.raises(UsageError, match="there is nothing to draw: no trial has a result"):
        write_picture(show_sweep(path), tmp_path / "a.png")


def test_a_folder_of_somebody_else(tmp_path: Path) -> None:
    path = tmp_path / "theirs"
    (path / "trials").mkdir(parents=True)
    (path / "ledger.jsonl").write_bytes(b"\xff\xfe\x00not ours\n")
    assert "damaged ledger.jsonl: line 1 is damaged" in seen(path)
    assert not is_sweep_like(tmp_path)


def test_a_folder_that_cannot_be_written_is_no_reason_not_to_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dnnlab.commands.sweep.results import findings

    def refuse(path: Path, text: str) -> None:
        raise PermissionError(13, "Permission denied")

    path = made_sweep(tmp_path, value)
    monkeypatch.setattr(findings, "write_text", refuse)
    best = write_best(show_sweep(path))
    assert best is not None and best.problem == "best.yaml could not be written: Permission denied"


HOSTILE = [
    "<script>alert(1)</script>",
    "\x1b[31mred",
    "$\\frac{$",
    "a\u202eb",
    '"][\n: {',
    "_hidden",
    "é" * 200,
]


def test_hostile_names_are_text(tmp_path: Path) -> None:
    cases = {name: {"training.batch_size": 16 + i} for i, name in enumerate(HOSTILE)}
    path = made_sweep(tmp_path, lambda p, s: 0.5 + p["case"] / 10 + s / 100, cases=cases, seeds=2, runs=True)
    screen = seen(path)
    assert "\x1b" not in screen and "\\x1b[31mred" in screen and "\u202e" not in screen
    page = make_page(show_sweep(path), best_config(show_sweep(path)), "x")
    assert "<script>alert(1)" not in page and "&lt;script&gt;alert(1)" in page
    assert "\x1b" not in page and "\u202e" not in page
    write_picture(show_sweep(path), tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_hostile_reasons_and_choices_are_text(tmp_path: Path) -> None:
    search = {**LR, "data.path": {"choice": HOSTILE[:-1]}}

    def outcome(point: Any, seed: int) -> Any:
        return (
            ("failed", "failed", f"{HOSTILE[0]}\x1b[2J in step 3")
            if point["data.path"] == 1
            else value(point, seed)
        )

    path = made_sweep(tmp_path, outcome, search=search, trials=30)
    screen = seen(path)
    assert "\x1b" not in screen and "failed" in screen
    page = make_page(show_sweep(path), best_config(show_sweep(path)), "x")
    assert "<script>alert(1)" not in page and "\x1b" not in page
    write_picture(show_sweep(path), tmp_path / "a.png")


def test_looking_changes_nothing(tmp_path: Path) -> None:
    from helpers.fake_runs import contents

    path = made_sweep(tmp_path, value, search=SEARCH, trials=12, runs=True)
    before = contents(path)
    seen(path)
    assert contents(path) == before
    assert read_sweep(path) == read_sweep(path)
