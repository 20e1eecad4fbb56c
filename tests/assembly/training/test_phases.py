"""Layers that begin to learn later: nothing moves them before, and everything does after."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from helpers.trainings import built
from hypothesis import given, settings
from hypothesis import strategies as st

from dnnlab.engine.loop import fit
from dnnlab.engine.records import Step
from dnnlab.registry import entries

LAYERS = ("hidden1", "hidden2", "hidden3", "output")
SMALL: dict[str, Any] = {
    "data": {"name": "digits", "limit": 60},
    "architecture": {"name": "mlp", "hidden": [7, 6, 5]},
    "activation": "tanh",  # no unit is dead, so every layer that learns moves
    "training": {"epochs": 3, "batch_size": 20},
    "logging": {"steps_every": "2 steps"},
}
ON_WEIGHTS = ("l1", "l2", "l1_l2", "max_norm", "unit_norm", "non_negative")
OPTIMIZERS = [e.name for e in entries("optimizer") if e.flags["groups"] and not e.flags["full_batch"]]


def moved_in_each_step(reuse: dict[str, Any], **changes: Any) -> list[set[str]]:
    """The layers of which some tensor changed, step by step."""
    session = built(**{**SMALL, **changes, "reuse": {"from": "not read here", **reuse}}).session
    before = {name: t.clone() for name, t in session.net.state_dict().items()}
    moved = []
    for record in fit(session):
        if isinstance(record, Step):
            now = session.net.state_dict()
            moved.append({n.partition(".")[0] for n, t in now.items() if not torch.equal(t, before[n])})
            before = {name: t.clone() for name, t in now.items()}
    return moved


@settings(max_examples=15, deadline=None)
@given(
    frozen=st.sets(st.sampled_from(LAYERS[:3]), min_size=1),
    later=st.lists(st.sampled_from(LAYERS[:3]), unique=True, max_size=3),
    gap=st.integers(1, 2),
)
def test_a_layer_moves_in_the_steps_in_which_it_learns(frozen: set[str], later: list[str], gap: int) -> None:
    order = [layer for layer in later if layer in frozen]
    begins = {layer: 1 + i * gap for i, layer in enumerate(order)}
    reuse = {
        "freeze": "|".join(sorted(frozen)),
        "unfreeze": [{"at": f"{begins[layer]} steps", "layers": layer} for layer in order],
    }
    for step, moved in enumerate(moved_in_each_step(reuse, normalization="batch")):
        learning = {layer for layer in LAYERS if layer not in frozen or step >= begins.get(layer, 99)}
        assert moved == learning, step


@pytest.mark.parametrize("name", ON_WEIGHTS)
def test_regularizers_of_weights_wait_for_the_layer(name: str) -> None:
    reuse = {"freeze": "hidden.", "unfreeze": [{"at": "4 steps", "layers": "hidden[23]"}]}
    value = {"l1_l2": {"l1": 0.1, "l2": 0.1}, "max_norm": 0.3}.get(name, True)
    moved = moved_in_each_step(reuse, regularizers={name: value})
    assert moved == [{"output"}] * 4 + [{"hidden2", "hidden3", "output"}] * 5


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_passes_over_what_does_not_learn(name: str) -> None:
    reuse = {"freeze": "hidden1", "unfreeze": [{"at": "4 steps", "layers": "hidden1", "lr_factor": 0.5}]}
    moved = moved_in_each_step(reuse, optimizer=name)
    assert all("hidden1" not in step for step in moved[:4])
    assert all("hidden1" in step for step in moved[4:])


@pytest.mark.parametrize("clipping", ["value", "norm", "global_norm", "adaptive"])
def test_clipping_takes_the_gradients_that_there_are(clipping: str) -> None:
    reuse = {"freeze": "hidden.", "unfreeze": [{"at": "4 steps", "layers": "hidden3"}]}
    moved = moved_in_each_step(reuse, gradient_clipping=clipping)
    assert moved == [{"output"}] * 4 + [{"hidden3", "output"}] * 5
