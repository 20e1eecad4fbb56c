"""The first ten minutes: `new`, `check`, `schema` on the command line."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shell's folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def table(path: Path) -> Path:
    rows = [f"{i},{i % 9},{'' if i == 4 else i % 4},{i % 9 * 2.5}" for i in range(90)]
    path.write_text("\n".join(["id,a,b,y", *rows]))
    return path


def test_the_first_minutes_as_they_are_told(dnnlab: Call, folder: Path) -> None:
    """Each command is taken from the screen before it."""
    first = dnnlab()[1].splitlines()[0].split("  ")[1].strip()
    assert first == "dnnlab new first.yaml"
    code, out, err = dnnlab(*shlex.split(first)[1:])
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        " wrote    first.yaml: 12 lines",
        "          .dnnlab-schema.json, from which editors complete names and keys",
        " next     dnnlab check first.yaml        dnnlab train first.yaml",
    ]
    code, out, err = dnnlab("check", "first.yaml")
    assert (code, err) == (0, "")
    assert [line[:14].split() for line in out.splitlines()[:2]] == [["pass", "config"], ["pass", "data"]]
    assert out.splitlines()[-2].startswith(" 12 passed, 3 skipped in ")
    assert out.splitlines()[-2].endswith("exit 0")
    assert out.splitlines()[-1] == " next     dnnlab train first.yaml        dnnlab doctor last"
    assert not (folder / "runs").exists()
    code, out, _ = dnnlab("train", "first.yaml", "training.epochs=1", "--quiet")
    assert code == 0
    assert Path(out.strip()).is_dir()


def test_a_table(dnnlab: Call, folder: Path) -> None:
    code, out, _ = dnnlab("new", "mine.yaml", "--data", table(folder / "t.csv"), "--target", "y")
    assert code == 0
    assert out.splitlines()[2:6] == [
        " data     t.csv: 90 rows",
        " target   y: numbers from 0 to 20 (task: numbers)",
        " inputs   2 columns of numbers",
        " empty    1 in b",
    ]
    assert out.splitlines()[6] == " dropped  id: it numbers the rows"
    code, out, _ = dnnlab("check", "mine.yaml", "--json")
    assert code == 0
    found = json.loads(out)
    assert found["passed"] is True
    assert [check["name"] for check in found["checks"]][:5] == [
        "config",
        "data",
        "shapes",
        "lint",
        "initial_loss",
    ]


def test_what_new_writes_in_json_and_quietly(dnnlab: Call, folder: Path) -> None:
    out = dnnlab("new", "a.yaml", "--json", "--data", table(folder / "t.csv"), "--target", "y")[1]
    face = json.loads(out)
    assert (face["config"], face["data"]["rows"], face["data"]["columns"][0]["use"]) == ("a.yaml", 90, "drop")
    assert dnnlab("new", "b.yaml", "--quiet") == (0, "b.yaml\n", "")


def test_new_overwrites_nothing(dnnlab: Call, folder: Path) -> None:
    (folder / "first.yaml").write_text("mine")
    code, out, err = dnnlab("new", "first.yaml")
    assert (code, out) == (2, "")
    assert "first.yaml is there already" in err
    assert (folder / "first.yaml").read_text() == "mine"


def test_a_check_that_fails(dnnlab: Call, folder: Path) -> None:
    (folder / "x.yaml").write_text(
        "data: digits\nloss: mse\nactivation: selu\nregularizers: {dropout: 0.1}\n"
    )
    code, out, err = dnnlab("check", "x.yaml", "seed=1", "--static")
    assert (code, err) == (1, "")
    lines = out.splitlines()
    assert " FAIL  shapes   1 problem" in lines
    assert any(
        line.startswith("   x.yaml:2:1 loss: mse does not fit targets that are one class") for line in lines
    )
    assert " warn  lint     selu_dropout" in lines
    assert "       if it is meant so: lint: {ignore: [selu_dropout]}" in lines
    assert lines[-2].startswith(" 2 passed, 1 with advice, 1 failed in ") and lines[-2].endswith("exit 1")
    assert lines[-1] == " next     dnnlab check x.yaml seed=1"
    assert max(map(len, lines)) <= 100
    assert dnnlab("check", "x.yaml", "--quiet") == (1, "shapes\n", "")
    assert dnnlab("check", "x.yaml", "--quiet", "--strict") == (1, "shapes\nlint\n", "")


def test_advice_alone_fails_only_if_it_is_asked_to(dnnlab: Call, folder: Path) -> None:
    (folder / "x.yaml").write_text("data: digits\nactivation: selu\nregularizers: {dropout: 0.1}\n")
    code, out, _ = dnnlab("check", "x.yaml", "--static")
    assert code == 0
    assert any(line.startswith(" 3 passed, 1 with advice in ") for line in out.splitlines())
    assert out.splitlines()[-1].startswith(" next     dnnlab train x.yaml ")
    code, out, _ = dnnlab("check", "x.yaml", "--static", "--strict")
    assert (code, out.splitlines()[-1]) == (1, " next     dnnlab check x.yaml")
    assert json.loads(dnnlab("check", "x.yaml", "--static", "--json")[1])["passed"] is True
    assert dnnlab("check", "x.yaml", "--static", "--strict", "--json")[0] == 1


def test_without_a_config_there_is_no_check(dnnlab: Call) -> None:
    code, out, err = dnnlab("check", "nowhere.yaml")
    assert (code, out) == (2, "")
    assert "nowhere.yaml: no such file" in err
    assert err.splitlines()[-1].startswith(" 1 problem, nothing was written")
    assert json.loads(dnnlab("check", "nowhere.yaml", "--json")[1])["error"]["code"] == "config"


def test_the_schema(dnnlab: Call, folder: Path) -> None:
    code, out, err = dnnlab("schema")
    assert (code, err) == (0, "")
    assert json.loads(out)["$schema"] == "http://json-schema.org/draft-07/schema#"
    code, said, _ = dnnlab("schema", "--out", "s.json")
    assert code == 0
    assert (folder / "s.json").read_text() == out
    assert " use      # yaml-language-server: $schema=s.json" in said.splitlines()
    (folder / "other.json").write_text("{}")
    code, _, err = dnnlab("schema", "--out", "other.json")
    assert code == 2
    assert "other.json is there and is no schema of dnnlab" in err
