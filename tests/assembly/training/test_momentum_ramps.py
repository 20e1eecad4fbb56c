"""A momentum that is annealed on its own: for every optimizer that has one, and an error for those that have
none.
"""

from __future__ import annotations

from typing import Any

import pytest
from helpers.trainings import built, small

from dnnlab import registry
from dnnlab.config import load_mapping
from dnnlab.engine.loop import fit
from dnnlab.engine.records import Step
from dnnlab.errors import ConfigError

RAMP = {"from": 0.25, "to": 0.75, "over": "5 steps"}
WANTED = [0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.75]
NAMES = [entry.name for entry in registry.entries("optimizer") if not entry.flags["closure"]]
OWN = {name for name in NAMES if "momentum" in registry.find("optimizer", name).own_fields}  # type: ignore[union-attr]
FIRST_BETA = {name for name in NAMES if "betas" in registry.find("optimizer", name).own_fields}  # type: ignore[union-attr]


def keys_of(name: str) -> dict[str, Any]:
    """The optimizer with a ramp."""
    return {"name": name, "momentum": RAMP} if name in OWN else {"name": name, "betas": [RAMP, 0.99]}


def test_who_has_a_momentum() -> None:
    assert sorted(OWN) == ["muon", "rmsprop", "sgd"]
    assert sorted(FIRST_BETA) == ["adam", "adamax", "adamw", "lion", "nadam", "radam"]


@pytest.mark.parametrize("name", sorted(OWN | FIRST_BETA))
def test_a_ramp_reaches_every_step(name: str) -> None:
    session = built(optimizer=keys_of(name), training={"epochs": 1}).session
    group = next(g for g in session.optimizer.param_groups if "momentum" in g or "betas" in g)
    seen = [
        group["momentum"] if name in OWN else group["betas"][0]
        for record in fit(session)
        if isinstance(record, Step)
    ]
    assert seen[:7] == pytest.approx(WANTED)


def test_muon_s_ramp_leaves_its_adamw_alone() -> None:
    session = built(optimizer={**keys_of("muon"), "adamw_betas": [0.8, 0.99]}, training={"epochs": 1}).session
    list(fit(session))
    assert {g["adamw_betas"] for g in session.optimizer.param_groups if not g["matrix"]} == {(0.8, 0.99)}


@pytest.mark.parametrize("name", sorted(set(NAMES) - OWN))
def test_momentum_is_refused_with_what_to_write(name: str) -> None:
    advice = (
        r"write `betas: \[\{from: 0.25, to: 0.75, over: 5 steps\}, 0.99\d?\]`"
        if name in FIRST_BETA
        else r"write optimizer: \{name: \w+, "
    )
    with pytest.raises(ConfigError, match=rf"optimizer\.momentum: no such key; {advice}"):
        load_mapping(small(optimizer={"name": name, "momentum": RAMP}))


@pytest.mark.parametrize("name, place", [("rmsprop", "momentum"), ("nadam", "betas")])
def test_a_ramp_and_a_cycle_are_refused(name: str, place: str) -> None:
    with pytest.raises(
        ConfigError,
        match=rf"optimizer\.{place}: one_cycle sets the momentum, and so does the ramp in optimizer\.{place}",
    ):
        built(optimizer=keys_of(name), schedule="one_cycle")
