"""`predict` on real small runs: inputs of every form, scaled like the run's data, or refused."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from helpers.images import class_folders, pixels, save
from helpers.trainings import trained
from sklearn.datasets import load_diabetes, load_digits, load_iris

import dnnlab
from dnnlab.commands.inference import predictions as forms
from dnnlab.commands.inference.evaluate import evaluate
from dnnlab.commands.inference.model import finite
from dnnlab.commands.inference.predict import predict
from dnnlab.data.progress_notes import listener
from dnnlab.errors import DataError, RunError, StorageError, UsageError
from dnnlab.rundir import read_run

FLOWERS = load_iris()
CONFIG: dict[str, Any] = {
    "architecture": {"hidden": [8]},
    "training": {"epochs": 8},
    "optimizer": {"name": "adam", "lr": 0.03},
}
HOUSES = "rooms,town,price\n" + "".join(
    f"{i % 7 if i % 11 else ''},{'Rome' if i % 3 else 'Bonn'},{50.5 + 10 * (i % 7)}\n" for i in range(120)
)


@pytest.fixture(scope="module")
def iris(tmp_path_factory: pytest.TempPathFactory) -> dnnlab.Run:
    return dnnlab.train({"data": "iris", **CONFIG}, runs_dir=tmp_path_factory.mktemp("iris"))


@pytest.fixture(scope="module")
def houses(tmp_path_factory: pytest.TempPathFactory) -> dnnlab.Run:
    """A table with holes, text and a scaled target."""
    folder = tmp_path_factory.mktemp("houses")
    (folder / "houses.csv").write_text(HOUSES)
    data = {"name": "csv", "path": str(folder / "houses.csv"), "target": "price", "categorical": ["town"]}
    data |= {"missing": "median", "target_scale": "standardize", "task": "numbers"}
    return dnnlab.train({"data": data, **CONFIG, "training": {"epochs": 30}}, runs_dir=folder)


@pytest.fixture(scope="module")
def pets(tmp_path_factory: pytest.TempPathFactory) -> dnnlab.Run:
    """Images of two classes."""
    folder = tmp_path_factory.mktemp("pets")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DNNLAB_CACHE", str(folder / "cache"))
        class_folders(folder / "pets", count=10)
        data = {"name": "image_folder", "path": str(folder / "pets"), "size": 8}
        return dnnlab.train({"data": data, **CONFIG}, runs_dir=folder)


def csv_rows(found: forms.Predictions) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(forms.text(found, "csv"))))


def test_probabilities_are_the_nets_own_softmax(iris: dnnlab.Run) -> None:
    tensors = iris.view.tensors("data.safetensors")
    assert tensors is not None
    scaled = (FLOWERS.data - tensors["scaling.offset"].numpy()) / tensors["scaling.scale"].numpy()
    expected = torch.softmax(iris.model()(torch.from_numpy(scaled.astype(np.float32))).detach(), 1).numpy()
    found = iris.predict(FLOWERS.data)
    assert np.allclose(found.values, expected, atol=1e-6) and found.values.sum(axis=1) == pytest.approx(
        np.ones(150)
    )
    assert found.classes == [str(FLOWERS.target_names[i]) for i in expected.argmax(axis=1)]
    assert repr(found) == "Predictions(150 rows, classes: setosa, versicolor, virginica)"
    assert sum(count for _, count in found.counts()) == len(found) == 150


def test_the_row_order_is_kept(iris: dnnlab.Run) -> None:
    order = np.random.default_rng(0).permutation(150)
    assert np.allclose(
        iris.predict(FLOWERS.data[order]).values, iris.predict(FLOWERS.data).values[order], atol=1e-7
    )


def test_one_row_alone(iris: dnnlab.Run) -> None:
    assert np.allclose(
        iris.predict(FLOWERS.data[7]).values, iris.predict(FLOWERS.data).values[7:8], atol=1e-7
    )


def test_csv_json_and_npz_say_the_same(iris: dnnlab.Run) -> None:
    found = iris.predict(FLOWERS.data[::30])
    table, records = csv_rows(found), json.loads(forms.text(found, "json"))
    arrays = np.load(io.BytesIO(forms.content(found, "npz")), allow_pickle=False)
    assert list(table[0]) == ["class", "p_setosa", "p_versicolor", "p_virginica"]
    assert (
        [row["class"] for row in table]
        == [row["class"] for row in records]
        == arrays["classes"].tolist()
        == found.classes
    )
    for i, name in enumerate(("setosa", "versicolor", "virginica")):
        assert [float(row[f"p_{name}"]) for row in table] == [row["probabilities"][name] for row in records]
        assert [float(row[f"p_{name}"]) for row in table] == pytest.approx(
            arrays["probabilities"][:, i], rel=1e-6
        )
    assert arrays["names"].tolist() == ["setosa", "versicolor", "virginica"]


@pytest.mark.parametrize("form", ["frame", "csv", "npz", "npy", "shuffled", "target"])
def test_forms_of_input_give_the_same(form: str, iris: dnnlab.Run, tmp_path: Path) -> None:
    expected, rows, names = iris.predict(FLOWERS.data[:20]).values, FLOWERS.data[:20], FLOWERS.feature_names
    path = tmp_path / f"new.{'npz' if form == 'npz' else 'npy' if form == 'npy' else 'csv'}"
    source: Any = path
    if form == "frame":
        source = type("Frame", (dict,), {"columns": names, "__len__": lambda self: 20})(
            zip(names, rows.T, strict=True)
        )
    elif form == "npz":
        np.savez(path, x=rows, y=np.arange(20))
    elif form == "npy":
        np.save(path, rows)
    else:
        order = [2, 0, 3, 1] if form == "shuffled" else [0, 1, 2, 3]
        header = ",".join([*(names[i] for i in order), "species"])
        path.write_text(
            "\n".join([header, *(",".join([*(str(row[i]) for i in order), "unknown"]) for row in rows)])
            + "\n"
        )
    assert np.allclose(iris.predict(source).values, expected, atol=1e-7)


def test_idx_files(tmp_path: Path) -> None:
    images = load_digits().images.astype(np.uint8)
    run = dnnlab.train({"data": "digits", **CONFIG}, runs_dir=tmp_path / "runs")
    text = struct.pack(">4I", 0x803, 30, 8, 8) + images[:30].tobytes()
    (tmp_path / "t10k-images-idx3-ubyte.gz").write_bytes(gzip.compress(text))
    found = run.predict(tmp_path / "t10k-images-idx3-ubyte.gz")
    assert np.allclose(found.values, run.predict(images[:30, None].astype(np.float32)).values, atol=1e-6)
    (tmp_path / "small.idx").write_bytes(struct.pack(">4I", 0x803, 30, 4, 16) + images[:30].tobytes())
    with pytest.raises(
        DataError, match=r"small.idx: inputs of shape \(30, 1, 4, 16\); expected \(rows, 1, 8, 8\)"
    ):
        run.predict(tmp_path / "small.idx")


def test_one_output(tmp_path: Path) -> None:
    run = dnnlab.train({"data": "moons", **CONFIG}, runs_dir=tmp_path)
    points = np.array([[0.0, 1.0], [1.0, -0.5]])
    found = run.predict(points)
    tensors = run.view.tensors("data.safetensors")
    assert tensors is not None
    scaled = (points - tensors["scaling.offset"].numpy()) / tensors["scaling.scale"].numpy()
    chance = torch.sigmoid(run.model()(torch.from_numpy(scaled.astype(np.float32))).detach()).numpy()[:, 0]
    assert found.names == ("upper", "lower") and np.allclose(
        found.values, np.stack([1 - chance, chance], 1), atol=1e-6
    )
    assert found.classes == ["upper", "lower"]


def test_a_loss_without_probabilities_gives_scores(tmp_path: Path) -> None:
    found = dnnlab.train({"data": "iris", "loss": "hinge", **CONFIG}, runs_dir=tmp_path).predict(
        FLOWERS.data[:2]
    )
    assert found.columns() == ["class", "score_setosa", "score_versicolor", "score_virginica"]
    assert list(found.records()[0]) == ["class", "scores"] and "scores" in found.arrays()


def test_labels(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(200, 4))
    run = dnnlab.train(
        CONFIG | {"training": {"epochs": 30}}, data=(x, (x[:, :3] > 0).astype(np.int64)), runs_dir=tmp_path
    )
    found = run.predict(np.array([[3.0, 3, -3, 0], [-3, -3, -3, 0]]))
    assert found.labels == [("label0", "label1"), ()]
    assert [row["labels"] for row in csv_rows(found)] == ["label0;label1", ""]
    assert [row["labels"] for row in found.records()] == [["label0", "label1"], []]
    assert found.counts() == [("label0", 1), ("label1", 1), ("label2", 0)]


def test_numbers_come_in_their_own_units(houses: dnnlab.Run, tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text("town,note,rooms\nRome,big,6\nBonn,small,0\nRome,hole,\n")
    found = houses.predict(tmp_path / "new.csv")
    assert found.columns() == ["price"] and found.task == "numbers"
    assert found.values[:, 0] == pytest.approx([110.5, 50.5, 80.5], abs=15), (
        "prices, with the median in the hole"
    )
    assert [float(row["price"]) for row in csv_rows(found)] == pytest.approx(
        found.values[:, 0].tolist(), rel=1e-8
    )


def test_the_numbers_are_those_that_evaluate_measures(tmp_path: Path) -> None:
    run = trained(tmp_path, data={"name": "diabetes", "target_scale": "standardize"})
    tensors, (x, y) = read_run(run).tensors("data.safetensors"), load_diabetes(return_X_y=True, scaled=False)
    assert tensors is not None
    rows = tensors["split.validation"].numpy()
    errors = predict(run, x[rows], tmp_path).values[:, 0] - y[rows]
    assert evaluate(run, tmp_path, split="validation").result["metrics"]["rmse"] == pytest.approx(
        np.sqrt((errors**2).mean()), rel=1e-6
    )


def test_an_autoencoder_gives_the_inputs_back(tmp_path: Path) -> None:
    images = load_digits().images[:6, None]
    config = {
        "data": "digits",
        "architecture": {"name": "autoencoder", "hidden": [16]},
        "training": {"epochs": 3},
    }
    found = dnnlab.train(config, runs_dir=tmp_path).predict(images)
    assert found.columns()[:3] == ["rmse", "x0", "x1"] and len(found.columns()) == 65
    arrays = found.arrays()
    assert arrays["values"].shape == images.shape and arrays["rmse"].shape == (6,)
    assert np.abs(arrays["values"] - images).mean() < 6, "in grey values from 0 to 16, not scaled ones"


def test_images(pets: dnnlab.Run, tmp_path: Path) -> None:
    for i, name in enumerate(("b.png", "a.png", "deep/c.png")):
        save(tmp_path / "new" / name, pixels(12, 20, seed=i))
    found = pets.predict(tmp_path / "new")
    assert found.inputs == ("a.png", "b.png", "deep/c.png") and found.columns() == [
        "image",
        "class",
        "p_cat",
        "p_dog",
    ]
    assert (
        [row["image"] for row in csv_rows(found)]
        == [row["image"] for row in found.records()]
        == list(found.arrays()["inputs"])
    )
    one = pets.predict(str(tmp_path / "new" / "b.png"))
    assert one.inputs == ("b.png",) and np.allclose(one.values, found.values[1:2], atol=1e-6)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rooms\n3\n", 'new.csv: no column is called "town"; the file has rooms'),
        ("rooms,Town\n3,Rome\n", 'no column is called "town"; the file has rooms, Town; did you mean Town?'),
        (
            "rooms,town\nthree,Rome\n",
            'new.csv: column "rooms" holds text (three; first: line 2); numbers were expected',
        ),
        ("rooms,town\n3\n", "new.csv: line 2 has 1 cells, the header has 2"),
        ("rooms,town\ninf,Rome\n", 'new.csv: 1 value is empty or not finite in "rooms" (first: row 1)'),
    ],
)
def test_a_table_that_does_not_fit(text: str, said: str, houses: dnnlab.Run, tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text(text)
    with pytest.raises(DataError) as caught:
        houses.predict(tmp_path / "new.csv")
    assert said in str(caught.value)


def test_an_unknown_category_is_answered_with_a_note(houses: dnnlab.Run, tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text("rooms,town\n3,Rome\n4,Paris\n")
    said: list[str] = []
    token = listener.set(said.append)
    try:
        found = houses.predict(tmp_path / "new.csv")
    finally:
        listener.reset(token)
    assert len(found.values) == 2 and np.isfinite(found.values).all()
    assert said == [
        'column "town" holds Paris (first: line 3), which the data of the run did not hold: '
        "read as none of its categories"
    ]


def test_unknown_categories_are_refused_by_row_on_demand(houses: dnnlab.Run, tmp_path: Path) -> None:
    rows = "".join(
        f"{i},{town}\n" for i, town in enumerate(("Rome", "Paris", "", "Ulm", "Oslo", "Bern", "Linz"))
    )
    (tmp_path / "new.csv").write_text("rooms,town\n" + rows)
    with pytest.raises(DataError) as caught:
        houses.predict(tmp_path / "new.csv", on_unknown="error")
    assert str(caught.value) == (
        'new.csv: column "town" holds what the data of the run did not hold: Paris (row 2, line 3), (empty) '
        "(row 3, line 4), Ulm (row 4, line 5), Oslo (row 5, line 6), Bern (row 6, line 7), and 1 more row; "
        "expected one of Bonn, Rome; leave those rows out, or train with them"
    )
    known = tmp_path / "known.csv"
    known.write_text("rooms,town\n3,Rome\n")
    assert len(houses.predict(known, on_unknown="error")) == 1
    with pytest.raises(UsageError, match="received --on-unknown eror; expected one of zeros, error; did you"):
        houses.predict(known, on_unknown="eror")


@pytest.mark.parametrize(
    "name", ["t.csv", "t.tsv", "t.tab", "t.txt", "t.data", "t.dat", "t.test", "t", "t.DATA"]
)
def test_a_table_may_be_called_as_people_call_it(name: str, houses: dnnlab.Run, tmp_path: Path) -> None:
    mark = "\t" if name.endswith((".tsv", ".tab")) else ","
    (tmp_path / name).write_text(f"rooms{mark}town\n3{mark}Rome\n4{mark}Bonn\n")
    (tmp_path / "plain.csv").write_text("rooms,town\n3,Rome\n4,Bonn\n")
    assert np.array_equal(
        houses.predict(tmp_path / name).values, houses.predict(tmp_path / "plain.csv").values
    )


def test_a_pipe_is_refused_at_once(houses: dnnlab.Run, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "new.csv")
    with pytest.raises(DataError) as caught:
        houses.predict(tmp_path / "new.csv")
    assert str(caught.value) == (
        f"{tmp_path}/new.csv is a pipe; expected a file; write its content into a file first"
    )


def test_advice_for_a_new_table_names_no_key_of_the_config(houses: dnnlab.Run, tmp_path: Path) -> None:
    for text, fix in (
        ("rooms,town\n3,Ro,me\n", "; expected as many cells as names; quote cells that hold the separator"),
        ("rooms|town\n3|Rome\n", "; expected `,`, `;` or tab, or the key"),
    ):
        (tmp_path / "new.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
        with pytest.raises(DataError) as caught:
            houses.predict(tmp_path / "new.csv")
        assert str(caught.value).endswith(fix)


def test_arrays_that_do_not_fit(iris: dnnlab.Run, tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"inputs of shape \(2, 3\); expected \(rows, 4\); the features are sepal length"
    ):
        iris.predict(np.zeros((2, 3)))
    holes = FLOWERS.data[:5].copy()
    holes[2, 1] = np.nan
    np.save(tmp_path / "holes.npy", holes)
    with pytest.raises(
        DataError, match=r'holes.npy: 1 value is empty or not finite in "sepal width \(cm\)" \(first: row 3\)'
    ):
        iris.predict(tmp_path / "holes.npy")
    with pytest.raises(DataError, match=r"nothing.csv: no such file or folder"):
        iris.predict(tmp_path / "nothing.csv")


def test_images_that_do_not_fit(pets: dnnlab.Run, iris: dnnlab.Run, tmp_path: Path) -> None:
    save(tmp_path / "new" / "a.png", pixels())
    with pytest.raises(DataError, match="new: images; expected rows of 4 numbers, as the run was trained on"):
        iris.predict(tmp_path / "new")
    (tmp_path / "new" / "b.png").write_bytes(b"")
    with pytest.raises(DataError, match=r"b\.png"):
        pets.predict(tmp_path / "new")
    (tmp_path / "none").mkdir()
    with pytest.raises(DataError, match="none holds no images"):
        pets.predict(tmp_path / "none")


def test_a_run_on_arrays_needs_none_to_predict(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(100, 3))
    run = dnnlab.train(CONFIG, data=(x, np.where(x[:, 0] > 0, "yes", "no")), runs_dir=tmp_path)
    assert run.predict([[5.0, 0, 0], [-5.0, 0, 0]]).classes == ["yes", "no"]


def test_other_weights_answer_otherwise(tmp_path: Path) -> None:
    run = dnnlab.Run(trained(tmp_path, regularizers={"ema": 0.95}))
    images = load_digits().images[:5, None]
    found = {which: run.predict(images, which).values for which in ("best", "last", "ema")}
    assert not np.allclose(found["ema"], found["last"])
    with pytest.raises(RunError, match="has no weights called 'swa'; expected one of best, ema, last"):
        run.predict(images, "swa")


def test_data_numbers_that_are_lost(tmp_path: Path) -> None:
    run = trained(tmp_path)
    (run / "data.safetensors").write_bytes(b"cut")
    with pytest.raises(RunError, match=r"data.safetensors is damaged"):
        predict(run, np.zeros((1, 1, 8, 8)), tmp_path)


def test_numbers_beyond_float32(iris: dnnlab.Run) -> None:
    with pytest.raises(
        DataError,
        match=r"the inputs: numbers that are too large for float32 \(beyond 3.4e38\) once they are scaled",
    ):
        iris.predict(np.array([[5.0, 3, 1, 0], [3e38, 3e38, 3e38, 3e38]]))


def test_outputs_that_are_not_finite() -> None:
    with pytest.raises(RunError, match=r"the net's output is not finite in 1 of 2 rows \(first: row 2\)"):
        finite(np.array([[1.0, 2.0], [np.inf, 0.0]]))


def test_a_file_is_never_overwritten(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    forms.write(out, b"mine")
    with pytest.raises(
        UsageError,
        match=r"out.csv exists already and is not overwritten; expected a new name; --out .*out-2.csv",
    ):
        forms.check_free(out)
    with pytest.raises(UsageError, match="exists already"):
        forms.write(out, b"yours")
    assert out.read_bytes() == b"mine" and len(list(tmp_path.iterdir())) == 1
    with pytest.raises(UsageError, match=r"there is no folder .*nowhere; expected a folder; `mkdir -p "):
        forms.check_free(tmp_path / "nowhere" / "out.csv")
    with pytest.raises(StorageError, match="cannot write"):
        forms.write(tmp_path / "nowhere" / "out.csv", b"x")


def test_the_form_follows_the_name() -> None:
    assert [forms.choose_form(None, Path(name)) for name in ("a.json", "a.npz", "a.CSV", "a.dat")] == [
        "json",
        "npz",
        "csv",
        "csv",
    ]
    assert forms.choose_form("json", Path("a.csv")) == "json" and forms.choose_form(None, None) == "csv"
    with pytest.raises(UsageError, match=r"npz is no text, .*--out predictions.npz"):
        forms.choose_form("npz", None)
    with pytest.raises(UsageError, match="received --format xml; expected one of csv, json, npz"):
        forms.choose_form("xml", None)


def test_names_of_classes_are_texts() -> None:
    found = forms.Predictions(
        "classes", ('a,"b"', "c\nd"), np.array([[0.25, 0.75]]), answer=np.array([1]), inputs=("x;y.png",)
    )
    assert csv_rows(found) == [{"image": "x;y.png", "class": "c\nd", 'p_a,"b"': "0.25", "p_c\nd": "0.75"}]
    assert json.loads(forms.text(found, "json"))[0]["probabilities"] == {'a,"b"': 0.25, "c\nd": 0.75}
