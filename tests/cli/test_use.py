"""`dnnlab evaluate` and `dnnlab predict`: streams, exit codes, files that are never overwritten."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

Call = Callable[..., tuple[int, str, str]]
IMAGES = load_digits().images[:5, None]


@pytest.fixture
def run(dnnlab: Call, config: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run of three epochs; the shell is in the folder above the runs."""
    monkeypatch.chdir(config.parent)
    return Path(dnnlab("train", config, "-q")[1].strip())


@pytest.fixture
def new(tmp_path: Path) -> Path:
    path = tmp_path / "new.npz"
    np.savez(path, x=IMAGES)
    return path


def saved(run: Path) -> list[Path]:
    folder = run / "evaluations"
    return sorted(folder.iterdir()) if folder.exists() else []


def test_the_screen_of_an_evaluation(dnnlab: Call, run: Path) -> None:
    code, out, err = dnnlab("evaluate", "last")
    lines = out.splitlines()
    assert (code, err) == (0, "")
    assert (
        lines[0].startswith(f" test part of {run.name[16:]}: 359 rows, 10 classes; best weights")
        or len(lines[0]) <= 80
    )
    assert lines[1 if "best weights" in lines[0] else 2].strip() == "the test part was not looked at before"
    assert f" next     dnnlab compare {run.name[-6:]} --test" in lines
    assert lines[-1] == f" saved    {saved(run)[0]}"
    assert all(len(line) <= 80 for line in lines[:-1])


def test_looks_at_the_test_part_are_counted(dnnlab: Call, run: Path) -> None:
    train_screen = dnnlab("train", "last", "-s", "seed=1")[1]
    assert "test: not looked at" in train_screen
    said = [dnnlab("evaluate", run)[1] for _ in range(3)]
    assert (
        "not looked at before" in said[0]
        and "looked at once before" in said[1]
        and "looked at 2 times before" in said[2]
    )
    assert "choose by" in said[2]
    assert "looked at" not in dnnlab("evaluate", run, "--split", "validation")[1]
    assert len(saved(run)) == 4


def test_quiet_prints_the_file_and_json_the_numbers(dnnlab: Call, run: Path) -> None:
    code, out, err = dnnlab("evaluate", "last", "-q")
    assert (code, out, err) == (0, f"{saved(run)[0]}\n", "")
    face = json.loads(dnnlab("evaluate", "last", "--json", "--weights", "last")[1])
    assert {
        "run",
        "split",
        "weights",
        "metrics",
        "per_class",
        "intervals",
        "confusion",
        "file",
        "earlier",
    } <= face.keys()
    assert (face["run"], face["weights"], face["earlier"], face["rows"]) == (str(run), "last", 1, 359)
    assert json.loads(Path(face["file"]).read_text())["metrics"] == face["metrics"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nosuch"], "no run in"),
        (
            ["last", "--split", "tests"],
            "received --split tests; expected one of test, validation, train; did you mean test?",
        ),
        (["last", "--weights", "ema"], "has no weights called 'ema'; expected one of best, last"),
        (["last", "--batch-size", "0"], "Invalid value for '--batch-size'"),
        (["last", "--device", "cuda:7"], "--device: received cuda:7; this machine has"),
    ],
)
def test_evaluate_refuses(words: list[str], said: str, dnnlab: Call, run: Path) -> None:
    code, out, err = dnnlab("evaluate", *words)
    assert (code, out) == (2, "") and said in err
    assert saved(run) == []


def test_an_error_as_json(dnnlab: Call, run: Path) -> None:
    code, out, _ = dnnlab("evaluate", "last", "--weights", "swa", "--json")
    assert code == 2 and json.loads(out)["error"]["problems"][0]["code"] == "no_weights"


def test_predictions_go_to_stdout_as_csv(dnnlab: Call, run: Path, new: Path) -> None:
    code, out, err = dnnlab("predict", "last", new)
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 0 and len(rows) == 5 and list(rows[0]) == ["class", *(f"p_{i}" for i in range(10))]
    assert err.startswith(" 5 rows, best weights (epoch ") and err.endswith(f"of {run.name}\n")
    assert dnnlab("predict", "last", new, "-q") == (0, out, "")
    assert [row["class"] for row in json.loads(dnnlab("predict", "last", new, "--json")[1])] == [
        row["class"] for row in rows
    ]
    assert (
        dnnlab("predict", "last", new, "--format", "json")[1] == dnnlab("predict", "last", new, "--json")[1]
    )


def test_predictions_in_a_file(dnnlab: Call, run: Path, new: Path, tmp_path: Path) -> None:
    out = tmp_path / "answers.csv"
    code, shown, err = dnnlab("predict", "last", new, "--out", out)
    assert code == 0 and err == "" and out.read_text() == dnnlab("predict", "last", new, "-q")[1]
    assert (
        shown.splitlines()[0].startswith(" 5 rows, best weights")
        and shown.splitlines()[-1] == f" saved    {out}"
    )
    assert dnnlab("predict", "last", new, "--out", tmp_path / "a.npz", "-q") == (
        0,
        f"{tmp_path / 'a.npz'}\n",
        "",
    )
    assert np.load(tmp_path / "a.npz", allow_pickle=False)["probabilities"].shape == (5, 10)
    face = json.loads(dnnlab("predict", "last", new, "--out", tmp_path / "a.json", "--json")[1])
    assert face["file"] == str(tmp_path / "a.json") and face["rows"] == 5 and face["format"] == "json"


def test_a_file_is_not_overwritten(dnnlab: Call, run: Path, new: Path, tmp_path: Path) -> None:
    out = tmp_path / "answers.csv"
    out.write_text("mine")
    code, shown, err = dnnlab("predict", "last", new, "--out", out)
    assert (code, shown, out.read_text()) == (2, "", "mine")
    assert (
        "answers.csv exists already and is not overwritten; expected a new name; --out "
        f"{tmp_path / 'answers-2.csv'}"
    ) in err
    assert "nothing was saved" in err


def test_predict_refuses_what_does_not_fit(dnnlab: Call, run: Path, tmp_path: Path) -> None:
    np.savez(tmp_path / "wide.npz", x=np.zeros((3, 1, 28, 28)))
    code, out, err = dnnlab("predict", "last", tmp_path / "wide.npz", "--out", tmp_path / "o.csv")
    assert (code, out) == (
        2,
        "",
    ) and "wide.npz: inputs of shape (3, 1, 28, 28); expected (rows, 1, 8, 8)" in err
    assert not (tmp_path / "o.csv").exists()
    assert "npz is no text" in dnnlab("predict", "last", tmp_path / "wide.npz", "--format", "npz")[2]


def test_a_run_elsewhere_is_named_in_the_next_command(dnnlab: Call, run: Path, tmp_path: Path) -> None:
    out = dnnlab("evaluate", run, "--runs-dir", tmp_path / "other")[1]
    assert f"dnnlab compare {run.name[-6:]} --runs-dir {run.parent} --test" in out


def test_arrays_are_refused_with_the_line_of_python(dnnlab: Call, runs: Path) -> None:
    import dnnlab as package

    run = package.train({"training": {"epochs": 1}}, data=(IMAGES[:, 0, 0], [0, 1, 0, 1, 0]), runs_dir=runs)
    code, _, err = dnnlab("evaluate", "last")
    assert code == 2 and f'in Python: dnnlab.load_run("{run.path}").evaluate(data=(X, y))' in err
