"""Small values: what they read, what they give back, what they refuse and how."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnnlab.config.yaml_reader import read_yaml
from dnnlab.registry import Duration, Pattern, Ramp, Share, Value, Widths, inline

READ: list[tuple[type[Value], Any, Any]] = [
    (Duration, "5 epochs", "5 epochs"),
    (Duration, "1 epoch", "1 epochs"),
    (Duration, "1e3 steps", "1000 steps"),
    (Duration, "10%", "10 %"),
    (Duration, "0.5 epochs", "0.5 epochs"),
    (Ramp, {"from": 0.5, "to": 0.99, "over": "10 epochs"}, {"from": 0.5, "to": 0.99, "over": "10 epochs"}),
    (Widths, [300, 100], [300, 100]),
    (Widths, 30, [30]),
    (Widths, [], []),
    (Widths, {"depth": 3, "width": 4}, [4, 4, 4]),
    (Pattern, "hidden[12]", "hidden[12]"),
    (Share, 0.2, 0.2),
    (Share, 5000, 5000),
    (Share, 5000.0, 5000),
    (Share, {"first": 50}, {"first": 50}),
]


@pytest.mark.parametrize(("kind", "raw", "plain"), READ)
def test_values(kind: type[Value], raw: Any, plain: Any) -> None:
    value = kind.parse(raw)
    assert value.plain() == plain
    assert kind.parse(value.plain()) == value


REFUSED: list[tuple[type[Value], Any, str]] = [
    (
        Duration,
        5,
        (
            "a duration with its unit, such as `5 epochs`, `500 steps` or `10 %`; did you mean `5 "
            "epochs` or `5 steps`?"
        ),
    ),
    (Duration, True, "a duration with its unit, such as `5 epochs`, `500 steps` or `10 %`"),
    (Duration, "-5 epochs", "a duration with its unit"),
    (Duration, "5 weeks", "a duration with its unit"),
    (Duration, "1e999 steps", "a duration that is not endless"),
    (Ramp, {"from": 0.5, "to": 1.0, "over": "10 epochs"}, "with numbers from 0 up to (not including) 1"),
    (Ramp, {"from": 0.5, "to": 0.9, "over": 10}, "a duration with its unit"),
    (Ramp, 0.5, "a mapping {from: 0.5, to: 0.99, over: 10 epochs}"),
    (Widths, [0], "units of the hidden layers as whole numbers from 1"),
    (Widths, [True], "units of the hidden layers as whole numbers from 1"),
    (Widths, {"depth": 10**9, "width": 1}, "a depth of at most 10000 layers"),
    (Pattern, "hidden[", "a regular expression over layer names (unterminated character set at position 6)"),
    (Pattern, "a{99999999999999999999}", "a regular expression over layer names"),
    (Pattern, "", "a pattern of layer names"),
    (Share, 0, "a share between 0 and 1 (0.2), a count of rows (5000) or {first: 5000}"),
    (Share, 1.5, "a share between 0 and 1"),
    (Share, True, "a share between 0 and 1"),
    (Share, {"first": 0}, "a share between 0 and 1"),
    (Share, float("inf"), "a share between 0 and 1"),
]


@pytest.mark.parametrize(("kind", "raw", "text"), REFUSED)
def test_refusals(kind: type[Value], raw: Any, text: str) -> None:
    with pytest.raises(ValueError) as caught:
        kind.parse(raw)
    assert text in str(caught.value)


def test_durations_in_steps() -> None:
    assert [Duration.parse(t).steps(40, 400) for t in ("5 epochs", "7 steps", "10 %")] == [200, 7, 40]


def test_a_ramp_rises_and_stays() -> None:
    ramp = Ramp.parse({"from": 0.5, "to": 0.9, "over": "10 epochs"})
    assert [ramp.at(step, 100) for step in (0, 50, 100, 200)] == pytest.approx([0.5, 0.7, 0.9, 0.9])
    assert ramp.at(0, 0) == 0.9


@pytest.mark.parametrize(
    ("pattern", "matches", "misses"),
    [
        ("hidden1", ["hidden1"], ["hidden11", "xhidden1"]),
        ("hidden.*", ["hidden1", "hidden20"], ["output"]),
        (
            "hidden11..hidden20",
            ["hidden11", "hidden15", "hidden20"],
            ["hidden10", "hidden21", "hidden1", "output"],
        ),
        ("hidden1|output", ["hidden1", "output"], ["hidden2"]),
        ("[[a]b", ["[b", "ab"], ["b"]),
    ],
)
def test_patterns(pattern: str, matches: list[str], misses: list[str]) -> None:
    read = Pattern.parse(pattern)
    assert all(read.matches(name) for name in matches) and not any(read.matches(name) for name in misses)


INLINE = [
    ({"name": "sgd", "lr": 5e-5, "betas": [0.9, 1]}, "{name: sgd, lr: 5e-05, betas: [0.9, 1]}"),
    (None, "none"), (True, "true"), (float("inf"), ".inf"), ("5 epochs", "5 epochs"), ("a: b", '"a: b"'), ("true", '"true"'),
    ("3", '"3"'), ("1e-3", '"1e-3"'), ("", '""'), ("hidden[12]", '"hidden[12]"'), ("~", '"~"'), ("configs/x.yaml", "configs/x.yaml"),
    ("cuda:1", '"cuda:1"'), ("é", '"é"'), (".5", '".5"'),
]  # fmt: skip


@pytest.mark.parametrize(("value", "text"), INLINE)
def test_one_line_of_yaml(value: Any, text: str) -> None:
    assert inline(value) == text


SCALARS = st.one_of(st.booleans(), st.integers(-(10**9), 10**9), st.floats(allow_nan=False), st.text())


@given(
    st.recursive(
        SCALARS,
        lambda x: st.lists(x, max_size=3) | st.dictionaries(st.text(max_size=5), x, max_size=3),
        max_leaves=5,
    )
)
def test_one_line_of_yaml_reads_as_it_was(value: Any) -> None:
    tree, problems = read_yaml(f"a: {inline(value)}", "f")
    assert tree is not None and not problems
    assert tree.plain()["a"] == value
