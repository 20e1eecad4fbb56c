"""`dnnlab list`, `show` and `plot` from the command line."""

from __future__ import annotations

import json
import struct

import pytest

PLUGIN = '''
from dnnlab.registry import part

@part("schedule", source="a test")
def sawtooth(base, total_steps, steps_per_epoch, *, teeth: int = 4):
    """Falls to zero and jumps up again. teeth: how often."""
    return lambda step: {"lr": base["lr"] * (1 - step * teeth / total_steps % 1)}
'''


@pytest.fixture(autouse=True)
def _eighty_columns(monkeypatch, tmp_path):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)


def fits(text):
    return all(len(line) <= 80 for line in text.splitlines())


def test_list(dnnlab):
    code, out, err = dnnlab("list")
    assert (code, err) == (0, "") and fits(out)
    assert "\n   one_cycle " in out and out.splitlines()[-1].startswith(" next")
    code, out, _ = dnnlab("list", "schedule", "--json")
    assert [face["name"] for face in json.loads(out)][:2] == ["constant", "cosine"]
    assert dnnlab("list", "schedule", "--format", "csv")[1].startswith("kind,name,")
    assert dnnlab("list", "schedule", "--format", "markdown")[1].startswith("| kind | name |")


def test_list_of_a_wrong_kind(dnnlab):
    code, out, err = dnnlab("list", "loses")
    assert (code, out) == (2, "") and "did you mean loss?" in err
    code, out, _ = dnnlab("list", "loses", "--json")
    assert json.loads(out)["error"]["problems"][0]["code"] == "unknown_kind" and code == 2


def test_show_a_part(dnnlab):
    code, out, err = dnnlab("show", "logistic")
    assert (code, err) == (0, "") and fits(out)
    assert out.startswith(" activation.sigmoid")
    assert out.splitlines()[-3:] == [
        " next     dnnlab plot activation.sigmoid",
        "          dnnlab list activation",
        "          dnnlab show activation --template",
    ]
    face = json.loads(dnnlab("show", "optimizer.adam", "--json")[1])
    assert face["keys"]["lr"]["default"] == 0.001 and face["conversions"]["keras"].startswith("Adam(")


def test_show_a_template_is_the_file_and_nothing_else(dnnlab, tmp_path):
    code, out, err = dnnlab("show", "loss", "--template")
    assert code == 0 and "dnnlab show loss --template > my_loss.py" in err
    (tmp_path / "my_loss.py").write_text(out)
    code, out, _ = dnnlab("show", "my_loss", "--plugin", "my_loss.py")
    assert code == 0 and " plugin " in out and str(tmp_path / "my_loss.py") in out
    assert dnnlab("show", "my_loss.yaml", "--plugin", "gone.py")[0] == 2


def test_show_a_config(dnnlab, config):
    code, out, err = dnnlab("show", config, "normalization=batch", "training.epochs=5")
    assert (code, err) == (0, "")
    assert " hidden1  dense 64->16, batch norm, relu" in out
    assert " steps    batches of 32 rows: 7 steps an epoch, 35 steps in 5 epochs" in out
    assert f"dnnlab train {config} normalization=batch training.epochs=5" in out.splitlines()[-1]
    face = json.loads(dnnlab("show", config, "--json")[1])
    assert face["totals"] == {"trained": 1210, "not_trained": 0, "multiply_adds": 1184}


def test_show_a_run(dnnlab, config, runs):
    dnnlab("train", config, "-q", "training.epochs=1")
    code, out, _ = dnnlab("show", "last")
    assert code == 0 and " status   done" in out and " total " in out
    digits = next(runs.iterdir()).name[-6:]
    assert out.splitlines()[-1] == f" next     dnnlab compare {digits}        dnnlab train {digits} seed=1"
    code, _, err = dnnlab("show", "last", "seed=1")
    assert code == 2 and "changes of a config file only" in err


def test_show_nothing_of_that_name(dnnlab):
    code, _, err = dnnlab("show", "elo\x1b[31m")
    assert code == 2 and "\x1b" not in err and '"elo\\x1b[31m"' in err


def test_show_a_config_that_is_wrong(dnnlab, tmp_path):
    (tmp_path / "bad.yaml").write_text("data: digits\noptimizer: {name: adam, learning_rate: 1}\n")
    code, out, err = dnnlab("show", "bad.yaml")
    assert (code, out) == (2, "") and "bad.yaml:2:25 optimizer.learning_rate" in err


def test_plot_writes_a_picture_of_800_by_500(dnnlab, tmp_path):
    code, out, err = dnnlab("plot", "elu")
    assert (code, err) == (0, "") and fits(out) and " file     elu.png" in out
    png = (tmp_path / "elu.png").read_bytes()
    assert struct.unpack(">II", png[16:24]) == (800, 500)
    assert dnnlab("plot", "elu")[1].splitlines()[1] == " file     elu-2.png"
    assert (tmp_path / "elu.png").read_bytes() == png == (tmp_path / "elu-2.png").read_bytes()


def test_plot_to_a_file_of_one_s_own(dnnlab, config, tmp_path):
    code, out, _ = dnnlab("plot", config, "schedule", "schedule=one_cycle", "--out", "rate.svg", "--json")
    face = json.loads(out)
    assert code == 0 and face["file"] == "rate.svg" and face["title"] == "one_cycle in small"
    assert "<svg" in (tmp_path / "rate.svg").read_text()


def test_plot_a_part_of_a_plugin(dnnlab, tmp_path):
    (tmp_path / "mine.py").write_text(PLUGIN)
    assert dnnlab("plot", "sawtooth", "teeth=3", "--plugin", "mine.py")[0] == 0
    assert (tmp_path / "sawtooth.png").exists()


def test_plot_says_what_is_wrong_before_anything_is_written(dnnlab, tmp_path):
    wrong = {
        ("elu", "--out", "elu.txt"): ".png, .svg, .pdf",
        ("adam",): "there is no picture",
        ("last", "schedule"): "no runs",
    }
    for words, text in wrong.items():
        code, out, err = dnnlab("plot", *words)
        assert (code, out) == (2, "") and text in err and "nothing was written" in err
    assert list(tmp_path.glob("*.png")) == []


def test_show_of_a_section(dnnlab):
    code, out, err = dnnlab("show", "reuse")
    assert (code, err) == (0, "") and fits(out)
    assert "few     similar   freeze all; only" in out
    assert "\n keys     from          required  text\n" in out
    assert "unfreeze      []        list, each {at, layers, lr_factor}" in out
    assert "\n layer_decay   multiplies the learning rate once for each layer below the output\n" in out
    face = json.loads(dnnlab("show", "reuse", "--json")[1])
    assert (face["section"], face["keys"]["from"]["required"]) == ("reuse", True)
    code, _, err = dnnlab("show", "training", "epochs=3")
    assert code == 2 and "received epochs=3 after training" in err
