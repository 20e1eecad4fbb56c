"""From signatures to checks: strict scalars, alternatives with one error, nested parts, what is
plain again.
"""

from __future__ import annotations

from typing import Any, Literal

import pytest
from pydantic import ValidationError

from dnnlab import registry
from dnnlab.errors import ConfigError
from dnnlab.registry import (
    UNWRITTEN,
    Bound,
    Duration,
    Fraction,
    Momentum,
    NonNegative,
    Part,
    PartMap,
    Pattern,
    Positive,
    PositiveInt,
    Section,
    UnitInterval,
    address,
    part,
    plain,
    problems_of,
    yaml_default,
)
from dnnlab.registry.key_docs import key_texts


class Inner(Section):
    """Keys that may stay unwritten."""

    dropout: Fraction = UNWRITTEN
    normalization: Part["normalization"] | None = UNWRITTEN


class Keys(Section):
    """One key of each sort."""

    rate: Positive | None = None
    batch: PositiveInt | Literal["full"] = 32
    momentum: Momentum = 0.0
    word: Literal["fp32", "bf16"] = "fp32"
    betas: tuple[UnitInterval, UnitInterval] = (0.9, 0.99)
    blocks: list[list[PositiveInt]] | Literal["auto"] = "auto"
    flag: bool = True
    text: str = ""
    number: float = 0.0
    activation: Part["activation"] | None = None
    chain: list[Part["activation"]] | Literal["auto"] = "auto"
    penalties: PartMap["regularizers"] = yaml_default({})
    layers: dict[Pattern, Inner] = yaml_default({})


def texts(raw: dict[str, Any]) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        Keys.model_validate(raw)
    return [str(problem) for _, problem in problems_of(caught.value)]


ERRORS: list[tuple[dict[str, Any], str]] = [
    ({"rate": 0}, "rate: received 0; expected a number > 0 or none"),
    ({"rate": "1"}, 'rate: received "1"; expected a number or none'),
    ({"rate": True}, "rate: received true; expected a number or none"),
    ({"rate": float("nan")}, "rate: received .nan; expected a finite number or none"),
    ({"batch": "ful"}, 'batch: received "ful"; expected a whole number or full; did you mean full?'),
    ({"batch": 2.0}, "batch: received 2.0; expected a whole number or full"),
    ({"batch": None}, "batch: received none; expected a whole number or full"),
    ({"momentum": 1}, "momentum: received 1; expected a number < 1 or a "
    "mapping {from: 0.5, to: 0.99, over: 10 "
    "epochs} with numbers "
     "from 0 up to (not including) 1"),
    ({"word": "bf61"}, 'word: received "bf61"; expected fp32 or bf16; did you mean bf16?'),
    ({"word": 3}, "word: received 3; expected fp32 or bf16"),
    ({"betas": [0.9]}, "betas: the list ends after 1 items; expected more items"),
    ({"betas": [0.9, 0.9, 0.9]}, "betas: received [0.9, 0.9, 0.9]; expected at most 2 items"),
    ({"betas": [0.9, 1.5]}, "betas.1: received 1.5; expected a number <= 1"),
    ({"blocks": [[1], [0]]}, "blocks.1.0: received 0; expected a number >= 1"),
    ({"blocks": 3}, "blocks: received 3; expected a list or auto"),
    ({"flag": "yes"}, 'flag: received "yes"; expected true or false'),
    ({"flag": 1}, "flag: received 1; expected true or false"),
    ({"text": 3}, "text: received 3; expected a text"),
    ({"number": False}, "number: received false; expected a number"),
    ({"number": float("inf")}, "number: received .inf; expected a finite number"),
    ({"activation": {"name": "elu", "alpha": -1}}, "activation.alpha: received -1; expected a number > 0"),
    ({"activation": {"name": "elu", "beta": 1}}, "activation.beta: no such key"),
    ({"chain": ["elu", {"name": "elu", "alpha": 0}]}, "chain.1.alpha: received 0; expected a number > 0"),
    ({"penalties": {"l2": {"strength": -1}}}, "penalties.l2.strength: received -1; expected a number >= 0"),
    ({"penalties": 3}, (
        "penalties: received 3; expected a mapping of "
        "regularizers, such as {alpha_dropout: ...}"
    )),
    ({"layers": {"hidden[12]": {"dropout": 2}}}, (
        'layers."hidden[12]".dropout: received '
        '2; expected a number < 1'
    )),
    ({"layers": {"hidden1": {"dropout": "none"}}}, (
        'layers.hidden1.dropout: received '
        '"none"; expected a number'
    )),
    ({"unknown": 1}, "unknown: no such key"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "text"), ERRORS)
def test_errors(raw: dict[str, Any], text: str) -> None:
    assert texts(raw) == [text]


