"""Spectral normalization against singular values by numpy and gradients by torch's own, and inside nets that
dnnlab builds.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from helpers.trainings import assert_same, built, resumed, trained
from torch import Tensor, nn

from dnnlab import registry
from dnnlab.engine.loop import fit
from dnnlab.errors import ConfigError
from dnnlab.nn.layers.linear_maps import Conv, Dense, Staged, TiedDense

CNN = {"name": "cnn", "blocks": [[4], [8]], "hidden": [12]}


def layer(form: str = "dense", iterations: int = 1, seed: int = 0, scale: float = 3.0) -> Any:
    made: Staged = Dense(7, 5) if form == "dense" else Conv(3, 6, 3)
    made = registry.build("normalization", {"name": "spectral", "iterations": iterations}, made.double())
    set_weight(
        made,
        torch.randn(made.weight.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
        * scale,
    )
    return made


def set_weight(made: Staged, numbers: Tensor, restart: bool = True) -> None:
    with torch.no_grad():
        made.weight.copy_(numbers)
        for function in made.after_initialization if restart else ():
            function(made)


def largest(weight: Tensor) -> float:
    """The largest singular value of a weight as (units, inputs), by numpy."""
    return float(np.linalg.svd(weight.detach().flatten(1).numpy(), compute_uv=False)[0])


def inputs_of(form: str) -> Tensor:
    shape = (4, 7) if form == "dense" else (2, 3, 5, 5)
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(9))


@pytest.mark.parametrize("form", ["dense", "conv"])
def test_divides_by_the_largest_singular_value(form: str) -> None:
    made = layer(form).train()
    for _ in range(100):
        made(inputs_of(form))
    sigma = largest(made.weight)
    torch.testing.assert_close(made.weight_in_use(), made.weight / sigma, rtol=1e-6, atol=1e-9)
    assert largest(made.eval().weight_in_use()) == pytest.approx(1, rel=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_starts_near_enough_and_never_below_one(seed: int) -> None:
    found = largest(layer(seed=seed).eval().weight_in_use())
    assert (
        1 - 1e-9 <= found < 1.02
    )  # sigma is a length |W v| with |v| = 1, so it is never above the largest singular value


def test_the_weight_keeps_its_name_and_one_buffer_is_added() -> None:
    made = layer()
    assert [name for name, _ in made.named_parameters()] == ["weight", "bias"]
    assert sorted(made.state_dict()) == ["bias", "spectral_u", "weight"]


@pytest.mark.parametrize("form", ["dense", "conv"])
def test_outputs_and_gradients_are_those_of_torch(form: str) -> None:
    ours, inputs = layer(form).train(), inputs_of(form)
    theirs: Any = nn.Linear(7, 5) if form == "dense" else nn.Conv2d(3, 6, 3, padding="same")
    theirs.double().load_state_dict({"weight": ours.weight.detach(), "bias": ours.bias.detach()})
    theirs = nn.utils.parametrizations.spectral_norm(theirs).train()
    for _ in range(200):  # both converge on the same weight
        ours(inputs), theirs(inputs)
    mine, other = ours(inputs), theirs(inputs)
    torch.testing.assert_close(mine, other)
    mine.square().sum().backward()
    other.square().sum().backward()
    torch.testing.assert_close(ours.weight.grad, theirs.parametrizations.weight.original.grad)


@pytest.mark.parametrize("iterations", [1, 3])
def test_a_training_pass_moves_the_vector_by_so_many_rounds(iterations: int) -> None:
    made = layer(iterations=iterations).train()
    set_weight(made, made.weight + torch.eye(5, 7, dtype=torch.float64) * 4, restart=False)
    w, u = made.weight.detach().numpy(), made.spectral_u.numpy().copy()
    for _ in range(iterations):
        v = w.T @ u / np.linalg.norm(w.T @ u)
        sigma = np.linalg.norm(w @ v)
        u = w @ v / sigma
    torch.testing.assert_close(
        made(inputs_of("dense")), inputs_of("dense") @ (made.weight / sigma).t() + made.bias
    )
    np.testing.assert_allclose(made.spectral_u.numpy(), u, rtol=1e-12)


def test_evaluation_and_frozen_layers_leave_the_vector() -> None:
    made = layer()
    set_weight(made, made.weight + 1, restart=False)
    before = made.spectral_u.clone()
    made.eval()(inputs_of("dense"))
    assert torch.equal(made.spectral_u, before)
    made.weight.requires_grad_(False)
    made.train()(inputs_of("dense"))
    assert torch.equal(made.spectral_u, before)


def test_a_weight_of_zeros_gives_zeros_and_wakes_up() -> None:
    made = layer()
    set_weight(made, torch.zeros(5, 7))
    assert torch.equal(made(inputs_of("dense")), made.bias.expand(4, 5)) and made.spectral_u.isfinite().all()
    set_weight(made, torch.eye(5, 7), restart=False)
    assert made.eval().weight_in_use().isfinite().all() and largest(made.weight_in_use()) == pytest.approx(1)


def test_a_tied_layer_borrows_the_divided_weight() -> None:
    source = layer().train()
    tied = registry.build("normalization", "spectral", TiedDense(source).double())
    assert [name for name, _ in tied.named_parameters()] == ["bias"] and not list(tied.buffers())
    tied(
        source(inputs_of("dense"))
    ).square().sum().backward()  # two training passes of one weight before the way back
    assert source.weight.grad.isfinite().all() and source.weight.grad.abs().sum() > 0


def test_bf16_does_not_reach_the_singular_value() -> None:
    made = Dense(64, 64)
    registry.build("normalization", "spectral", made)
    set_weight(made, torch.randn(64, 64, generator=torch.Generator().manual_seed(0)))
    full = made.eval().weight_in_use()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(made.weight_in_use(), full)


def test_beside_other_normalizations_in_one_net() -> None:
    spectral = {"normalization": "spectral", "l2": 0.0}
    per_layer = {
        "hidden1": {"normalization": "weight"},
        "hidden2": spectral,
        "hidden3": {"normalization": "batch"},
    }
    session = built(
        architecture={"hidden": [16, 12, 8]},
        per_layer=per_layer,
        regularizers={"l2": 1e-3, "dropconnect": 0.1},
    ).session
    entries = session.table.entries
    assert {name: e.role for name, e in entries.items() if e.layer == "hidden2"} == {
        "hidden2.weight": "weight",
        "hidden2.bias": "bias",
    }
    assert "hidden1.gain" in entries and "hidden2.spectral_u" in session.net.state_dict()
    before = entries["hidden2.weight"].parameter.detach().clone()
    list(fit(session))
    hidden2: Any = session.net.get_submodule("hidden2").eval()
    assert not torch.equal(hidden2.weight, before)
    assert largest(hidden2.weight_in_use()) == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("architecture", [{"hidden": [16, 8]}, CNN], ids=["mlp", "cnn"])
def test_every_hidden_layer_is_bounded_at_the_start(architecture: dict[str, Any]) -> None:
    net = built(
        architecture=architecture, normalization="spectral", initializer="he_normal"
    ).session.net.eval()
    found = {
        name: largest(m.weight_in_use())
        for name, m in net.named_modules()
        if isinstance(m, Staged) and name != "output"
    }
    assert len(found) >= 2 and found == pytest.approx(dict.fromkeys(found, 1.0), abs=0.03)


def test_resumed_is_identical_and_the_average_is_normalized_too(tmp_path: Path) -> None:
    keys: dict[str, Any] = {
        "normalization": "spectral",
        "regularizers": {"ema": 0.9},
        "architecture": {"hidden": [16, 8]},
    }
    for name in ("whole", "cut"):
        (tmp_path / name).mkdir()
    whole, cut = trained(tmp_path / "whole", **keys), trained(tmp_path / "cut", after=13, **keys)
    resumed(cut)
    assert_same(whole, cut)
    session = built(**keys).session
    list(fit(session))
    average: Any = session.averages[0].net
    assert largest(average.hidden2.weight_in_use()) == pytest.approx(1, abs=0.03)


def test_a_copy_has_a_vector_of_its_own() -> None:
    made = layer().train()
    twin, before = copy.deepcopy(made), made.spectral_u.clone()
    set_weight(twin, twin.weight + 1, restart=False)
    twin(inputs_of("dense"))
    assert torch.equal(made.spectral_u, before) and not torch.equal(twin.spectral_u, before)


def test_lsuv_cannot_scale_what_is_divided_again() -> None:
    with pytest.raises(
        ConfigError,
        match=(
            r"initializer: the outputs of hidden1 keep variance .* whatever the scale of its weight; "
            r"expected"
        ),
    ):
        built(normalization="spectral", initializer="lsuv")
