"""`evaluate` on real small runs: the numbers of training and of scikit-learn, in a new file each time."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.trainings import rows, trained
from sklearn import metrics as sk
from sklearn.datasets import load_diabetes, load_digits

import dnnlab
from dnnlab.commands.inference.evaluate import Evaluation, evaluate
from dnnlab.errors import DataError, DnnlabError, OutOfMemoryError, RunError, UsageError
from dnnlab.rundir import create, read_run
from dnnlab.rundir.run_record import read_record

RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 4)).astype(np.float32)
LABELS = (X[:, :3] + RNG.normal(size=(200, 3)) > 0).astype(np.int64)


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose best epoch is not its last."""
    changes = {"optimizer": {"name": "adam", "lr": 0.1}, "regularizers": {"ema": 0.8, "dropout": 0.3}}
    return trained(tmp_path_factory.mktemp("digits"), training={"epochs": 12}, **changes)


@pytest.fixture
def run(digits: Path, tmp_path: Path) -> Path:
    """A copy of that run, to look at and to damage."""
    return Path(shutil.copytree(digits, tmp_path / digits.name))


def measured(run: Path, **options: Any) -> Evaluation:
    return evaluate(str(run), run.parent, **options)


def digest(run: Path) -> dict[str, str]:
    """Every file of a run."""
    files = [path for path in sorted(run.rglob("*")) if path.is_file()]
    return {str(path.relative_to(run)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_validation_gives_exactly_what_training_noted(run: Path) -> None:
    history, meta = rows(run), json.loads((run / "meta.json").read_text())
    best, last = history[meta["best"]["epoch"] - 1], history[-1]
    assert best["val_accuracy"] != last["val_accuracy"], "else this test would say little"
    for which, row, suffix in (("best", best, ""), ("last", last, ""), ("ema", last, "_ema")):
        found = measured(run, split="validation", which=which).result
        assert found["metrics"]["accuracy"] == row[f"val_accuracy{suffix}"]
        assert found["metrics"]["loss"] == row[f"val_loss{suffix}"]
        assert found["epoch"] == row["epoch"]
        assert found["metrics"]["cross_entropy"] == pytest.approx(row[f"val_loss{suffix}"], rel=1e-6)


def test_the_rows_at_a_time_do_not_matter(run: Path) -> None:
    whole, piecewise = measured(run).result, measured(run, batch_size=7).result
    assert piecewise["confusion"] == whole["confusion"]
    assert piecewise["metrics"] == pytest.approx(whole["metrics"], rel=1e-6)


def test_the_test_part_against_scikit_learn(run: Path) -> None:
    tensors = read_run(run).tensors("data.safetensors")
    assert tensors is not None
    test, truth = tensors["split.test"].numpy(), load_digits().target
    images = load_digits().images.astype(np.float32)[:, None]
    predictions = dnnlab.load_run(run).predict(images[test])
    answers = np.array([int(name) for name in predictions.classes])
    found = measured(run).result
    assert found["rows"] == len(test) == 359
    assert found["metrics"]["accuracy"] == sk.accuracy_score(truth[test], answers)
    assert found["confusion"] == sk.confusion_matrix(truth[test], answers).tolist()
    assert found["metrics"]["f1_macro"] == pytest.approx(sk.f1_score(truth[test], answers, average="macro"))
    assert found["metrics"]["cross_entropy"] == pytest.approx(
        sk.log_loss(truth[test], predictions.values), rel=1e-5
    )
    area = sk.roc_auc_score(truth[test], predictions.values, multi_class="ovr")
    assert found["metrics"]["auc"] == pytest.approx(area, rel=1e-6)
    low, high = found["intervals"]["accuracy"]
    assert low < found["metrics"]["accuracy"] < high


def test_it_is_kept_and_nothing_else_changes(run: Path) -> None:
    before = digest(run)
    first, second, third = measured(run), measured(run, which="last"), measured(run, split="train")
    after = digest(run)
    assert {name: after[name] for name in before} == before
    assert sorted(set(after) - set(before)) == sorted(
        f"evaluations/{item.path.name}" for item in (first, second, third)
    )
    assert (first.earlier, second.earlier, third.earlier) == (0, 1, 0), (
        "looks at the test part are counted, whichever weights"
    )
    assert first.path.name.endswith("-test-best.json") and third.path.name.endswith("-train-best.json")
    kept = json.loads(first.path.read_text())
    assert (kept["run"], kept["split"], kept["weights"], kept["task"], kept["level"]) == (
        run.name,
        "test",
        "best",
        "classes",
        0.95,
    )
    assert kept["metrics"] == first.result["metrics"] and kept["per_class"] == first.result["per_class"]
    assert (
        kept["time"].endswith("+00:00")
        and kept["fingerprint"] == json.loads((run / "data.json").read_text())["fingerprint"]
    )
    assert first.json() | {"run": run.name} == kept | {"file": str(first.path), "earlier": 0}


def test_many_at_once_do_not_meet(run: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from dnnlab.commands.inference.evaluate import save

    with ThreadPoolExecutor(8) as pool:
        paths = [
            path
            for path, _ in pool.map(
                lambda _: save(read_record(run), "test", "best", {"metrics": {}}), range(40)
            )
        ]
    assert len(set(paths)) == 40 and sorted(path.name for path in (run / "evaluations").iterdir()) == sorted(
        p.name for p in paths
    )


def test_a_new_run_has_not_looked_at_its_test_part(digits: Path) -> None:
    assert not (digits / "evaluations").exists()


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        (
            {"split": "tets"},
            UsageError,
            r"received --split tets; expected one of test, validation, train; did you mean test\?",
        ),
        (
            {"which": "swa"},
            RunError,
            "has no weights called 'swa'; expected one of best, ema, last; --weights best",
        ),
        (
            {"device": "gpu"},
            UsageError,
            '--device: received "gpu"; expected auto, cpu, cuda, cuda:1 or mps; --device cpu',
        ),
    ],
)
def test_what_cannot_be_asked_for(
    options: dict[str, Any], error: type[DnnlabError], said: str, run: Path
) -> None:
    with pytest.raises(error, match=said):
        measured(run, **options)
    assert not (run / "evaluations").exists()


@pytest.mark.parametrize(("size", "advice"), [(None, 64), (100, 25), (1, 1)])
def test_where_the_memory_ends_it_says_how_to_take_less(
    size: int | None, advice: int, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise MemoryError("too much")

    monkeypatch.setattr("dnnlab.commands.inference.evaluate.answers", refuse)
    with pytest.raises(
        OutOfMemoryError,
        match=rf"too much; expected a batch that fits; take fewer rows at a time: --batch-size {advice}$",
    ):
        measured(run, batch_size=size)
    assert not (run / "evaluations").exists()


def test_a_part_that_the_run_does_not_have(tmp_path: Path) -> None:
    run = trained(tmp_path, data={"test": "none"})
    said = (
        r"has no test part; expected one of train, validation; --split validation, "
        r"or train again with data.test=0.2"
    )
    with pytest.raises(RunError, match=said):
        measured(run)
    assert measured(run, split="validation").tested is False


def test_data_that_have_changed(tmp_path: Path) -> None:
    (tmp_path / "flowers.csv").write_text(
        "a,b,y\n" + "".join(f"{i % 7},{i % 5},{'yes' if i % 7 > 3 else 'no'}\n" for i in range(100))
    )
    run = trained(tmp_path, data={"name": "csv", "path": "flowers.csv", "target": "y"})
    assert measured(run).result["names"] == ["no", "yes"]
    text = (tmp_path / "flowers.csv").read_text()
    (tmp_path / "flowers.csv").write_text(text.replace("0,0,no", "9,0,no", 1))
    with pytest.raises(
        RunError, match=r"the data of .* have changed \(.*fingerprint: was .*put the old data back"
    ):
        measured(run)
    (tmp_path / "flowers.csv").unlink()
    with pytest.raises(DataError, match=r"flowers\.csv: no such file"):
        measured(run)
    assert len(list((run / "evaluations").iterdir())) == 1


def test_two_classes_with_one_output(tmp_path: Path) -> None:
    run = trained(
        tmp_path, data={"name": "moons", "samples": 300, "noise": 0.3}, optimizer={"name": "adam", "lr": 0.03}
    )
    found = measured(run, split="validation").result
    epoch = json.loads((run / "meta.json").read_text())["best"]["epoch"]
    assert found["metrics"]["accuracy"] == rows(run)[epoch - 1]["val_accuracy"]
    assert found["metrics"]["loss"] == rows(run)[epoch - 1]["val_loss"]
    assert np.shape(found["confusion"]) == (2, 2) and 0.5 < found["metrics"]["auc"] <= 1
    assert found["per_class"][0]["auc"] == found["per_class"][1]["auc"]


@pytest.mark.parametrize("scaled", ["none", "standardize"])
def test_numbers_in_their_own_units(scaled: str, tmp_path: Path) -> None:
    data = {"name": "diabetes", "target_scale": scaled}
    run = trained(tmp_path, data=data, optimizer={"name": "adam", "lr": 0.03}, training={"epochs": 8})
    tensors = read_run(run).tensors("data.safetensors")
    assert tensors is not None
    test, (inputs, targets) = tensors["split.test"].numpy(), load_diabetes(return_X_y=True, scaled=False)
    outputs = dnnlab.load_run(run).predict(inputs[test]).values[:, 0]
    found = measured(run).result
    assert found["task"] == "numbers" and found["names"] == ["progression"] and found["per_class"] == []
    assert found["metrics"]["mae"] == pytest.approx(sk.mean_absolute_error(targets[test], outputs), rel=1e-6)
    assert found["metrics"]["rmse"] == pytest.approx(
        sk.root_mean_squared_error(targets[test], outputs), rel=1e-6
    )
    assert found["metrics"]["r2"] == pytest.approx(sk.r2_score(targets[test], outputs), rel=1e-6)
    assert found["metrics"]["max_error"] == pytest.approx(sk.max_error(targets[test], outputs), rel=1e-6)
    assert found["metrics"]["mae"] > 20, "in units of the disease, not of its deviation"
    assert found["intervals"]["mae"][0] < found["metrics"]["mae"] < found["intervals"]["mae"][1]


def test_an_autoencoder(tmp_path: Path) -> None:
    run = trained(tmp_path, architecture={"name": "autoencoder", "hidden": [8]})
    found = measured(run, split="validation").result
    epoch = json.loads((run / "meta.json").read_text())["best"]["epoch"]
    assert found["task"] == "reconstruction" and found["metrics"]["rmse"] == rows(run)[epoch - 1]["val_rmse"]
    assert "r2" not in found["metrics"] and set(found["intervals"]) == {"mae", "rmse"}


def test_images_through_a_convolution(tmp_path: Path) -> None:
    cnn = {"name": "cnn", "blocks": [[4]], "hidden": [8]}
    run = trained(tmp_path, architecture=cnn, normalization="batch", training={"epochs": 2})
    epoch = json.loads((run / "meta.json").read_text())["best"]["epoch"]
    found = measured(run, split="validation").result
    noted = rows(run)[epoch - 1]
    assert (found["metrics"]["accuracy"], found["metrics"]["loss"]) == (
        noted["val_accuracy"],
        noted["val_loss"],
    )


def test_a_loss_without_probabilities(tmp_path: Path) -> None:
    run = trained(tmp_path, loss="hinge")
    found = measured(run).result
    assert "cross_entropy" not in found["metrics"] and found["metrics"]["loss"] > 0


def test_a_run_from_python_is_evaluated_on_the_arrays_that_it_was_trained_on(tmp_path: Path) -> None:
    run = dnnlab.train(
        {"architecture": {"hidden": [8]}, "training": {"epochs": 5}}, data=(X, LABELS), runs_dir=tmp_path
    )
    found = run.evaluate("validation")
    assert found["metrics"]["accuracy"] == run.best["metrics"]["val_accuracy"]
    assert found["metrics"] == run.evaluate("validation", data=(X, LABELS))["metrics"]
    assert run.evaluate()["split"] == "test"
    with pytest.raises(RunError, match=r"the data of .* have changed"):
        run.evaluate(data=(X + 1, LABELS))


def test_arrays_that_changed_after_the_training_are_refused(tmp_path: Path) -> None:
    inputs = X.copy()
    run = dnnlab.train({"training": {"epochs": 1}}, data=(inputs, LABELS), runs_dir=tmp_path)
    inputs[0, 0] += 1
    with pytest.raises(RunError, match=r"the data of .* have changed"):
        run.evaluate()


def test_a_loaded_run_needs_its_arrays_again(tmp_path: Path) -> None:
    trained_run = dnnlab.train(
        {"architecture": {"hidden": [8]}, "training": {"epochs": 5}}, data=(X, LABELS), runs_dir=tmp_path
    )
    run = dnnlab.load_run(trained_run.path)
    with pytest.raises(
        DataError,
        match=r'was trained on arrays from Python.*dnnlab.load_run\(".*"\)\.evaluate\(data=\(X, y\)\)',
    ):
        run.evaluate()
    found = run.evaluate("validation", data=(X, LABELS))
    assert found["task"] == "labels" and found["metrics"]["accuracy"] == run.best["metrics"]["val_accuracy"]
    assert [row["name"] for row in found["per_class"]] == ["label0", "label1", "label2"]
    assert 0 <= found["metrics"]["exact_match"] <= found["metrics"]["accuracy"]
    with pytest.raises(RunError, match=r"the data of .* have changed"):
        run.evaluate(data=(X + 1, LABELS))


def test_a_run_that_is_training(run: Path, digits: Path) -> None:
    with create(run.parent, "busy") as folder:
        for name in ("sources", "checkpoints"):
            shutil.copytree(digits / name, folder.path / name)
        for name in ("data.json", "data.safetensors"):
            shutil.copy(digits / name, folder.path / name)
        meta = json.loads((digits / "meta.json").read_text())
        folder.update_meta(
            **{key: meta[key] for key in ("sources", "overrides", "config", "folder", "threads")}
        )
        found = measured(folder.path)
        folder.log("it goes on")
    assert found.notes == (f"this run is still training; these weights are of epoch {found.result['epoch']}",)
    assert found.result["metrics"] == measured(run).result["metrics"]


def test_a_run_that_was_cut_short(tmp_path: Path) -> None:
    run = trained(tmp_path, after=14)
    found = measured(run, which="last")
    assert found.notes == ("this run is interrupted; these weights are of epoch 1, step 14",)
    assert (found.result["epoch"], found.result["step"]) == (1, 14)


def test_a_run_without_a_whole_checkpoint(run: Path) -> None:
    for path in (run / "checkpoints").iterdir():
        (path / "MANIFEST.json").unlink()
    with pytest.raises(
        RunError,
        match=r"has no whole checkpoint: checkpoints/epoch.* never finished; "
        r"expected a run with weights; `dnnlab resume ",
    ):
        measured(run)


def test_the_newest_whole_checkpoint_is_taken(tmp_path: Path) -> None:
    run = trained(tmp_path)
    newest = max((run / "checkpoints").iterdir())
    (newest / "model.safetensors").write_bytes(b"damaged")
    found = measured(run, which="last")
    assert found.result["epoch"] == 2 and "passed over: model.safetensors has 7 bytes" in found.notes[0]


def test_a_damaged_evaluation_is_said_and_left(run: Path) -> None:
    first = measured(run).path
    (run / "evaluations" / "00.json").write_text('{"split": "te')
    again = measured(run)
    assert (
        again.earlier == 1 and again.notes[0].startswith("evaluations/00.json is damaged") and first.exists()
    )
    assert (run / "evaluations" / "00.json").read_text() == '{"split": "te'


def test_weights_of_another_net(run: Path) -> None:
    described = json.loads((run / "data.json").read_text())
    (run / "data.json").write_text(json.dumps({**described, "classes": 3, "names": ["a", "b", "c"]}))
    with pytest.raises(RunError, match=r"its config, data.json and weights do not fit together \(Error"):
        measured(run)


def test_a_config_that_was_edited_in_the_folder(run: Path) -> None:
    source = next((run / "sources").iterdir())
    source.write_text(source.read_text().replace("- 16", "- 17"))
    with pytest.raises(
        RunError, match=r"the config of .* has changed \(architecture.hidden: was \[16\], is now \[17\]\)"
    ):
        measured(run)


def test_half_precision_of_another_device_is_left_out(run: Path, tmp_path: Path) -> None:
    meta = json.loads((run / "meta.json").read_text())
    meta["overrides"].append("training.precision=tf32")
    meta["config"]["training.precision"] = "tf32"
    (run / "meta.json").write_text(json.dumps(meta))
    assert measured(run, device="cpu").result["metrics"]["accuracy"] > 0.1


@pytest.mark.parametrize("parts", [3, pytest.param(16, marks=pytest.mark.slow)])
def test_damage_anywhere_is_said(parts: int, digits: Path, tmp_path: Path) -> None:
    said = set()
    for file in sorted(path.relative_to(digits) for path in digits.rglob("*") if path.is_file()):
        if file.suffix in (".jsonl", ".txt") or "optimizer" in file.name or "averages" in file.name:
            continue
        whole = (digits / file).read_bytes()
        run = Path(shutil.copytree(digits, tmp_path / digits.name))
        for part in range(parts):
            at = len(whole) * part // parts
            for damage in (
                whole[:at],
                whole[:at] + b"\xff" + whole[at + 1 :],
                whole[:at] + bytes([whole[at] ^ 0x15]) + whole[at + 1 :],
            ):
                (run / file).write_bytes(damage)
                try:
                    evaluate(str(run), run.parent)
                    dnnlab.load_run(run).predict(np.zeros((1, 1, 8, 8)))
                except DnnlabError as error:
                    assert str(error) and error.exit_code == 2
                    said.add(file.name)
        shutil.rmtree(run)
    assert {"meta.json", "data.json", "data.safetensors"} <= said


def test_a_plugin_of_the_folder_runs_only_with_trust(tmp_path: Path) -> None:
    text = (
        '"""x"""\nfrom dnnlab.registry import part\n\n'
        '@part("activation", source="t")\ndef halved(width):\n    """x / 2 above 0."""\n'
    )
    (tmp_path / "mine.py").write_text(
        text + "    from torch import nn\n    return nn.Sequential(nn.ReLU(), nn.LeakyReLU(0.5))\n"
    )
    run = trained(tmp_path, plugins=["mine.py"], activation="halved")
    assert measured(run).earlier == 0
    (tmp_path / "mine.py").write_text("raise RuntimeError('not this one')")
    with pytest.raises(RunError, match=r"brings the plugin mine.py, .* pass --trust-plugins"):
        measured(run)
    with pytest.raises(RunError, match="--trust-plugins"):
        dnnlab.load_run(run).predict(np.zeros((1, 1, 8, 8)))
    assert measured(run, trust_plugins=True).earlier == 1
    assert len(dnnlab.load_run(run).predict(np.zeros((1, 1, 8, 8)), trust_plugins=True)) == 1
