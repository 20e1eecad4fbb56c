"""An architecture's own normalization beside the config's: a written value acts, or is refused."""

from __future__ import annotations

from typing import Any

import pytest

from dnnlab.config import Config, load_mapping
from dnnlab.errors import ConfigError

RESNET = {"name": "resnet", "form": "cifar", "depth": 8}
GROUP = {"name": "group", "groups": 4}


def config(own: Any = None, overrides: dict[str, Any] | None = None, **changes: Any) -> Config:
    architecture = RESNET if own is None else {**RESNET, "normalization": own}
    return load_mapping({"data": "digits", "architecture": architecture, **changes}, overrides)


def own_of(found: Config) -> str:
    return str(found.experiment.architecture.keys["normalization"])


def test_the_own_one_holds_where_the_config_writes_none() -> None:
    assert own_of(config()).startswith("batch(")
    assert own_of(config("layer")).startswith("layer(")


@pytest.mark.parametrize("overrides", [False, True])
def test_what_the_config_writes_takes_its_place(overrides: bool) -> None:
    for written, expected in (("none", "None"), (GROUP, "group(")):
        found = config(overrides={"normalization": written}) if overrides else config(normalization=written)
        assert own_of(found).startswith(expected)
        assert str(found.experiment.normalization).startswith(expected)


def test_the_resolved_config_says_the_same() -> None:
    for changes in (
        {},
        {"own": "layer"},
        {"own": "none"},
        {"normalization": "none"},
        {"normalization": GROUP},
    ):
        resolved = config(**changes).resolved()  # type: ignore[arg-type]
        assert load_mapping(resolved).resolved() == resolved


@pytest.mark.parametrize("own", ["layer", "none"])
def test_two_that_differ_are_refused(own: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config(own, normalization=GROUP)
    assert str(caught.value) == (
        f"architecture.normalization: received {own}, which cannot act next to the config's own "
        "normalization (group); "
        "expected one of the two; remove one of them"
    )
