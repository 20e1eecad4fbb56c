"""`dnnlab report` on the command line."""

from __future__ import annotations

import json
import webbrowser
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.full_records import recorded_run

Call = Callable[..., tuple[int, str, str]]


def test_it_says_where_the_page_is_and_what_comes_next(dnnlab: Call, runs: Path) -> None:
    path = recorded_run(runs)
    code, out, err = dnnlab("report", "last", "--no-data")
    assert (code, err) == (0, "")
    assert f"report   {path / 'report.html'}" in out and "left out worst examples: --no-data was given" in out
    assert out.splitlines()[-1] == " next     dnnlab doctor 000000"
    assert max(len(line) for line in out.splitlines() if str(path) not in line) <= 80


def test_for_scripts(dnnlab: Call, runs: Path, tmp_path: Path) -> None:
    path = recorded_run(runs)
    assert dnnlab("report", "last", "--no-data", "-q")[1] == f"{path / 'report.html'}\n"
    out = tmp_path / "a b.html"
    found = json.loads(dnnlab("report", "last", "--no-data", "--json", "--out", out)[1])
    assert found["file"] == str(out) and found["bytes"] == out.stat().st_size and found["run"] == str(path)


def test_damage_is_said(dnnlab: Call, runs: Path) -> None:
    path = recorded_run(runs, status="running")
    with (path / "steps.jsonl").open("a") as file:
        file.write("{")
    assert "damaged  steps.jsonl: the last line is cut" in dnnlab("report", "last", "--no-data")[1]


@pytest.mark.parametrize(
    ("words", "text"),
    [(["nothing"], "there are no runs in"), (["last", "--out", "x.txt"], "there are no runs in")],
)
def test_refusals_write_nothing(dnnlab: Call, runs: Path, words: list[str], text: str) -> None:
    code, out, err = dnnlab("report", *words)
    assert (code, out) == (2, "") and text in err and "nothing was written" in err


def test_another_runs_folder_is_named_in_every_command(dnnlab: Call, runs: Path, tmp_path: Path) -> None:
    path = recorded_run(tmp_path / "other", config={"logging.histograms": "none"})
    (path / "histograms.safetensors").unlink()
    assert dnnlab("report", "last", "--no-data", "--runs-dir", tmp_path / "other")[0] == 0
    assert (
        f"dnnlab train 000000 --runs-dir {tmp_path / 'other'} logging.histograms=auto"
        in (path / "report.html").read_text()
    )


def test_it_opens_in_the_browser(dnnlab: Call, runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = recorded_run(runs)
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    assert dnnlab("report", "last", "--no-data", "--open")[0] == 0
    assert opened == [(path / "report.html").as_uri()]
