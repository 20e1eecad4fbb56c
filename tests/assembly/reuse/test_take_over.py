"""Weights of another training in a new net: what is taken, what begins anew, and every refusal."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from helpers.trainings import checkpoint, drain, small, trained, write
from safetensors.torch import load_file, save_file

from dnnlab.assembly.reuse.source import with_source
from dnnlab.assembly.session import Built, build
from dnnlab.commands.train.train import train
from dnnlab.config import load
from dnnlab.engine.stop import Stop
from dnnlab.errors import ConfigError

EIGHT = {"name": "digits", "classes": [0, 1, 2, 3, 4, 5, 6, 7], "limit": 300}
TWO = {"name": "digits", "classes": [8, 9], "limit": 100}
DEEP = {"name": "mlp", "hidden": [16, 12, 8]}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on eight digits."""
    folder = tmp_path_factory.mktemp("source")
    return trained(folder, data=EIGHT, architecture=DEEP, normalization="batch", name="eight")


@pytest.fixture
def copied(source: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may damage."""
    return Path(shutil.copytree(source, tmp_path / source.name))


def started(folder: Path, reuse: dict[str, Any], **changes: Any) -> Built:
    """A net of two digits that begins with weights of the source."""
    settings = {"data": TWO, "architecture": DEEP, "normalization": "batch", **changes}
    path = write(folder, small(**settings, reuse=reuse))
    return build(with_source(load(path), folder / "runs"))


def refused(folder: Path, reuse: dict[str, Any], **changes: Any) -> str:
    """The text that refuses it."""
    with pytest.raises(ConfigError) as caught:
        started(folder, reuse, **changes)
    assert caught.value.exit_code == 2
    assert len(caught.value.problems) == 1
    return str(caught.value)


def test_hidden_layers_are_taken_and_the_output_is_new(source: Path, tmp_path: Path) -> None:
    built = started(tmp_path, {"from": str(source)})
    there, here = checkpoint(source).checkpoint.best, built.session.net.state_dict()
    fresh = started(tmp_path, {"from": str(source), "layers": "hidden3"}).session.net.state_dict()
    assert there is not None
    for name, tensor in here.items():
        if name.startswith("hidden"):
            assert torch.equal(tensor, there[name]), name
        else:
            assert torch.equal(tensor, fresh[name]), name
    facts = built.reuse_facts
    assert [(f["layer"], f["taken"], f["why"]) for f in facts["layers"]] == [
        ("hidden1", True, ""),
        ("hidden2", True, ""),
        ("hidden3", True, ""),
        ("output", False, "8 classes there, 2 here"),
    ]
    sizes = [64 * 16 + 2 * 16, 16 * 12 + 2 * 12, 12 * 8 + 2 * 8, 8 + 1]
    assert [f["numbers"] for f in facts["layers"]] == sizes
    assert facts["left"] == [{"layer": "output", "numbers": 8 * 8 + 8, "why": "8 classes there, 2 here"}]
    assert facts["numbers"] == {
        "taken": sum(sizes[:3]), "new": 9, "left": 72, "frozen": 0, "learn_later": 0, "trained": sum(sizes),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("which", "part"), [("best", "best"), ("last", "model"), ("ema", "averages")], ids=["best", "last", "ema"]
)
def test_the_weights_are_those_that_were_asked_for(which: str, part: str, tmp_path: Path) -> None:
    run = trained(tmp_path, "regularizers={ema: 0.9}", data=EIGHT, architecture=DEEP, name="averaged")
    kept = getattr(checkpoint(run).checkpoint, part)
    name = "ema.module.hidden1.weight" if which == "ema" else "hidden1.weight"
    built = started(tmp_path, {"from": str(run), "weights": which}, normalization=None)
    assert torch.equal(built.session.net.state_dict()["hidden1.weight"], kept[name])
    assert built.reuse_facts["source"]["weights"] == which


@pytest.mark.parametrize("form", ["run", "checkpoint", "file"])
def test_a_source_has_three_forms(form: str, source: Path, tmp_path: Path) -> None:
    folder = checkpoint(source).path
    path = {"run": source, "checkpoint": folder, "file": folder / "model.safetensors"}[form]
    built = started(tmp_path, {"from": str(path), "weights": "last"})
    model = load_file(folder / "model.safetensors")
    assert torch.equal(built.session.net.state_dict()["hidden2.weight"], model["hidden2.weight"])
    assert built.reused is not None and len(built.reused.source.sha256) == 64
    assert built.reuse_facts["layers"][3]["why"] == (
        "8x8 there, 1x8 here" if form == "file" else "8 classes there, 2 here"
    )


@pytest.mark.parametrize("form", ["safetensors", "torch", "numpy", "folder"])
def test_other_names_are_mapped(form: str, source: Path, tmp_path: Path) -> None:
    model = load_file(checkpoint(source).path / "model.safetensors")
    foreign = {
        name.replace("hidden", "dense_").replace(".normalization", "_bn"): t for name, t in model.items()
    }
    path = tmp_path / {"safetensors": "w.safetensors", "torch": "w.pt", "numpy": "w.npz", "folder": "w"}[form]
    if form == "torch":
        torch.save(foreign, path)
    elif form == "numpy":
        np.savez(path, **{name: t.numpy() for name, t in foreign.items()})
    elif form == "folder":
        path.mkdir()
        save_file(foreign, path / "model.safetensors")
    else:
        save_file(foreign, path)
    names = {"dense_(\\d)_bn": "hidden\\1.normalization", "dense_(.*)": "hidden\\1"}
    built = started(tmp_path, {"from": path.name, "map": names})
    for name, tensor in built.session.net.state_dict().items():
        assert torch.equal(tensor, model[name]) or name.startswith("output"), name


def test_classes_of_other_names_begin_anew(tmp_path: Path) -> None:
    run = trained(tmp_path, data={**TWO, "classes": [0, 1]}, architecture=DEEP, name="other")
    built = started(tmp_path, {"from": str(run)}, normalization=None)
    assert built.reuse_facts["layers"][3] == {
        "layer": "output", "numbers": 9, "taken": False, "why": "other classes (0 there)", "frozen": False, "stage": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("reuse", "changes", "texts"),
    [
        ({"layers": "hiden1"}, {}, [(
            'reuse.layers: the pattern "hiden1" matches no '
            'layer; layers: hidden1, hidden2'
        ),
                                    "did you mean hidden1?"]),
        ({"freeze": "conv.*"}, {}, ['reuse.freeze: the pattern "conv.*" matches no layer']),
        ({"freeze": "hidden1", "unfreeze": [{"at": "1 epochs", "layers": "hiden1"}]}, {},
         ['reuse.unfreeze.0.layers: the pattern "hiden1" matches no layer', "did you mean hidden1?"]),
        ({}, {"architecture": {"hidden": [16, 10]}},
         ["reuse.layers: hidden2.weight is 12x16 in ", " and 10x16 here; expected equal "
         "shapes; leave it out: "
          "reuse: {layers: (?!hidden2$).*}"]),
        ({}, {"normalization": None}, [(
            "hidden1: only this net has hidden1.bias; "
            "expected the same parts in both"
        )]),
        ({}, {"data": {"name": "moons"}}, ["hidden1.weight is 16x64 in ", (
            " and 16x2 here; its inputs were "
            "1x8x8, these are 2"
        )]),
        ({"layers": "output"}, {}, ["reuse: nothing of ", "output: 8 classes there, 2 here"]),
        ({"weights": "swa"}, {}, ["has no weights called 'swa'; expected one of best, last"]),
        ({"map": {"hidden(.)": "\\2"}}, {}, ["reuse.map: ", "is no replacement for ", "hidden(.)", "expected groups of the pattern; map: {"]),
        ({"map": {"hidden.": "hidden1"}}, {}, ["reuse.map: hidden1.weight and hidden2.weight would both become hidden1.weight"]),
        ({"freeze": ".*"}, {}, ["reuse.freeze: every layer is frozen; expected at least one that learns"]),
        ({"freeze": ".*", "unfreeze": [{"at": "1 epochs", "layers": ".*"}]}, {},
         ["every layer is frozen until the first moment of unfreeze"]),
        ({"freeze": "hidden.", "unfreeze": [{"at": "3 epochs", "layers": ".*"}]}, {},
         [(
             "reuse.unfreeze.0.at: 3 epochs is step 12; the training has 3 epochs of 4 steps (12); "
             "expected a time within"
         )]),
        ({"freeze": "hidden.", "unfreeze": [{"at": "4 steps", "layers": "hidden2"}, {"at": "1 epochs", "layers": ".*"}]},
         {}, [(
             "reuse.unfreeze.1.at: 1 epochs is step 4, and the one before is step 4; expected times "
             "that rise"
         )]),
        ({"freeze": "hidden1", "unfreeze": [{"at": "1 epochs", "layers": "hidden2"}]}, {},
         ['reuse.unfreeze.0.layers: the layers of "hidden2" learn already', "frozen at first: hidden1"]),
        ({"unfreeze": [{"at": "1 epochs", "layers": "hidden2"}]}, {}, [(
            "no layer is frozen; reuse: "
            "{freeze: hidden2}"
        )]),
        ({"freeze": "hidden1", "unfreeze": [{"at": "1 epochs", "layers": "hidden1"}]}, {"optimizer": "lbfgs",
          "training": {"batch_size": "full", "epochs": 3}},
         ["reuse.unfreeze: lbfgs takes all parameters at once, at one learning rate; expected no unfreeze"]),
    ],
)  # fmt: skip
def test_refusals(
    reuse: dict[str, Any], changes: dict[str, Any], texts: list[str], source: Path, tmp_path: Path
) -> None:
    said = refused(tmp_path, {"from": str(source), **reuse}, **changes)
    for text in texts:
        assert text in said


def test_a_source_that_is_missing(tmp_path: Path, source: Path) -> None:
    assert "reuse.from: there are no runs in" in refused(tmp_path, {"from": "nothing"})
    shutil.copytree(source, tmp_path / "runs" / source.name)
    assert "matches 'eigth'; expected a path" in refused(tmp_path, {"from": "eigth"})
    assert "none.safetensors does not exist; expected a file of weights" in refused(
        tmp_path, {"from": "none.safetensors"}
    )


def test_a_source_that_is_damaged(copied: Path, tmp_path: Path) -> None:
    for path in (copied / "checkpoints").iterdir():
        (path / "model.safetensors").write_bytes(b"cut")
    said = refused(tmp_path, {"from": str(copied)})
    assert "reuse.from: " in said and "has no whole checkpoint: " in said and "3 bytes instead of" in said
    (tmp_path / "bad.safetensors").write_bytes(b"nothing")
    assert "bad.safetensors: the file is in none of the formats of weights" in refused(
        tmp_path, {"from": "bad.safetensors"}
    )


def test_weights_that_are_not_finite(source: Path, tmp_path: Path) -> None:
    model = load_file(checkpoint(source).path / "model.safetensors")
    model["hidden1.weight"][0, 0] = float("nan")
    save_file(model, tmp_path / "nan.safetensors")
    said = refused(tmp_path, {"from": "nan.safetensors"})
    assert "hidden1.weight of nan.safetensors holds numbers that are not finite" in said


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"status": "diverged", "reason": "step 7"}, (
            " diverged (step 7); expected weights of "
            "a training that went well"
        )),
        ({"format": 2}, " has format 2; expected format 1; take the dnnlab that wrote it"),
    ],
)  # fmt: skip
def test_runs_that_are_no_source(change: dict[str, Any], text: str, copied: Path, tmp_path: Path) -> None:
    meta = json.loads((copied / "meta.json").read_text())
    (copied / "meta.json").write_text(json.dumps({**meta, **change}))
    assert text in refused(tmp_path, {"from": str(copied)})
    if "status" in change:  # a checkpoint of it may be named
        assert started(tmp_path, {"from": str(checkpoint(copied).path)}).reused is not None


def test_columns_with_other_names_are_no_input_of_the_source(tmp_path: Path) -> None:
    for name, header in (("one", "a,b,y"), ("two", "a,c,y")):
        rows = [f"{i},{i * 7 % 13},{'no' if i % 2 else 'yes'}" for i in range(60)]
        (tmp_path / f"{name}.csv").write_text("\n".join([header, *rows]))
    table = {"name": "csv", "path": "one.csv", "target": "y"}
    run = trained(tmp_path, data=table, architecture=DEEP, name="table")
    other = {"data": {**table, "path": "two.csv"}, "normalization": None}
    said = refused(tmp_path, {"from": str(run)}, **other)
    assert (
        "learned from other columns (b); expected a, b; take the same columns, or leave hidden1 out" in said
    )
    assert started(tmp_path, {"from": str(run), "layers": "hidden[23]|output"}, **other).reused is not None


def test_the_source_stays_as_it_is_and_may_be_deleted(copied: Path, tmp_path: Path) -> None:
    before = {p: p.read_bytes() for p in copied.rglob("*") if p.is_file()}
    path = write(
        tmp_path, small(data=TWO, architecture=DEEP, normalization="batch", reuse={"from": str(copied)})
    )
    drain(train(load(path), tmp_path / "runs"), Stop())
    assert {p: p.read_bytes() for p in copied.rglob("*") if p.is_file()} == before
