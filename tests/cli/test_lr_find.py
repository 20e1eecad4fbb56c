"""`dnnlab lr-find` on the screen, as a file, as a picture."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from dnnlab.config import load

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.yaml").write_text(
        "data: digits\narchitecture: {hidden: [16]}\nschedule: one_cycle\ntraining: {epochs: 2}\n"
    )
    return tmp_path


def test_curve_file_picture_and_the_next_command(dnnlab: Call, folder: Path, runs: Path) -> None:
    code, out, err = dnnlab("lr-find", "x.yaml", "--out", "found.yaml", "--png", "curve.png")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert max(map(len, lines)) <= 80
    assert "          1e-7  1e-6     1e-5     1e-4    1e-3    1e-2     1e-1      1e0     1e1" in lines
    marks = next(i for i, line in enumerate(lines) if line.strip() and not set(line) - set(" BS"))
    powers = lines[marks + 1]
    assert powers.index("1e-4") < lines[marks].index("B") < powers.index("1e0")
    rate = load(folder / "found.yaml").experiment.optimizer.keys["lr"]
    assert f" take     optimizer.lr={rate:g}; the config says 0.001" in lines
    assert " aside    schedule one_cycle: not part of the test" in lines
    assert (folder / "curve.png").read_bytes().startswith(b"\x89PNG")
    assert not runs.exists()
    assert lines[-1] == " next     dnnlab train found.yaml"
    assert dnnlab(*shlex.split(lines[-1])[2:], "--quiet")[0] == 0


def test_json_and_quiet(dnnlab: Call) -> None:
    code, out, _ = dnnlab("lr-find", "x.yaml", "optimizer.lr=0.5", "--json", "--steps", "100")
    face = json.loads(out)
    assert (code, face["key"], face["to"], face["steps"], face["out"]) == (0, "optimizer.lr", 10.0, 100, None)
    assert face["lr"] == face["suggestions"][0]["lr"]
    assert [s["rule"] for s in face["suggestions"]] == ["book", "steepest"]
    assert face["points"][0].keys() == {"lr", "loss", "smoothed"}
    assert dnnlab("lr-find", "x.yaml", "--steps", "100", "--quiet")[1] == f"optimizer.lr={face['lr']:g}\n"


def test_nothing_to_suggest_goes_on_with_a_longer_walk(dnnlab: Call, folder: Path) -> None:
    code, out, _ = dnnlab("lr-find", "x.yaml", "--to", "1e-3", "--out", "found.yaml")
    assert code == 1
    assert " nothing  the loss still falls at the last rate (0.001): walk on" in out.splitlines()
    assert out.splitlines()[-1] == " next     dnnlab lr-find x.yaml --from 1e-07 --to 0.1"
    assert not (folder / "found.yaml").exists()


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["x.yaml", "--out", "x.yaml"], "x.yaml is there already"),
        (["x.yaml", "--out", "found.txt"], "received found.txt"),
        (["x.yaml", "--png", "x.jpg"], "--png x.jpg"),
        (["x.yaml", "--from", "2", "--to", "1"], "--from 2 --to 1"),
        (["x.yaml", "optimizer=lbfgs", "training.batch_size=full"], "expected an optimizer of small steps"),
        (["nowhere.yaml"], "no such file"),
        (["x.yaml", "loss=mse"], "mse does not fit targets"),
    ],
)
def test_mistakes(dnnlab: Call, folder: Path, words: list[str], text: str) -> None:
    before = sorted(folder.iterdir())
    code, out, err = dnnlab("lr-find", *words)
    assert (code, out) == (2, "")
    assert text in err
    assert err.splitlines()[-1].startswith(" 1 problem, nothing was written")
    assert sorted(folder.iterdir()) == before


def test_losses_of_all_sizes_fit_before_the_axis() -> None:
    from dnnlab.render.screens.lr_find import AXIS, number

    assert [number(v) for v in (2.31, 0.0456, 30_197.4, 3.5e7, -1234.5)] == [
        "2.31",
        "0.0456",
        "30,197",
        "3.5e+07",
        "-1,234",
    ]
    assert all(len(number(v)) <= AXIS - 2 for v in (1e-9, 0.00123, 999.9, 99_999.0, 1e30, -99_999.0))
