"""`dnnlab weights`: the screen at 80 columns, the JSON, and what it answers to mistakes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from helpers.doc_blocks import ROOT

Call = Callable[..., tuple[int, str, str]]
FILES = ROOT / "tests" / "golden" / "weights"

SCREEN = """\
 keras_square.keras: Keras 3 (.keras), 4 arrays, 223 numbers
 name           becomes        shape    type       mean  deviation
 conv2d.weight  conv1.weight   4x3x3x3  float32  {:>6}     {}
 conv2d.bias    conv1.bias     4        float32  {:>6}     {}
 head.weight    output.weight  3x36     float32  {:>6}     {}
 head.bias      output.bias    3        float32  {:>6}     {}
 conv2d: padding valid, stride 1x1, dilation 1x1, groups 1
 note     head: its inputs were 3x3 places of 4 channels, turned to torch's
          order
"""


def test_the_screen(dnnlab: Call) -> None:
    maps = ("--map", "conv2d=conv1", "--map", "head=output")
    code, out, err = dnnlab("weights", FILES / "keras_square.keras", *maps)
    shown = json.loads(dnnlab("weights", FILES / "keras_square.keras", *maps, "--json")[1])
    assert (code, err) == (0, "")
    lines = out.splitlines()
    for row, line in zip(shown["arrays"], lines[2:6], strict=True):
        assert line.split()[:3] == [row["name"], row["becomes"], "x".join(map(str, row["shape"]))]
        assert float(line.split()[-1]) == pytest.approx(row["deviation"], abs=1e-4)
    numbers = [word for line in lines[2:6] for word in line.split()[-2:]]
    assert out == SCREEN.format(*numbers)


def test_numbers_are_those_of_numpy(dnnlab: Call, tmp_path: Path) -> None:
    w = np.random.default_rng(0).normal(size=(5, 7))
    np.savez(tmp_path / "a.npz", w=w, bad=np.array([1.0, np.inf]), none=np.zeros((0, 3)))
    face = json.loads(dnnlab("weights", tmp_path / "a.npz", "--json")[1])
    rows = {row["name"]: row for row in face["arrays"]}
    assert rows["w"]["mean"] == pytest.approx(w.mean()) and rows["w"]["deviation"] == pytest.approx(w.std())
    assert rows["bad"]["mean"] is None and rows["none"]["mean"] is None
    assert face["notes"] == ["not all numbers are finite: bad"] and face["format"] == "npz"


def test_long_names_fit(dnnlab: Call, tmp_path: Path) -> None:
    np.savez(
        tmp_path / "a.npz", **{"encoder.layers.10.self_attention.in_projection.weight": np.ones((4096, 1024))}
    )
    out = dnnlab("weights", tmp_path / "a.npz")[1]
    assert max(map(len, out.splitlines())) <= 80 and "4096x1024" in out and "…" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere.keras"], "nowhere.keras: there is no such file; expected a file of weights"),
        (["nowhere"], "there are no runs in"),
        (
            ["FILE", "--map", "dense"],
            r"--map: received --map dense; expected PATTERN=REPLACEMENT; --map 'dense_(.*)=hidden\1'",
        ),
        (
            ["FILE", "--map", "dense=hidden1"],
            '--map: the pattern "dense" fits no layer; expected one that fits one of conv2d, head',
        ),
        (["FILE", "--map", "(=x"], '--map: "(" is no pattern (missing ), unterminated subpattern'),
        (
            ["FILE", "--map", r"head=x\3"],
            r'--map: "x\3" is no replacement for "head" (invalid group reference 3',
        ),
        (
            ["FILE", "--map", ".*=x"],
            "--map: conv2d.weight and head.weight would both become x.weight; expected a name for each",
        ),
    ],
)
def test_mistakes(dnnlab: Call, words: list[str], said: str) -> None:
    code, out, err = dnnlab(
        "weights", *(FILES / "keras_square.h5" if word == "FILE" else word for word in words)
    )
    assert (code, out) == (2, "")
    assert said in " ".join(err.split()) and "Traceback" not in err
