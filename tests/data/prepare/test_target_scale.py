"""`target_scale`: the net learns standardized targets, metrics speak in the target's own units."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from helpers.trainings import built
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error
from sklearn.preprocessing import StandardScaler

from dnnlab import registry
from dnnlab.data.prepare.facts import facts_described, facts_of
from dnnlab.data.prepare.pipeline import prepare
from dnnlab.data.readers.arrays import from_arrays
from dnnlab.engine.measure import evaluate
from dnnlab.errors import ConfigError

DIABETES: dict[str, Any] = {"name": "diabetes", "target_scale": "standardize"}


def test_targets_are_scaled_by_the_training_part_as_scikit_learn_does() -> None:
    draw = np.random.default_rng(0)
    x, y = draw.normal(size=(100, 3)), draw.normal(size=(100, 2)) * [1000, 0.1] + [5, 7]
    found = prepare(
        from_arrays(x, y), registry.bind("data", {"name": "arrays", "target_scale": "standardize"})
    )
    scaler = StandardScaler().fit(y[found.split["train"]])
    for name, part in found.parts().items():
        np.testing.assert_allclose(part.targets, scaler.transform(y[found.split[name]]), atol=1e-5)
    assert found.target_scaling is not None
    np.testing.assert_allclose(found.target_scaling.scale, scaler.scale_, rtol=1e-12)
    assert found.tensors()["target_scaling.offset"].tolist() == pytest.approx(scaler.mean_.tolist())
    assert found.description[1] == "standardized per feature; 2 targets, standardized"


def test_metrics_are_in_the_targets_own_units() -> None:
    session = built(data=DIABETES, training={"epochs": 1}).session
    part, task = session.validation, session.task
    assert part is not None and abs(session.train.targets.mean()) < 1e-6
    found = evaluate(session.net, part, session.loss, session.metrics(), 256, session.autocast)
    with torch.no_grad():
        session.net.eval()
        own = [
            t.double().numpy() * task.scale[0] + task.offset[0]
            for t in (part.targets, session.net(part.inputs))
        ]
    assert own[0].min() >= 25 and own[0].max() <= 346
    expected = {"mae": mean_absolute_error(*own), "rmse": root_mean_squared_error(*own), "r2": r2_score(*own)}
    for name, value in expected.items():
        assert found[f"val_{name}"] == pytest.approx(value, rel=1e-5)
    assert found["val_loss"] == pytest.approx((expected["rmse"] / task.scale[0]) ** 2, rel=1e-5)


def test_the_folder_says_enough_to_build_the_same_task() -> None:
    data = built(data=DIABETES).data
    assert facts_described(data.to_json()) == facts_of(data)


@pytest.mark.parametrize(
    ("y", "what"), [(np.arange(20) % 2, "classes"), (np.eye(2)[np.arange(20) % 2] + [0, 0], "labels")]
)
def test_targets_that_are_no_numbers(y: np.ndarray, what: str) -> None:
    with pytest.raises(ConfigError) as caught:
        prepare(
            from_arrays(np.ones((20, 1)), y),
            registry.bind("data", {"name": "arrays", "target_scale": "standardize"}),
        )
    assert str(caught.value) == (
        f"data.target_scale: target_scale: standardize needs numbers as targets; arrays has {what}; "
        "expected no such key; remove it"
    )
