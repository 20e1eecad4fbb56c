"""Normalizations in nets: how many numbers they bring, which of them are trained, and what is refused with
the key's path.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.trainings import built
from torch import nn

from dnnlab.engine.loop import fit
from dnnlab.engine.records import Epoch
from dnnlab.errors import ConfigError

CNN = {"name": "cnn", "blocks": [[4], [8]], "hidden": [16]}
NONE = {"normalization": "none"}


def images_of_784(folder: Path) -> dict[str, Any]:
    random = np.random.default_rng(0)
    np.savez(
        folder / "small.npz", x=random.normal(size=(60, 28, 28)).astype(np.float32), y=np.arange(60) % 10
    )
    return {"name": "npz", "path": str(folder / "small.npz"), "x": "x", "y": "y"}


def test_mlp_784_300_100_10_with_batch_normalization_on_inputs_and_hidden_layers(tmp_path: Path) -> None:
    """4 vectors a layer, 2 of them trained: 3,136 numbers on the inputs and 2,368 = 2 (784 + 300 + 100) not
    trained in all.
    """
    batch = {"name": "batch", "on_input": True}
    session = built(
        data=images_of_784(tmp_path), architecture={"hidden": [300, 100]}, normalization=batch
    ).session
    layers = {name: m for name, m in session.net.named_modules() if isinstance(m, nn.BatchNorm1d)}
    assert {name: m.num_features for name, m in layers.items()} == {
        "input_normalization": 784,
        "hidden1.normalization": 300,
        "hidden2.normalization": 100,
    }
    buffers = {name: b.numel() for name, b in session.net.named_buffers() if b.ndim}
    assert sum(buffers.values()) == 2368
    of_inputs = [t.numel() for t in layers["input_normalization"].state_dict().values() if t.ndim]
    assert of_inputs == [784] * 4 and sum(of_inputs) == 3136
    trained = {e.name: e.parameter.numel() for e in session.table.entries.values()}
    assert sum(n for name, n in trained.items() if name.startswith("input_normalization.")) == 1568
    assert sum(trained.values()) == 784 * 300 + 300 * 100 + 100 * 10 + 10 + 2368, (
        "no bias before a normalization that takes it off"
    )


@pytest.mark.parametrize(
    ("normalization", "roles", "has_bias"),
    [
        (
            {"name": "group", "groups": 4},
            {"normalization.weight": "norm", "normalization.bias": "norm"},
            True,
        ),
        ("rms", {"normalization.weight": "norm"}, True),
        ("spectral", {}, True),
        ("instance", {"normalization.weight": "norm", "normalization.bias": "norm"}, False),
        ({"name": "instance", "affine": False}, {}, False),
    ],
)
@pytest.mark.parametrize("position", ["before_activation", "after_activation"])
def test_roles_and_biases(normalization: Any, roles: dict[str, str], has_bias: bool, position: str) -> None:
    spec = {"name": normalization} if isinstance(normalization, str) else dict(normalization)
    if position == "after_activation" and spec["name"] != "spectral":
        spec["position"], has_bias = position, True
    session = built(architecture={"name": "cnn", "blocks": [[4], [8]]}, normalization=spec).session
    found = {n.removeprefix("conv2."): e.role for n, e in session.table.entries.items() if e.layer == "conv2"}
    assert found == {"weight": "weight", **({"bias": "bias"} if has_bias else {}), **roles}
    losses = [event.row["train_loss"] for event in fit(session) if isinstance(event, Epoch)]
    assert losses[-1] < losses[0]


def refused(**changes: Any) -> str:
    with pytest.raises(ConfigError) as caught:
        built(**changes)
    return str(caught.value)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {"normalization": {"name": "group", "groups": 3}},
            (
                "normalization.groups: hidden1: received 3, which does not divide 16 channels; "
                "expected one of 1, 2, 4, 8; write groups: 2"
            ),
        ),
        (
            {"per_layer": {"conv.*": {"normalization": {"name": "group", "groups": 8}}}, "architecture": CNN},
            'per_layer."conv.*".normalization.groups: conv1: received 8, which does not divide 4 '
            "channels; expected one of 1, 2, 4; "
            "write groups: 4",
        ),
        (
            {"normalization": {"name": "group", "groups": 4, "on_input": True}, "architecture": CNN},
            (
                "normalization.groups: input_normalization: received 4, which does not divide 1 "
                "channels; expected one of 1; write groups: 1"
            ),
        ),
        (
            {"normalization": {"name": "group", "groups": 32}, "architecture": {"hidden": [64, 50]}},
            "normalization.groups: hidden2: received 32, which does not divide 50 channels; "
            "expected one of 1, 2, 5, 10, 25; "
            "write groups: 2, which suits every layer",
        ),
        (
            {
                "normalization": {"name": "group", "groups": 32},
                "architecture": {"hidden": [64, 50]},
                "per_layer": {"hidden1": NONE},
            },
            (
                "hidden2: received 32, which does not divide 50 channels; expected one of 1, 2, 5, 10, "
                "25; write groups: 25"
            ),
        ),
        (
            {"normalization": {"name": "layer", "on_input": True}, "data": {"name": "blobs", "features": 1}},
            "normalization.on_input: input_normalization: a layer of one unit; two units or more "
            "(one number minus its own mean is always "
            "0); on_input: false",
        ),
        (
            {"normalization": "instance", "architecture": CNN},
            "normalization: hidden1: instance normalization of a dense layer: one number minus its "
            "own mean is always 0; "
            "expected a convolution; "
            "write normalization: none for the dense layers under per_layer, or choose layer normalization",
        ),
        (
            {
                "normalization": "instance",
                "architecture": {
                    "name": "sequential",
                    "layers": ["max_pool"] * 3 + [{"name": "conv", "channels": 4}],
                },
            },
            "conv1 cannot work on an input of 1x1x1: a group of one number, which minus its own "
            "mean is always 0; "
            "fewer groups, or normalization: none there",
        ),
        (
            {"normalization": {"name": "batch", "momentum": 0.01}},
            (
                "normalization.momentum: no such key; write `decay: 0.99` if it is torch's momentum, "
                "`decay: 0.01` if it is Keras'"
            ),
        ),
        (
            {"normalization": {"name": "group", "num_groups": 4}},
            "groups: 4",
        ),
        (
            {"activation": {"name": "rrelu", "lower": 0.5, "upper": 0.2}},
            (
                "activation.lower: hidden1: received 0.5, above upper: 0.2; expected at most 0.2; "
                "lower: 0.2, upper: 0.5"
            ),
        ),
        ({"initializer": "constant"}, "initializer.value: a key is missing"),
    ],
)
def test_what_cannot_act_is_refused_with_its_path(changes: dict[str, Any], text: str) -> None:
    assert text in refused(**changes)


def test_instance_normalization_of_the_convolutions_alone() -> None:
    session = built(
        architecture=CNN, normalization="instance", per_layer={"hidden.*": {"normalization": "none"}}
    ).session
    assert [name for name, _ in session.net.named_modules() if name.endswith("normalization")] == [
        "conv1.normalization",
        "conv2.normalization",
    ]
