"""The screen of a config: layer table, totals, advice."""

from __future__ import annotations

from dnnlab.render.screens.show_config import described_lines, layer_lines
from dnnlab.render.terminal.text import columns

TOTALS = {"trained": 235_800, "not_trained": 600, "multiply_adds": 235_200}
LAYERS = [
    {"name": "hidden1", "what": "dense 784->300, batch norm, relu", "output": [300], **TOTALS},
    {
        "name": "pool1",
        "what": "max pool 2x2",
        "output": [16, 14, 14],
        "trained": 0,
        "not_trained": 0,
        "multiply_adds": 0,
    },
]
FACE = {
    "config": {"name": "x"},
    "layers": LAYERS,
    "totals": TOTALS,
    "findings": [],
    "notes": [],
    "problem": "",
}


def test_numbers_end_below_each_other():
    lines = layer_lines(LAYERS, TOTALS, 80)
    assert all(columns(line) <= 80 for line in lines)
    assert lines[0].split() == ["layer", "what", "output", "trained", "fixed", "multiply-adds"]
    assert lines[-1].split() == ["total", "235,800", "600", "235,200"]
    assert {len(lines[0]), lines[1].rfind("235,200") + 7, lines[-1].rfind("235,200") + 7} == {80}
    assert any("16x14x14" in line for line in lines)


def test_long_descriptions_wrap_and_numbers_never():
    rows = [
        {
            **LAYERS[0],
            "name": "block1.body.inner2.body.conv17",
            "what": "conv 3x3 512->512, batch norm, leaky_relu, dropout 0.25",
        }
    ]
    lines = layer_lines(rows, TOTALS, 80)
    assert all(columns(line) <= 80 for line in lines)
    assert lines[1] == " block1.body.inner2.body.conv17"
    assert "235,800" in lines[2] and "dropout 0.25" in " ".join(lines)


def test_a_layer_that_was_never_reached():
    assert " -  " in layer_lines([{**LAYERS[1], "output": []}], TOTALS, 80)[1]


def test_everything_in_order():
    best = {"epoch": 3, "metrics": {"train_loss": 0.1, "val_accuracy": 0.97}}
    more = {"run": "runs/20261122-041833-x-7f3a1c", "status": "stopped_early", "best": best}
    finding = {"code": "zeros_initializer", "path": "initializer", "text": "hidden weights start at zero"}
    lines = described_lines(
        {**FACE, **more, "findings": [finding], "problem": "data.json is missing"},
        ["dnnlab train last seed=1"],
        80,
    )
    assert lines[0] == "name: x"
    labels = [line[:10].strip() for line in lines[lines.index("", 3) + 1 :]]
    assert labels == ["run", "status", "best", "warning", "problem", "next"]
    assert " status   stopped early" in lines and " best     epoch 3: val_accuracy 0.9700" in lines


def test_a_config_that_cannot_be_had_is_shown_as_the_text_it_is():
    face = {**FACE, "config": None, "text": "a: \x1b[31m1\nb: 2\n", "layers": None, "problem": "a plugin"}
    lines = described_lines(face, [], 80)
    assert lines[:2] == ["a: \\x1b[31m1", "b: 2"] and " problem  a plugin" in lines


def test_columns_without_room_are_left_out_and_named():
    lines = layer_lines(LAYERS, TOTALS, 58)
    assert lines[0].split() == ["layer", "what", "output", "trained", "multiply-adds"]
    assert lines[-1] == " no room for: fixed (a wider terminal)"
    assert max(map(columns, lines)) <= 58
    assert layer_lines(LAYERS, TOTALS, 40)[0].split() == ["layer", "what", "output", "trained"]
