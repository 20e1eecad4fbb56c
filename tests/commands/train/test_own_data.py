"""The shipped configs of own data, and runs on own data: train, interrupt, resume, report changed files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.csv_files import write_csv
from helpers.images import class_folders, pixels, save
from helpers.trainings import assert_same, drain, refusal, resumed, rows, trained, write

from dnnlab.commands.inference.evaluate import evaluate
from dnnlab.commands.train.events import Finished, Started
from dnnlab.commands.train.train import train
from dnnlab.config import load
from dnnlab.engine.stop import Stop
from dnnlab.errors import ConfigError, DataError, RunError
from dnnlab.rundir import read_run

CONFIGS = Path(__file__).parents[3] / "configs"
CIFAR = Path(os.environ.get("DNNLAB_DATA", "/nowhere")) / "cifar10-small"


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DNNLAB_CACHE", str(tmp_path / "cache"))


def run(path: Path, tmp_path: Path, *overrides: str) -> list[Any]:
    stop = Stop()
    return drain(train(load(path, overrides), tmp_path / "runs", stop=stop), stop)


def test_housing_trains_and_its_folder_describes_the_table(tmp_path: Path) -> None:
    events = run(CONFIGS / "housing.yaml", tmp_path, "training.epochs=3")
    assert isinstance(events[-1], Finished)
    folder = read_run(events[0].path)
    described = folder.json("data.json")
    assert described is not None and described["rows"] == {"train": 266, "validation": 88, "test": 88}
    assert described["missing"]["method"] == "median" and described["inputs"]["columns"][-1] == {
        "name": "sold_by_agent",
        "values": ["no", "yes"],
    }
    assert "30 empty cells filled with the training part's median (rooms 21, light 9)" in described["notes"]
    row = rows(events[0].path)[-1]
    assert (
        row["val_rmse"] > 10 > row["val_loss"]
    )  # the loss is of standardized prices, the error in the price's own units


def test_housing_csv_is_what_its_script_writes(tmp_path: Path) -> None:
    script = (CONFIGS / "data" / "make_housing.py").read_text()
    (tmp_path / "make_housing.py").write_text(script)
    names: dict[str, Any] = {"__name__": "housing", "__file__": str(tmp_path / "make_housing.py")}
    exec(compile(script, "make_housing.py", "exec"), names)
    names["main"]()
    assert (tmp_path / "housing.csv").read_bytes() == (CONFIGS / "data" / "housing.csv").read_bytes()


def test_without_its_lines_housing_says_which_to_write(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        run(CONFIGS / "housing.yaml", tmp_path, "data.categorical=[]", "data.missing=error", "data.drop=[]")
    texts = [problem.fix for problem in caught.value.problems]
    assert (
        texts
        == ["add `categorical: [town, sold_by_agent]`"] * 2
        + ["add `missing: median` (or mean, zero, drop)"] * 2
    )
    assert {Path(str(problem.file)).name for problem in caught.value.problems} == {"housing.yaml"}
    assert not (tmp_path / "runs").exists()


@pytest.mark.skipif(not CIFAR.is_dir(), reason="set DNNLAB_DATA to the folder above cifar10-small")
def test_cifar_small_trains(tmp_path: Path) -> None:
    events = run(
        CONFIGS / "cifar_small.yaml", tmp_path, "data.limit=200", "data.validation=100", "training.epochs=1"
    )
    started = events[0]
    assert isinstance(started, Started) and started.built.data.in_shape == (3, 32, 32)
    assert started.built.described["rows"] == {"train": 200, "validation": 100, "test": 1000}


@pytest.mark.parametrize("balance", ["weights", "sampling"])
@pytest.mark.parametrize("after", [4, 9])
def test_a_balanced_run_cut_short_goes_on_bit_by_bit(tmp_path: Path, balance: str, after: int) -> None:
    data = {"name": "digits", "limit": 100, "classes": [1, 2, 3], "balance": balance}
    config = {"data": data, "training": {"epochs": 3, "batch_size": 16}, "regularizers": {"dropout": 0.2}}
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    whole.mkdir(), cut.mkdir()
    expected, run_ = trained(whole, **config), trained(cut, after=after, **config)
    resumed(run_)
    assert_same(expected, run_)


def test_a_run_on_a_table_is_resumed_and_changed_data_are_refused(tmp_path: Path) -> None:
    lines = [f"{i},{'' if i % 9 == 1 else i % 5},{('u', 'v')[i % 2]},{i * 3}.5" for i in range(80)]
    table = write_csv(tmp_path, "\n".join(["a,b,t,y", *lines]))
    data = {
        "name": "csv",
        "path": "table.csv",
        "target": "y",
        "categorical": ["t"],
        "missing": "mean",
        "target_scale": "standardize",
    }
    cut = trained(tmp_path, data=data, after=3)
    write_csv(tmp_path, "\n".join(["a,b,t,y", *lines[:-1], "1,1,u,1.5"]))
    with pytest.raises(RunError, match=r"the data of .* have changed"):
        resumed(cut)
    write_csv(tmp_path, "\n".join(["a,b,t,y", *lines]))
    resumed(cut)
    assert table.exists() and read_run(cut).status == "done"


def test_a_path_belongs_to_whoever_named_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for place, rows_ in (("base", 20), ("child", 30), ("shell", 40)):
        (tmp_path / place).mkdir()
        write_csv(tmp_path / place, "\n".join(["a,y", *(f"{i},{i % 2}" for i in range(rows_))]))
    write(
        tmp_path / "base",
        {"data": {"name": "csv", "path": "table.csv", "target": "y"}, "architecture": "mlp"},
    )
    child = write(
        tmp_path / "child",
        {"base": "../base/experiment.yaml", "data": {"split_seed": 3}, "training": {"epochs": 1}},
    )
    monkeypatch.chdir(tmp_path / "shell")

    def count(*overrides: str) -> int:
        return sum(run(child, tmp_path, *overrides)[0].built.described["rows"].values())

    assert (count(), count("data.path=table.csv")) == (20, 40)


def test_images_of_own_classes_train(tmp_path: Path) -> None:
    class_folders(tmp_path / "photos", ("cat", "dog", "eel"), count=20, height=8, width=8)
    data = {"name": "image_folder", "path": "photos", "classes": ["eel", "cat"], "limit_per_class": 5}
    run_ = trained(tmp_path, data=data, architecture={"name": "cnn", "blocks": [[4]], "hidden": [8]})
    described = read_run(run_).json("data.json")
    assert (
        described is not None
        and described["names"] == ["eel", "cat"]
        and described["class_counts"]["train"] == [5, 5]
    )
    assert np.all(np.array(described["in_shape"]) == (3, 8, 8))


def test_images_that_changed_behind_their_names_sizes_and_times_are_noticed(tmp_path: Path) -> None:
    """As `cp -p`, `tar` and `rsync -t` leave them; a bitmap's size says nothing of its pixels."""

    def write_bitmaps(seed: int) -> None:
        for c, name in enumerate(("cat", "dog")):
            for i in range(20):
                file = save(tmp_path / "photos" / name / f"{i}.bmp", pixels(8, 8, seed=seed + 100 * c + i))
                os.utime(file, (1_700_000_000, 1_700_000_000))

    write_bitmaps(0)
    data = {"name": "image_folder", "path": "photos"}
    cut = trained(tmp_path, after=1, data=data, architecture={"name": "mlp", "hidden": [8]})
    write_bitmaps(1000)
    assert " have changed " in refusal(cut)
    with pytest.raises(RunError, match=" have changed "):
        evaluate(cut, tmp_path / "runs", which="last")
    write_bitmaps(0)
    assert resumed(cut)[-1].result["status"] == "done"


def test_keys_that_cannot_act_are_placed_in_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, {"data": {"name": "diabetes", "balance": "weights"}, "architecture": "mlp"})
    with pytest.raises(
        ConfigError, match=r"experiment\.yaml:3:3 data\.balance: balance: weights needs one class a row"
    ):
        run(path, tmp_path)
