"""`compare`, `runs` and `remove` on the command line: streams, formats, exit codes, and that nothing heavy is
imported.
"""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.fake_runs import contents, seeds

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def six(runs: Path) -> Path:
    seeds(runs, [0.90, 0.91, 0.95], first=0)
    seeds(runs, [0.92, 0.94, 0.96], {"activation": "elu"}, first=10)
    return runs


def test_compare_in_every_form(dnnlab: Call, six: Path) -> None:
    code, out, err = dnnlab("compare", "last")
    assert (code, err) == (0, "") and "0.9400 ± 0.0200" in out
    assert dnnlab("compare", "last", "--json")[1] == dnnlab("compare", "last", "--format", "json")[1]
    face = json.loads(dnnlab("compare", "last", "--json")[1])
    assert (face["differs"], len(face["runs"]), len(face["groups"])) == (["activation"], 6, 2)
    rows = list(csv.DictReader(io.StringIO(dnnlab("compare", six, "--format", "csv")[1])))
    assert len(rows) == 6 and {row["group"] for row in rows} == {"1", "2"} and rows[0]["activation"] == "elu"
    assert dnnlab("compare", "--format", "markdown")[1].startswith("| # | n | activation | val\\_accuracy |")
    assert len(json.loads(dnnlab("compare", "--no-group", "--json")[1])["groups"]) == 6
    assert (
        "expected" in dnnlab("compare", "--format", "xml")[2]
        or "xml" in dnnlab("compare", "--format", "xml")[2]
    )


def test_mistakes_end_with_2_and_say_what_to_write(dnnlab: Call, six: Path) -> None:
    code, out, err = dnnlab("compare", "--where", "activaton=elu")
    assert (code, out) == (2, "") and "nearest: activation" in err and "nothing was changed" in err
    code, out, err = dnnlab("runs", "--status", "runing", "--json")
    assert code == 2 and json.loads(out)["error"]["problems"][0]["fix"] == "did you mean running?"
    code, _, err = dnnlab("compare", "--plot", "curves.bmp")
    assert code == 2 and ".png, .svg, .pdf" in err
    code, _, err = dnnlab("compare", "nothing-like-it")
    assert code == 2 and "no run in" in err


def test_a_picture_is_written_and_named(dnnlab: Call, six: Path, tmp_path: Path) -> None:
    before = contents(six)
    code, out, err = dnnlab("compare", "--plot", tmp_path / "curves.png")
    assert code == 0 and str(tmp_path / "curves.png") in err and "elu" in out
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")
    assert contents(six) == before


def test_runs_in_every_form(dnnlab: Call, six: Path) -> None:
    code, out, _ = dnnlab("runs", "--limit", "2")
    assert code == 0 and out.startswith(f" 2 of 6 runs in {six}"[:60])
    assert [Path(line).name[-6:] for line in dnnlab("runs", "-q")[1].splitlines()] == [
        "00000c",
        "00000b",
        "00000a",
        "000002",
        "000001",
        "000000",
    ]
    assert [item["value"] for item in json.loads(dnnlab("runs", "--sort", "val_accuracy", "--json")[1])] == [
        0.96,
        0.95,
        0.94,
        0.92,
        0.91,
        0.9,
    ]
    assert len(list(csv.DictReader(io.StringIO(dnnlab("runs", "--format", "csv")[1])))) == 6
    assert dnnlab("runs", "--format", "markdown")[1].startswith("| run | name |")
    assert dnnlab("runs", "--status", "done,failed", "-q")[1].count("\n") == 6


def test_runs_without_any(dnnlab: Call, runs: Path) -> None:
    code, out, _ = dnnlab("runs")
    assert code == 0 and "there are no runs in" in out
    assert dnnlab("runs", "--json")[:2] == (0, "[]\n")
    assert not runs.exists()


def test_remove_needs_a_yes(dnnlab: Call, six: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents(six)
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    code, out, err = dnnlab("remove", "last")
    assert (code, out) == (2, "") and "00000c" in err and "add --yes" in err and "nothing was removed" in err
    assert contents(six) == before
    code, out, _ = dnnlab("remove", "last", "--yes")
    assert code == 0 and out.startswith(" removed 1 run, ")
    assert len(list(six.iterdir())) == 5
    face = json.loads(dnnlab("remove", "--where", "activation=elu", "--yes", "--json")[1])
    assert len(face["removed"]) == 2 and len(list(six.iterdir())) == 3


@pytest.mark.parametrize(
    ("answer", "left"), [("y\n", 5), ("yes\n", 5), ("n\n", 6), ("\n", 6), ("", 6), ("all\n", 6)]
)
def test_remove_asks_on_a_terminal(
    dnnlab: Call, six: Path, monkeypatch: pytest.MonkeyPatch, answer: str, left: int
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Terminal(answer))
    code, _, err = dnnlab("remove", "last")
    assert code == 0 and "for good? [y/N]" in err
    assert len(list(six.iterdir())) == left


def test_remove_refuses_a_folder_that_is_no_run(dnnlab: Call, six: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").touch()
    code, _, err = dnnlab("remove", tmp_path / "mine", "--yes")
    assert code == 2 and "holds no runs of dnnlab; it holds thesis.txt" in err.replace("\n   ", " ")
    assert dnnlab("remove", "--yes")[0] == 2
    assert dnnlab("remove", six, "--yes")[0] == 2
    assert (tmp_path / "mine" / "thesis.txt").exists() and len(list(six.iterdir())) == 6


def test_no_torch_and_no_matplotlib_unless_something_is_drawn(six: Path) -> None:
    code = "import sys\nfrom dnnlab.cli.main import run\ntry:\n    run(sys.argv[1:])\nfinally:\n"
    code += "    print(sorted({'torch', 'matplotlib', 'pandas', 'scipy.stats'} & set(sys.modules)))"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    for words in (["compare", "last", "--reach", "val_loss=1"], ["runs"], ["remove", "last", "--yes"]):
        done = subprocess.run(
            [sys.executable, "-c", code, *words], env=environment, capture_output=True, text=True, check=True
        )
        assert done.stdout.splitlines()[-1] == "[]", words