def test_parts_that_do_not_exist() -> None:
    (text,) = texts({"activation": "eluu"})
    assert text.startswith('activation: no activation is called "eluu"; known: elu, ') and text.endswith(
        "none; did you mean elu?"
    )
    (text,) = texts({"chain": ["eluu"]})
    assert text.startswith('chain.0: no activation is called "eluu"') and text.endswith("did you mean elu?")
    (text,) = texts({"penalties": {"l3": 1}})
    assert text.startswith("penalties.l3: received 1; expected a regularizer by name (")
    (text,) = texts({"activation": 3})
    assert text.startswith(
        "activation: received 3; expected an activation by name (celu, "
    ) and text.endswith("none)")


def test_what_is_accepted() -> None:
    read = Keys.model_validate(
        {"rate": "none", "batch": "full", "momentum": 0.5, "activation": "none", "betas": [0, 1], "number": 1}
    )
    assert (read.rate, read.batch, read.momentum, read.activation, read.betas, read.number) == (
        None,
        "full",
        0.5,
        None,
        (0.0, 1.0),
        1.0,
    )
    assert isinstance(read.number, float)
    assert Keys.model_validate({"penalties": {"l2": None, "l1": {"strength": 1}}}).penalties["l1"].keys == {
        "strength": 1.0
    }
    assert Keys.model_validate({"blocks": [[1, 2]]}).blocks == [[1, 2]]


def test_unwritten_is_not_none() -> None:
    unwritten, none = Inner.model_validate({}), Inner.model_validate({"normalization": "none"})
    assert unwritten.normalization is None and none.normalization is None
    assert unwritten.model_fields_set == set() and none.model_fields_set == {"normalization"}
    assert plain(unwritten) == {} and plain(none) == {"normalization": "none"}


def test_plain_gives_yaml_back() -> None:
    raw = {
        "activation": {"name": "elu", "alpha": 2.0},
        "penalties": {"l2": {"strength": 0.5}},
        "layers": {"hidden1": {"dropout": 0.5}},
    }
    result = plain(Keys.model_validate(raw))
    assert (
        {key: result[key] for key in raw} == raw
        and result["rate"] == "none"
        and result["betas"] == [0.9, 0.99]
    )
    assert plain(Duration.parse("5 epochs")) == "5 epochs"


def test_addresses_quote_what_the_grammar_uses() -> None:
    assert address(("a", 0, "b.c", "d[1]", "3", 'e"f', "g h", "")) == 'a.0."b.c"."d[1]"."3"."e""f"."g h".""'


def test_nested_parts_arrive_bound_and_may_be_registered_later(scratch: str) -> None:
    @part("activation", source="tests")
    def zz_outer(width: int, *, inner: Part["activation"] = "zz_late", scale: NonNegative = 1.0) -> Any:
        """Holds another."""
        return width, scale, inner(width)

    @part("activation", source="tests", aliases=("zz_slow",))
    def zz_late(width: int, *, alpha: Positive = 1.0) -> Any:
        """Is held."""
        return "late", width, alpha

    assert registry.build("activation", "zz_outer", 7) == (7, 1.0, ("late", 7, 1.0))
    assert registry.build("activation", {"name": "zz_outer", "inner": {"name": "zz_slow", "alpha": 2}}, 7)[
        2
    ] == ("late", 7, 2.0)
    bound = registry.bind("activation", {"name": "zz_outer", "scale": 0})
    assert (
        isinstance(bound, Bound)
        and str(bound) == "zz_outer(inner={'name': 'zz_late', 'alpha': 1.0}, scale=0.0)"
    )
    with pytest.raises(ConfigError) as caught:
        registry.bind("activation", {"name": "zz_outer", "inner": {"name": "zz_late", "alpha": 0}, "x": 1})
    assert [str(p) for p in caught.value.problems] == [
        "activation.inner.alpha: received 0; expected a number > 0", "activation.x: no such key"
    ]  # fmt: skip


def test_build_from_python_names_what_is_wrong() -> None:
    with pytest.raises(ConfigError) as caught:
        registry.build("activatio", "relu", 3)
    assert str(caught.value).startswith('there is no kind of parts called "activatio"; known: activation, ')
    assert str(caught.value).endswith("; did you mean activation?")
    with pytest.raises(ConfigError, match=r"activation\.alpha: received -1; expected a number > 0"):
        registry.build("activation", {"name": "elu", "alpha": -1}, 3)


def test_common_keys_stand_apart_from_the_parts_own() -> None:
    bound = registry.bind("normalization", {"name": "batch", "decay": 0.5, "on_input": True})
    assert bound.keys["decay"] == 0.5 and dict(bound.common) == {
        "position": "before_activation",
        "on_input": True,
    }
    assert bound.plain()["on_input"] is True


def test_a_key_whose_label_ends_its_line_keeps_its_text() -> None:
    found = key_texts(
        "Deep. rate: how fast, compared to\n1. seed:\nof the points.\n\nA table.", ["rate", "seed"]
    )
    assert found == {"rate": "how fast, compared to 1.", "seed": "of the points."}
