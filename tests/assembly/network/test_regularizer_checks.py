"""Penalties and constraints hold the weights in use of layers that learn, or are refused."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from helpers.copied_parts import copied_parts
from helpers.trainings import built
from torch import Tensor

from dnnlab.engine.loop import fit
from dnnlab.engine.session import Session
from dnnlab.errors import ConfigError
from dnnlab.nn.layers.linear_maps import Staged

CNN = {"name": "cnn", "blocks": [[4, 4]], "hidden": [8]}
DENSE = {"name": "mlp", "hidden": [12, 8]}
TIED = {"name": "autoencoder", "hidden": [12, 8], "tied": True}
NOTHING_LEARNS: dict[str, Any] = {
    "architecture": {"hidden": []},
    "normalization": {"name": "rms", "on_input": True},
    "per_layer": {"output": {"frozen": True}},
}


def session(architecture: dict[str, Any], regularizers: dict[str, Any], **changes: Any) -> Session:
    changes = {"training": {"epochs": 1}, **changes}
    return built(architecture=architecture, regularizers=regularizers, **changes).session


def in_use(made: Session) -> dict[str, Tensor]:
    """The weights in use by layer."""
    layers = {
        name: m for name, m in made.net.named_modules() if isinstance(m, Staged) and hasattr(m, "weight")
    }
    return {name: layer.weight_in_use().detach() for name, layer in layers.items()}


@pytest.mark.parametrize("architecture", [DENSE, CNN, TIED], ids=lambda a: a["name"])
def test_under_weight_normalization_the_weights_in_use_are_held(architecture: dict[str, Any]) -> None:
    for name, regularizers in {"max_norm": {"max_norm": 0.3}, "unit_norm": {"unit_norm": True}}.items():
        made = session(architecture, regularizers, normalization="weight")
        list(fit(made))
        for layer, weight in in_use(made).items():
            lengths = weight.flatten(1).norm(dim=1)
            assert (
                lengths.max() <= 0.3 * (1 + 1e-5)
                if name == "max_norm"
                else torch.allclose(lengths, torch.ones(len(weight)))
            ), layer


@pytest.mark.parametrize(
    "regularizers", [{"l2": 0.1}, {"l1_l2": {"l1": 0.0, "l2": 0.1}}], ids=["l2", "l1_l2"]
)
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_l2_under_weight_normalization_is_that_of_the_weights_in_use(
    optimizer: str, regularizers: dict[str, Any]
) -> None:
    made = session(DENSE, regularizers, normalization="weight", optimizer=optimizer)
    for entry in made.table.of_role("weight"):
        entry.parameter.data *= 3  # the length of v is nothing that the layer uses
    (penalty,) = made.penalties
    expected = sum(0.1 / 2 * weight.square().sum().item() for weight in in_use(made).values())
    assert penalty.value().item() == pytest.approx(expected, rel=1e-5)
    plain = session(DENSE, {}, normalization="weight", optimizer=optimizer)
    for one in (made, plain):
        list(fit(one))
    lengths = [one.table.entries["hidden1.gain"].parameter.norm().item() for one in (made, plain)]
    assert lengths[0] < lengths[1]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"normalization": "weight", "regularizers": {"non_negative": True}},
            "regularizers.non_negative: hidden1: weight normalization makes the weights in use "
            "from what non_negative would act on; "
            "expected l2, max_norm, unit_norm beside weight normalization; remove regularizers.non_negative",
        ),
        (
            {"normalization": "weight", "regularizers": {"l1": 0.1}},
            "regularizers.l1: hidden1: weight normalization makes the weights in use from what l1 "
            "would act on; expected l2, max_norm, "
            "unit_norm beside weight normalization; remove regularizers.l1, or leave layers out: "
            "per_layer: {hidden1|hidden2: {l1: 0}}",
        ),
        (
            {"normalization": "weight", "regularizers": {"l1_l2": True}},
            "regularizers.l1_l2: hidden1: weight normalization makes",
        ),
        (
            {"per_layer": {"hidden2": {"normalization": "spectral", "l2": 0.1}}},
            'per_layer."hidden2".l2: hidden2: spectral normalization makes the weights in use from '
            "what l2 would act on; expected "
            'non_negative beside spectral normalization; remove per_layer."hidden2".l2',
        ),
        (
            {"normalization": "spectral", "regularizers": {"max_norm": 1.0}},
            "regularizers.max_norm: hidden1: spectral normalization makes",
        ),
        (
            {"regularizers": {"max_norm": 0.5, "unit_norm": True}},
            "regularizers.max_norm: hidden1: unit_norm scales to length 1 what max_norm has "
            "limited, so max_norm cannot act; "
            "expected one of them; remove regularizers.max_norm, or regularizers.unit_norm",
        ),
        (
            {"regularizers": {"unit_norm": True}, "per_layer": {"hidden2": {"max_norm": 0.5}}},
            'per_layer."hidden2".max_norm: hidden2: unit_norm scales to length 1',
        ),
        (
            {**NOTHING_LEARNS, "regularizers": {"l2": 0.1}},
            (
                "regularizers.l2: every weight is frozen, so l2 cannot act; expected a layer whose "
                "weight learns; remove regularizers.l2"
            ),
        ),
        (
            {**NOTHING_LEARNS, "regularizers": {"max_norm": 1.0}},
            "regularizers.max_norm: every weight is frozen, so max_norm cannot act",
        ),
        (
            {"regularizers": {"l2": 0.1}, "per_layer": {".*": {"l2": 0.0}}},
            (
                "regularizers.l2: every layer has its own l2, so this one cannot act; expected a layer "
                "without; remove regularizers.l2"
            ),
        ),
    ],
)
def test_what_holds_no_weight_in_use_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        built(**{"architecture": DENSE, **changes})
    assert str(caught.value).startswith(said)


def test_what_is_left_out_or_switched_off_is_accepted() -> None:
    session(DENSE, {"l1": 0.1}, normalization="weight", per_layer={"hidden1|hidden2": {"l1": 0.0}})
    session(DENSE, {"l2": 0.0}, per_layer={".*": {"l2": 0.1}})
    made = session(DENSE, {"non_negative": True}, normalization="spectral")
    list(fit(made))
    assert all(bool((weight >= 0).all()) for weight in in_use(made).values())


COPIED: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"max_norm": {"limit": 0.3}, "unit_norm": {}}, {}, "no_effect"),
    ({"non_negative": {}}, {"normalization": "weight"}, "no_effect"),
    ({"non_negative": {}}, {"normalization": "spectral"}, ""),
    ({"l1_l2": {"l1": 0.1, "l2": 0.0}}, {"normalization": "weight"}, "no_effect"),
    ({"l1_l2": {"l1": 0.0, "l2": 0.1}}, {"normalization": "weight"}, ""),
    ({"unit_norm": {}}, NOTHING_LEARNS, "no_effect"),
    ({"ema": {"decay": 0.9}}, {"training": {"epochs": 1, "monitor": "val_accuracy_ema"}}, ""),
]


@pytest.mark.parametrize(("regularizers", "changes", "code"), COPIED, ids=str)
def test_a_copy_under_another_name_is_checked_like_the_original(
    regularizers: dict[str, Any], changes: dict[str, Any], code: str
) -> None:
    def answer(names: dict[str, str]) -> list[tuple[str, ...]]:
        copied = {names.get(name, name): keys for name, keys in regularizers.items()}
        try:
            session(DENSE, copied, **changes) if "architecture" not in changes else built(
                regularizers=copied, **changes
            )
        except ConfigError as error:
            return [(p.code, p.path, p.received, p.expected, p.fix) for p in error.problems]
        return []

    original = answer({})
    assert [found[0] for found in original] == [code] * bool(code)
    with copied_parts("regularizers", *regularizers) as copies:
        assert [tuple(text.replace("my_", "") for text in found) for found in answer(copies)] == original
