"""Nets of Keras, flax, scikit-learn and torch give the same predictions here (golden/make_weights.py)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from helpers.seeded_nets import network_of

from dnnlab import weights
from dnnlab.weights.names import renamed

FOLDER = Path(__file__).parents[1] / "golden"
CASES = json.loads((FOLDER / "weights.json").read_text())["cases"]
FILES = [pytest.param(case, file, id=file) for case in CASES for file in case["files"]]


def outputs_of(case: Any, file: weights.WeightFile) -> torch.Tensor:
    """What the net answers with the weights of the file under our names, all of them."""
    inputs, outputs = torch.tensor(case["inputs"]), len(case["outputs"][0])
    config = {
        "architecture": case["architecture"],
        "activation": "tanh",
        "per_layer": case.get("per_layer", {}),
    }
    if outputs == 1:
        net = network_of(tuple(inputs.shape[1:]), 1, **config).net
    else:
        net = network_of(tuple(inputs.shape[1:]), outputs, **config).net
    names = renamed(file.arrays, case["map"])
    state = {names[name]: torch.tensor(array.read()) for name, array in file.arrays.items()}
    missing, unexpected = net.load_state_dict(state, strict=False)
    assert not unexpected and all(name.endswith("num_batches_tracked") for name in missing)
    answers = net.eval()(inputs)
    return answers.log_softmax(1) if case.get("chances") else answers


@pytest.mark.parametrize(("case", "name"), FILES)
def test_predictions_are_the_same(case: Any, name: str) -> None:
    file = weights.read(FOLDER / "weights" / name)
    same = torch.allclose(outputs_of(case, file), torch.tensor(case["outputs"]), rtol=0, atol=1e-5)
    unknown = name == "keras_cnn.weights.h5"  # 4x5 places were flattened, and such a file does not say so
    assert same is not unknown
    assert any("they were not turned" in note for note in file.notes) is unknown


@pytest.mark.parametrize("name", ["keras_cnn.keras", "keras_cnn.h5"])
def test_eps_and_decay_stand_in_the_file(name: str) -> None:
    file = weights.read(FOLDER / "weights" / name)
    assert file.facts["bn"] == {"eps": 0.02, "decay": 0.9}
    assert file.facts["first"] == {"padding": "same", "stride": [2, 2], "dilation": [1, 1], "groups": 1}
    assert file.notes == ("wide: its inputs were 4x5 places of 6 channels, turned to torch's order",)


def test_eps_is_not_made_up() -> None:
    file = weights.read(FOLDER / "weights" / "keras_cnn.weights.h5")
    assert "the file does not say the eps of bn; Keras' default is 0.001, decay 0.99" in file.notes
    assert file.facts == {}
    assert weights.read(FOLDER / "weights" / "onnx_cnn.onnx").facts == {"norm": {"eps": 0.02, "decay": 0.9}}


def test_d2_is_not_d10() -> None:
    """Groups of a Keras 3 file are dense, dense_1, dense_10, dense_2; the name d2 is only an attribute."""
    for name in ("keras_mlp.keras", "keras_mlp.h5"):
        file = weights.read(FOLDER / "weights" / name)
        assert list(file.arrays)[::2] == [*(f"d{i}.weight" for i in range(1, 12)), "head.weight"]
    stored = weights.read(FOLDER / "weights" / "keras_mlp.weights.h5").arrays
    assert stored["d2.weight"].stored == "/layers/dense_1/vars/0"
    assert stored["d11.weight"].stored == "/layers/dense_10/vars/0"


def test_the_older_format_has_the_model_s_name_before_the_layer_s() -> None:
    stored = weights.read(FOLDER / "weights" / "keras_cnn.h5").arrays["bn.running_var"].stored
    assert stored.startswith("/model_weights/bn/sequential") and stored.endswith("/bn/moving_variance")


def test_the_optimizer_is_left_out() -> None:
    for name in ("keras_mlp.keras", "keras_mlp.h5", "keras_mlp.weights.h5"):
        assert len(weights.read(FOLDER / "weights" / name).arrays) == 24
