"""Regularizers in nets that are built from a config: where they act, what they leave alone, and how a missing
place is said.
"""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from dnnlab.assembly.session import build
from dnnlab.config import load_mapping
from dnnlab.engine.loop import fit
from dnnlab.engine.session import Session
from dnnlab.errors import ConfigError
from dnnlab.nn.regularizers.random_paths import DropBranch

DIGITS = {"name": "digits", "limit": 64}
CNN = {"name": "cnn", "blocks": [[4, 4]], "hidden": [8]}
DENSE = {"name": "mlp", "hidden": [12, 8]}
TIED = {"name": "autoencoder", "hidden": [12, 8], "tied": True}
WIDE = {"max_pool": {"kernel": 3, "stride": 1, "padding": 1}}


def session(architecture: dict[str, Any], regularizers: dict[str, Any], **changes: Any) -> Session:
    base = {
        "data": DIGITS,
        "architecture": architecture,
        "regularizers": regularizers,
        "training": {"epochs": 1},
    }
    return build(load_mapping({**base, **changes})).session


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"regularizers": {"spatial_dropout": 0.2}},
            r"spatial_dropout: .* finds no place .*\(mlp\); expected a net with conv",
        ),
        (
            {"regularizers": {"stochastic_depth": 0.2}},
            r"stochastic_depth: .* residual blocks: `architecture: resnet`, or a `residual`",
        ),
        (
            {"regularizers": {"fractional_max_pool": 1.4}},
            r"fractional_max_pool: .* expected a net with 2x2 max pooling",
        ),
        (
            {"regularizers": {"fractional_max_pool": 1.4}, "architecture": {**CNN, "pool": "average"}},
            r"fractional_max_pool: .* no place",
        ),
        (
            {
                "regularizers": {"fractional_max_pool": 1.4},
                "architecture": {"name": "sequential", "layers": [WIDE]},
            },
            r"fractional_max_pool: .* finds no place",
        ),
        (
            {"regularizers": {"gaussian_dropout": 0.2}, "architecture": {"hidden": []}},
            r"gaussian_dropout: .* expected a net with hidden",
        ),
        (
            {"regularizers": {"cutmix": 1.0}, "data": "iris"},
            r"cutmix: cutmix cuts boxes out of images; a row is 4 numbers",
        ),
        (
            {"regularizers": {"cutmix": 1.0}, "architecture": TIED},
            r"cutmix: cutmix has no classes to mix by area: the targets are numbers",
        ),
        (
            {"regularizers": {"cutmix": 1.0}, "loss": "hinge"},
            r"cutmix: cutmix makes soft targets; hinge needs one class a row",
        ),
        (
            {"regularizers": {"swa": "30 epochs"}},
            r"swa\.start: received 30 epochs, which is .* steps; the whole training has",
        ),
        ({"regularizers": {"swa": 10}}, r"swa\.start: received 10; expected a duration"),
        (
            {"regularizers": {"fractional_max_pool": 2}},
            r"fractional_max_pool\.ratio: received 2; expected a number .*< 2",
        ),
        (
            {"regularizers": {"l1_l2": {"strength": 1e-4}}},
            r"l1_l2\.strength: .*regularizers: \{l1_l2: \{l1: 0\.0001, l2: 0\.0001\}\}",
        ),
        (
            {"regularizers": {"dropconnect": {"layers": "hidden3"}}, "architecture": TIED},
            (
                r'dropconnect\.layers: .* no place to act in the layers that "hidden3" matches; '
                r"expected some of hidden1, hidden2; remove"
            ),
        ),
        (
            {"regularizers": {"spatial_dropout": {"layers": "hidden1"}}, "architecture": CNN},
            (
                r'spatial_dropout\.layers: .* "hidden1" matches; expected some of conv1, conv2; remove '
                r"regularizers\.spatial_dropout\.layers"
            ),
        ),
        (
            {"regularizers": {"dropout": {"layers": "output"}}, "architecture": DENSE},
            (
                r'dropout\.layers: .* layers that "output" matches; expected some of hidden1, hidden2; '
                r"remove regularizers\.dropout\.layers"
            ),
        ),
    ],
)
def test_a_missing_place_is_said(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=rf"regularizers\.{said}"):
        build(load_mapping({"data": DIGITS, **changes}))


def test_a_rate_of_zero_switches_off() -> None:
    for name in ("dropout", "dropconnect", "stochastic_depth", "alpha_dropout"):
        assert session(DENSE, {name: 0.0}).net is not None


def run(made: Session) -> dict[str, Tensor]:
    for _ in fit(made):
        pass
    return {entry.name: entry.parameter.detach() for entry in made.table.of_role("weight")}


