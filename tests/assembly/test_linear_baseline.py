"""The linear model beside a net: its numbers against a calculation by hand and scikit-learn's own
predictions.
"""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from dnnlab.assembly import linear_baseline as module
from dnnlab.assembly.data import load_data
from dnnlab.assembly.linear_baseline import linear_baseline
from dnnlab.assembly.training.objective import plan_objective
from dnnlab.config import load_mapping
from dnnlab.data.prepare.facts import facts_of
from dnnlab.data.prepare.prepared_data import Prepared
from dnnlab.data.raw import RawDataset


def made(raw: RawDataset | None = None, **mapping: Any) -> tuple[dict[str, Any] | None, Prepared]:
    """The linear model of a config, and its data."""
    config = load_mapping({"data": {"name": "csv", "path": "none.csv", "target": "y"}, **mapping})
    data = load_data(config, raw)
    return linear_baseline(config.experiment, data, plan_objective(config.experiment, facts_of(data))), data


def part(data: Prepared, name: str) -> tuple[np.ndarray, np.ndarray]:
    rows = data.parts()[name]
    return np.asarray(rows.inputs, dtype=np.float64), rows.targets.numpy()


def test_ridge_is_the_solution_of_the_normal_equations() -> None:
    found, data = made(data={"name": "diabetes", "target_scale": "standardize"})
    assert found is not None
    (x, y), (new, true) = part(data, "train"), part(data, "validation")
    centre, level = x.mean(axis=0), y.mean(axis=0)
    weights = np.linalg.solve(
        (x - centre).T @ (x - centre) + np.eye(x.shape[1]), (x - centre).T @ (y - level)
    )
    answers = (new - centre) @ weights + level
    explained = 1 - np.square(true - answers).sum() / np.square(true - true.mean()).sum()
    scale = data.target_scaling.scale[0] if data.target_scaling else 0.0
    assert (found["model"], found["rows"], found["skipped"]) == ("ridge", len(x), "")
    assert found["metrics"]["val_r2"] == pytest.approx(explained, abs=1e-5)
    assert found["metrics"]["val_loss"] == pytest.approx(np.square(true - answers).mean(), rel=1e-5)
    assert found["metrics"]["val_mae"] == pytest.approx(scale * np.abs(true - answers).mean(), rel=1e-5)


@pytest.mark.parametrize("name", ["iris", "breast_cancer"])  # three classes; two, which have one output
def test_logistic_regression_answers_as_scikit_learn(name: str) -> None:
    found, data = made(data=name)
    assert found is not None
    (x, y), (new, true) = part(data, "train"), part(data, "validation")
    model = LogisticRegression(max_iter=1000).fit(x, y)
    assert found["model"] == "logistic"
    assert found["metrics"]["val_accuracy"] == pytest.approx(model.score(new, true))
    chances = model.predict_proba(new)[np.arange(len(true)), true]
    assert found["metrics"]["val_loss"] == pytest.approx(-np.log(chances).mean(), rel=1e-2)


def test_labels_have_a_model_each() -> None:
    draw = np.random.default_rng(0)
    x = draw.normal(size=(200, 4))
    labels = np.column_stack([x[:, 0] > 0, x[:, 1] > 0, np.zeros(200)]).astype(np.float32)
    found, _ = made(RawDataset((x, labels), target="multi", class_names=("a", "b", "never")))
    assert found is not None
    assert found["metrics"]["val_accuracy"] > 0.95


def test_a_class_without_training_rows_is_never_the_answer() -> None:
    draw = np.random.default_rng(0)
    x = draw.normal(size=(90, 2))
    raw = RawDataset((x, np.where(x[:, 0] > 0, 2, 0)), class_names=("a", "b", "c"))
    found, data = made(raw)
    assert found is not None
    model = LogisticRegression().fit(*part(data, "train"))
    assert found["metrics"]["val_accuracy"] == pytest.approx(model.score(*part(data, "validation")))


def test_balanced_classes_count_alike() -> None:
    draw = np.random.default_rng(0)
    x = draw.normal(size=(400, 2))
    raw = RawDataset((x, (x[:, 0] + draw.normal(size=400) > 1.8).astype(np.int64)), class_names=("a", "b"))
    data = {"name": "csv", "path": "none.csv", "target": "y"}
    plain, rows = made(raw, data=data)
    balanced, _ = made(raw, data={**data, "balance": "weights"})
    assert plain is not None and balanced is not None
    model = LogisticRegression(class_weight="balanced").fit(*part(rows, "train"))
    assert balanced["metrics"]["train_accuracy"] == pytest.approx(model.score(*part(rows, "train")))
    assert balanced["metrics"]["train_accuracy"] < plain["metrics"]["train_accuracy"]


@pytest.mark.parametrize(
    ("mapping", "why"),
    [
        ({"data": "digits"}, None),
        ({"data": "diabetes", "architecture": "autoencoder"}, None),
        ({"data": {"name": "diabetes", "in_memory": False}}, "the rows do not fit into memory"),
    ],
)
def test_what_has_no_linear_model(mapping: dict[str, Any], why: str | None) -> None:
    found, _ = made(**mapping)
    assert found == (
        None if why is None else {"format": 1, "model": "ridge", "rows": 0, "metrics": {}, "skipped": why}
    )


def test_the_work_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WORK", 1000)
    found, _ = made(data="diabetes")
    assert found is not None and found["rows"] == 100 and found["metrics"]
    monkeypatch.setattr(module, "WORK", 100)
    found, _ = made(data="diabetes")
    assert found is not None and found["skipped"] == "10 inputs x 1 outputs take too long"


def test_nothing_is_drawn_at_random() -> None:
    states = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()
    first, _ = made(data="iris")
    again, _ = made(data="iris")
    assert first == again
    assert (random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()) == states


def test_scikit_learn_is_imported_only_for_a_table(tmp_path: Path) -> None:
    script = """
import sys, dnnlab
dnnlab.train({"data": NAME, "training": {"epochs": 1}, "architecture": {"hidden": [4]}}, runs_dir=FOLDER)
print("sklearn" in sys.modules)
"""
    for name, imported in (("digits", "False"), ("iris", "True")):
        text = script.replace("NAME", repr(name)).replace("FOLDER", repr(str(tmp_path)))
        done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
        assert done.stdout.split()[-1] == imported
