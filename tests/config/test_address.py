"""Addresses: what is read is what is printed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnnlab.config import override_of, parse_address, parse_override
from dnnlab.errors import ConfigError
from dnnlab.registry import address

CASES = {
    "optimizer.lr": ("optimizer", "lr"),
    "architecture.layers.0.units": ("architecture", "layers", 0, "units"),
    'per_layer."hidden[12]".dropout': ("per_layer", "hidden[12]", "dropout"),
    'per_layer."a""b"': ("per_layer", 'a"b'),
    'per_layer."3".l2': ("per_layer", "3", "l2"),
    'per_layer."hidden\\d+".l2': ("per_layer", "hidden\\d+", "l2"),
}


@pytest.mark.parametrize("text", CASES)
def test_addresses(text: str) -> None:
    assert parse_address(text) == CASES[text]
    assert address(CASES[text]) == text


@given(st.lists(st.one_of(st.text(max_size=8), st.integers(0, 10**8)), min_size=1, max_size=5))
def test_every_address_comes_back(steps: list[str | int]) -> None:
    assert parse_address(address(steps)) == tuple(steps)


@pytest.mark.parametrize("text", ["", ".", "a.", "a..b", ".a", "a[0]", 'a."b', "a b", "a=b"])
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ConfigError, match=r"expected an address, such as optimizer\.lr"):
        parse_address(text)


def test_overrides_from_text_and_from_python() -> None:
    read = parse_override('per_layer."a=b".l2+={x: [1e-3, no]}')
    assert (read.address, read.operation, read.value.plain()) == (
        ("per_layer", "a=b", "l2"),
        "append",
        {"x": [0.001, "no"]},
    )
    made = override_of("tags+", ("a", 1))
    assert (made.address, made.operation, made.value.plain(), made.text) == (
        ("tags",),
        "append",
        ["a", 1],
        "tags+=[a, 1]",
    )
    removed = override_of("schedule.warmup", None)
    assert removed.value.plain() == "none" and parse_override(removed.text).value.plain() == "none"


def test_a_value_may_hold_an_equals_sign() -> None:
    assert parse_override("note=a=b").value.plain() == "a=b"