@pytest.mark.parametrize("architecture", [DENSE, CNN, TIED], ids=lambda a: a["name"])
@pytest.mark.parametrize("normalization", ["none", "batch"])
def test_units_are_limited_by_their_incoming_weights(
    architecture: dict[str, Any], normalization: str
) -> None:
    """A dense unit's are its row, a filter's all of its channels and places; a tied weight is one tensor,
    limited as its owner's units.
    """
    limit = 1.4  # he_normal makes units of about this length
    made = session(architecture, {"max_norm": limit}, normalization=normalization)
    before = {e.name: e.parameter.detach().clone() for e in made.table.of_role("weight")}
    (constrain,) = made.constraints
    constrain()
    lengths = {name: w.flatten(1).norm(dim=1) for name, w in before.items()}
    assert any((length > limit).any() for length in lengths.values()) and any(
        (length < limit).any() for length in lengths.values()
    )
    for name, w in before.items():
        now = made.table.entries[name].parameter
        assert torch.allclose(now, torch.renorm(w, 2, 0, limit), atol=1e-6), name
        assert torch.equal(now[lengths[name] < limit], w[lengths[name] < limit]), name
    assert all(w.flatten(1).norm(dim=1).max() <= limit for w in run(made).values())
    for name, w in run(session(architecture, {"unit_norm": True}, normalization=normalization)).items():
        assert torch.allclose(w.flatten(1).norm(dim=1), torch.ones(len(w)), atol=1e-5), name


def test_a_tied_layer_drops_its_owner_s_weights_in_a_draw_of_its_own() -> None:
    made = session(TIED, {"dropconnect": {"rate": 0.5, "layers": "hidden1"}})
    owner, tied = dict(made.net.named_modules())["hidden1"], dict(made.net.named_modules())["output"]
    assert len(owner.weight_functions) == 1 and tied.weight_functions == []
    with torch.no_grad():
        tied.bias.zero_()
    seen = tied.train().linear(torch.eye(12)).detach()
    assert float((seen == 0).float().mean()) == pytest.approx(0.5, abs=0.1)
    kept = seen != 0
    assert torch.allclose(seen[kept], 2 * owner.weight.detach()[kept])
    owner.eval()
    assert torch.allclose(tied.linear(torch.eye(12)), owner.weight)


def test_weights_are_dropped_behind_weight_normalization() -> None:
    made = session(DENSE, {"dropconnect": 0.5}, normalization="weight")
    layer = dict(made.net.named_modules())["hidden1"]
    whole = layer.eval().weight_in_use()
    dropped = layer.train().weight_in_use()
    assert torch.allclose(dropped[dropped != 0], 2 * whole[dropped != 0])
    assert float((dropped == 0).float().mean()) == pytest.approx(0.5, abs=0.1)


def test_kinds_of_dropout_stand_side_by_side_and_per_layer_rates_stay() -> None:
    both = {"dropout": 0.5, "gaussian_dropout": 0.1, "spatial_dropout": {"rate": 0.2, "layers": "conv1"}}
    made = session(CNN, both, per_layer={"conv2": {"dropout": 0.0}, "hidden1": {"dropout": 0.3}})
    stages = {
        name: [key for key in module._modules if "dropout" in key]
        for name, module in made.net.named_children()
    }
    assert {name: found for name, found in stages.items() if found} == {
        "conv1": ["dropout", "gaussian_dropout", "spatial_dropout"],
        "conv2": ["gaussian_dropout"],
        "hidden1": ["dropout", "gaussian_dropout"],
    }
    assert made.net.hidden1.dropout.p == 0.3
    run(made)


def test_stochastic_depth_knows_which_block_it_is() -> None:
    block = {"residual": {"layers": [{"dense": {"units": 64}}]}}
    made = session(
        {"name": "sequential", "layers": [{"flatten": {}}, *4 * [block]]}, {"stochastic_depth": 0.8}
    )
    assert [m.rate for m in made.net.modules() if isinstance(m, DropBranch)] == pytest.approx(
        [0.2, 0.4, 0.6, 0.8]
    )
    resnet = session({"name": "resnet", "depth": 8, "form": "cifar", "width": 4}, {"stochastic_depth": 0.3})
    assert [m.rate for m in resnet.net.modules() if isinstance(m, DropBranch)] == pytest.approx(
        [0.1, 0.2, 0.3]
    )


def test_fractional_pooling_takes_the_place_of_every_pooling() -> None:
    made = session({"name": "cnn", "blocks": [[4], [4]], "hidden": []}, {"fractional_max_pool": 1.414})
    outputs: dict[str, tuple[int, ...]] = {}
    for name, module in made.net.named_children():
        module.register_forward_hook(lambda _, __, out, name=name: outputs.update({name: tuple(out.shape)}))
    for training in (True, False):
        made.net.train(training)(torch.zeros(2, 1, 8, 8))
        assert (outputs["pool1"], outputs["pool2"]) == ((2, 4, 5, 5), (2, 4, 3, 3))
    run(made)


def test_fractional_pooling_leaves_averages_and_other_windows() -> None:
    made = session(
        {"name": "sequential", "layers": [WIDE, "max_pool", "average_pool"]}, {"fractional_max_pool": 1.414}
    )
    assert [type(m).__name__ for m in made.net.children()][:3] == [
        "MaxPool2d",
        "FractionalMaxPool",
        "AvgPool2d",
    ]
    resnet = session({"name": "resnet", "width": 4}, {"fractional_max_pool": 1.3}, data="digits")
    assert type(resnet.net.pool1).__name__ == "FractionalMaxPool"


def test_an_autoencoder_learns_to_take_input_noise_away() -> None:
    made = session(TIED, {"input_noise": 0.5})
    (effect,) = made.batch_effects
    batch = made.train.rows(torch.arange(4))
    noisy = effect(batch)
    assert torch.equal(noisy.targets, batch.inputs.flatten(1)) and not torch.equal(noisy.inputs, batch.inputs)
