"""Settings that could not act, and metrics that could not be measured: refused or said before anything is
trained.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dnnlab.assembly.session import Built, build
from dnnlab.commands.check.static import outlined_checks
from dnnlab.config import Config, load_mapping
from dnnlab.data.readers.arrays import from_arrays
from dnnlab.errors import ConfigError

AUTOENCODER = {"name": "autoencoder", "hidden": [4]}
TANH = {"data": "iris", "activation": "tanh"}
RATIOS = {"update_ratio": "3 steps"}


def refused(config: dict[str, Any]) -> str:
    with pytest.raises(ConfigError) as caught:
        build(load_mapping(config))
    return str(caught.value)


def static(config: dict[str, Any]) -> str:
    """What `check --static` says of the parts that do not fit, without their places."""
    checked: Config = load_mapping(config)
    return "\n".join(str(problem) for check in outlined_checks(checked) for problem in check.problems)


MIXED = (
    "training.batch_size: received batch_size {size}; {name} mixes rows with others of their batch, "
    "and a batch holds one row; "
)
BOTH: list[tuple[dict[str, Any], str]] = [
    (
        {"data": "iris", "regularizers": {"mixup": 0.2}, "training": {"batch_size": 1, "accumulate": 4}},
        MIXED.format(size=1, name="mixup")
        + "expected 2 rows or more; training: {batch_size: 32}, or mixup: none",
    ),
    (
        {"data": "digits", "regularizers": {"cutmix": 1.0}, "training": {"batch_size": 1}},
        MIXED.format(size=1, name="cutmix"),
    ),
    (
        {
            "data": {"name": "diabetes", "limit": 1},
            "regularizers": {"mixup": 0.2},
            "training": {"batch_size": "full"},
        },
        MIXED.format(size="full", name="mixup"),
    ),
    (
        {"data": {"name": "diabetes", "target_scale": "standardize"}, "architecture": AUTOENCODER},
        "data.target_scale: target_scale: standardize cannot act: the target of autoencoder is the "
        "input, as data.scale leaves it; "
        "expected no such key; remove it",
    ),
    (
        {"data": {"name": "iris", "validation": 2}, "metrics": ["auc"]},
        "training.monitor: val_auc cannot be measured: no row is of virginica in the validation "
        "part (2 rows); "
        "expected a monitor that is a number; a larger part, or training: {monitor: val_loss}",
    ),
    (
        {
            "data": {"name": "iris", "validation": 2},
            "metrics": ["auc"],
            "regularizers": {"ema": 0.9},
            "training": {"monitor": "val_auc_ema"},
        },
        (
            "training.monitor: val_auc cannot be measured: no row is of virginica in the validation "
            "part (2 rows)"
        ),
    ),
    (
        {"data": {"name": "diabetes", "validation": 1}},
        "training.monitor: val_r2 cannot be measured: one row has no variance in the validation part (1 row)",
    ),
    (
        {"data": {"name": "diabetes", "limit": 1}, "training": {"monitor": "train_r2"}},
        "training.monitor: train_r2 cannot be measured: one row has no variance in the train part (1 row); "
        "expected a monitor that is a number; a larger part, or training: {monitor: train_loss}",
    ),
    (
        {"data": "iris", "logging": {"update_ratio_every": "7 steps", "probes": RATIOS}},
        "logging.probes.update_ratio: update_ratio looks every 3 steps, and update_ratio_every "
        "says 7 steps; expected one of them; "
        "remove it, and write update_ratio_every: 3 steps",
    ),
    (
        {"data": "iris", "logging": {"histograms": 4, "probes": {"histograms": "3 steps"}}},
        (
            "logging.probes.histograms: histograms looks every 3 steps, and histograms says 4; "
            "expected one of them; remove one"
        ),
    ),
]


@pytest.mark.parametrize(("config", "said"), BOTH)
def test_what_cannot_act_or_be_measured(config: dict[str, Any], said: str) -> None:
    assert refused(config).startswith(said)
    assert static(config).startswith(said)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (
            {"data": "diabetes", "regularizers": {"label_smoothing": 0.1}},
            "regularizers.label_smoothing: label_smoothing has no classes",
        ),
        (
            {"data": "iris", "regularizers": {"cutmix": 1.0}},
            "regularizers.cutmix: cutmix cuts boxes out of images; a row is 4 numbers",
        ),
        (
            {"data": "digits", "architecture": AUTOENCODER, "regularizers": {"cutmix": 1.0}},
            "regularizers.cutmix: cutmix has no classes to mix by area",
        ),
    ],
)
def test_the_static_check_asks_what_changes_batches(config: dict[str, Any], said: str) -> None:
    assert refused(config).startswith(said)
    assert static(config).startswith(said)


def of_one_rare_row(**changes: Any) -> Built:
    rare = np.array([0, 1] * 30 + [2])
    config = {"data": {"name": "arrays"}, "architecture": {"hidden": [4]}, **changes}
    return build(load_mapping(config), from_arrays(np.random.default_rng(0).normal(size=(61, 2)), rare))


def test_a_metric_that_is_not_the_monitor_is_only_said() -> None:
    made = of_one_rare_row(metrics=["accuracy", "auc"])
    note = "val_auc cannot be measured: no row is of 2 in the validation part (12 rows)"
    assert made.data.notes[-1] == note and made.described["notes"][-1] == note
    assert note in " ".join(made.data.description)
    with pytest.raises(ConfigError, match="val_auc cannot be measured"):
        of_one_rare_row(metrics=["auc", "accuracy"])
    assert (
        of_one_rare_row(metrics=["auc"], training={"monitor": "val_loss"}).session.plan.monitor == "val_loss"
    )


def test_a_resolved_config_has_no_two_times_for_one_probe() -> None:
    config = load_mapping({"data": "iris", "logging": {"probes": RATIOS}})
    made = build(load_mapping(config.resolved()))
    assert made.session.plan.probe_every == build(config).session.plan.probe_every
