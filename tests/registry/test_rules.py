"""The rules of registration, each by the text of its `TypeError`; look-up by name, alias and nearness."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dnnlab import registry
from dnnlab.registry import KINDS, Positive, PositiveInt, entries, find, nearest, part, register


def good(width: int, *, alpha: Positive = 1.0) -> None:
    """A part."""


def undocumented(width: int) -> None: ...


def untyped(width: int, *, alpha=1.0) -> None:  # type: ignore[no-untyped-def]
    """A part."""


def open_keys(width: int, **keys: Any) -> None:
    """A part."""


def open_values(width: int, *values: Any) -> None:
    """A part."""


def other_parameters(size: int) -> None:
    """A part."""


def named(width: int, *, name: str = "x") -> None:
    """A part."""


def positioned(channels: int, spatial_dims: int, *, position: str = "x") -> None:
    """A part."""


RULES: list[tuple[str, Callable[..., Any], dict[str, Any], str]] = [
    ("activatio", good, {}, "there is no kind 'activatio'; kinds: activation, "),
    (
        "activation",
        undocumented,
        {},
        "activation part 'undocumented' has no docstring; write what it computes, its keys and its shapes",
    ),
    (
        "activation",
        good,
        {"source": " "},
        "activation part 'good' names no source; pass source='...' (a paper, a text)",
    ),
    ("activation", untyped, {}, "untyped: the key alpha has no type; annotate it"),
    (
        "activation",
        open_keys,
        {},
        "open_keys: *keys hides which keys there are; write each as a keyword-only parameter",
    ),
    (
        "activation",
        open_values,
        {},
        "open_values: *values hides which keys there are; write each as a keyword-only parameter",
    ),
    (
        "activation",
        other_parameters,
        {},
        "takes the positional parameters ['size']; this kind is called with ['width']",
    ),
    (
        "normalization",
        good,
        {},
        "takes the positional parameters ['width']; this kind is called with ['channels', 'spatial_dims']",
    ),
    (
        "activation",
        good,
        {"widen": 2},
        (
            "activation part 'good' has the flags ['widen']; this kind knows ['dies', 'flat', "
            "'initializer', 'neutral', 'traits', 'widens']"
        ),
    ),
    (
        "activation",
        good,
        {"name": "relu"},
        "activation part 'relu' exists already (dnnlab); choose another name",
    ),
    (
        "activation",
        good,
        {"aliases": ("relu",)},
        "activation part 'relu' exists already (dnnlab); choose another name",
    ),
    ("activation", named, {}, "declares ['name'], which every activation has already; choose other names"),
    (
        "normalization",
        positioned,
        {},
        "declares ['position'], which every normalization has already; choose other names",
    ),
]


@pytest.mark.parametrize(
    ("kind", "function", "how", "text"),
    RULES,
    ids=[f"{r[0]}-{r[1].__name__}-{i}" for i, r in enumerate(RULES)],
)
def test_rules(scratch: str, kind: str, function: Callable[..., Any], how: dict[str, Any], text: str) -> None:
    with pytest.raises(TypeError) as caught:
        part(kind, **{"source": "tests", **how})(function)
    assert text in str(caught.value)
    assert kind not in KINDS or find(kind, function.__name__) is None


def test_an_effect_that_does_not_exist(scratch: str) -> None:
    def penalty(table: Any) -> None:
        """A part."""

    with pytest.raises(
        TypeError,
        match=(
            r"has effect='penalt'; expected one of \['average', 'batch', 'constraint', 'inside', "
            r"'penalty', 'stop'\]"
        ),
    ):
        part("regularizers", source="tests", effect="penalt")(penalty)
    with pytest.raises(TypeError, match="has effect=None"):
        part("regularizers", source="tests")(penalty)


def test_what_an_entry_says_of_itself(scratch: str) -> None:
    @part("activation", source="tests", name="zz_one", aliases=("zz_uno",), example={"alpha": 2.0})
    def one(width: int, *, alpha: Positive = 1.0, count: PositiveInt) -> None:
        """First line.

        More.
        """

    entry = find("activation", "zz_uno")
    assert entry is not None and entry is find("activation", "zz_one") and entry in entries("activation")
    assert (entry.summary, entry.first_key, entry.origin, entry.flags["widens"]) == (
        "First line.",
        "alpha",
        scratch,
        1,
    )
    assert [f.required for f in entry.fields.values()] == [False, True]
    assert nearest("activation", "zz_oni")[0] in ("zz_one", "zz_uno")
    register.forget(scratch)
    assert find("activation", "zz_one") is None and find("activation", "zz_uno") is None


def test_positional_parameters_before_a_slash_are_free_for_keys(scratch: str) -> None:
    @part("schedule", source="tests")
    def zz_cycle(rates: Any, total_steps: Any, steps_per_epoch: Any, /, *, base: Positive = 0.5) -> Any:
        """A schedule with a key that is called as its kind's first parameter."""
        return rates, base

    assert registry.build("schedule", {"name": "zz_cycle", "base": 2.0}, "lr", 1, 1) == ("lr", 2.0)
    with pytest.raises(TypeError, match=r"takes the positional parameters \['rates'\]"):

        @part("schedule", source="tests")
        def zz_short(rates: Any, /, *, base: Positive = 0.5) -> Any:
            """One of three."""


def test_common_keys_belong_to_module_parts_only(scratch: str) -> None:
    @part("normalization", source="tests")
    def zz_module(channels: int, spatial_dims: int) -> None:
        """A module."""

    @part("normalization", source="tests", form="weight")
    def zz_weight(layer: Any) -> None:
        """A wrapper of weights."""

    module, weight = find("normalization", "zz_module"), find("normalization", "zz_weight")
    assert module is not None and weight is not None
    assert list(module.fields) == ["position", "on_input"] and list(weight.fields) == []


def test_parts_are_registered_at_the_first_look_and_without_torch() -> None:
    code = "import sys, dnnlab\nprint('dnnlab.parts' in sys.modules)\n"
    code += "print(dnnlab.registry.find('activation', 'elu').name, 'torch' in sys.modules)"
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": str(root)}, capture_output=True, text=True
    )
    assert done.stdout.split() == ["False", "elu", "False"], done.stderr


def test_every_name_of_the_room_is_exported() -> None:
    assert [name for name in registry.__all__ if not hasattr(registry, name)] == []
