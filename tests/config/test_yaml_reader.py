"""YAML texts that are refused, by their error; scalars of YAML 1.2."""

from __future__ import annotations

import math

import pytest

from dnnlab.config import load_mapping
from dnnlab.config.yaml_reader import read_yaml
from dnnlab.errors import ConfigError

REFUSED = {
    "a: 1\nb: {c: 2, c: 3}": (
        "f:2:11 b.c: the key is written twice (first in line 2); expected one value for a key; remove one"
    ),
    "a: 1\n---\nb: 2": (
        "f:2:1: a second document starts here; expected one document in a file; put it into a file of its own"
    ),
    "<<: {a: 1}": (
        "f:1:1: received a merge key `<<`; YAML 1.2 has no merge keys; write the keys out, or share "
        "them with `base:`"
    ),
    "a: !foo 3": "f:1:4 a: the tag !foo is unknown here; expected plain values; remove the tag",
    "a: !!python/object:os.system {}": (
        "f:1:4 a: the tag !!python/object:os.system is unknown here; expected plain values; remove the tag"
    ),
    "a: !!int '3'": "f:1:4 a: the tag !!int is unknown here; expected plain values; remove the tag",
    "a: &x [*x]": "f:1:4 a.0: an alias inside its own anchor (aliases "
    "count as often as they are used); expected "
    "a config; "
    "write the values out, or share them with `base:`",
    'a: ["\\uD83D"]': 'f:1:5 a.0: received "\ud83d", which holds half a character; expected whole characters; '
    "write the character itself in place of its escape",
    '"\\uDE00": 1': 'f:1:1: received "\ude00", which holds half a character; expected whole characters; '
    "write the character itself in place of its escape",
    "a: *y": "f:1:4: an alias without its anchor; expected YAML; write the value out",
    "a:\n\tb: 1": "f:2:1: received a tab; expected spaces (YAML knows no tabs); replace the tab by spaces",
    "a: {b: 1": (
        "f:1:4: a bracket that is not closed, or a comma that is missing; expected YAML; close the bracket"
    ),
    "a: 'x": "f:1:4: a quote that is not closed; expected YAML; close the quote",
    "a: b: c": "f:1:5: a `:` inside a value, or a line indented too far; expected YAML; put texts with `: ` "
    "in quotes; "
    "align keys of one mapping",
    "a: 1\nb\nc: 2": (
        "f:2:1: a line without `key: value`; expected YAML; write `key: value`, with a space after the colon"
    ),
    "a: @x": "f:1:4: a sign with which no value starts; expected YAML; put the text in quotes",
    "a: \x00": "f:1:4: received a control character (U+0000); expected a text file; remove it",
    "? [1]\n: 2": "f:1:3: a key that is not a word; expected `key: value`; write a word as key",
    "a: 1\n~: 2": "f:2:1: a key that is not a word; expected `key: value`; write a word as key",
    "[" * 1500: "f: values are nested too deeply; expected a config of a few levels",
}


@pytest.mark.parametrize("text", REFUSED)
def test_refused_texts(text: str) -> None:
    assert [str(p) for p in read_yaml(text, "f")[1]] == [REFUSED[text]]


def test_an_alias_bomb_is_refused_before_it_unfolds() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 30)]
    tree, problems = read_yaml("\n".join(lines), "f")
    assert tree is None
    assert "more than 10,000 values (aliases count as often as they are used)" in str(problems[0])


def test_a_small_alias_is_read() -> None:
    tree, problems = read_yaml("a: &x {b: 1}\nc: *x", "f")
    assert tree is not None and not problems
    assert tree.plain() == {"a": {"b": 1}, "c": {"b": 1}}


def test_several_faults_are_said_at_once() -> None:
    assert [p.code for p in read_yaml("a: 1\na: 2\n<<: {}\nb: !x 1", "f")[1]] == [
        "yaml_duplicate",
        "yaml_merge",
        "yaml_tag",
    ]


SCALARS = {
    "1e-3": 0.001, "1E5": 1e5, "12e03": 12000.0, ".5": 0.5, "+.5": 0.5, "1.": 1.0, "010": 10, "-3": -3, "0x1F": 31, "0o17": 15,
    "no": "no", "off": "off", "on": "on", "yes": "yes", "y": "y", "true": True, "False": False, "~": None, "null": None, "": None,
    "1:30": "1:30", "2024-01-01": "2024-01-01", "1_000": "1_000", "0b1": "0b1", "'3'": "3", '"true"': "true", "!!str 3": "3",
    "none": "none",
    ".inf": math.inf, "-.INF": -math.inf, "=": "=", "1e": "1e", "e5": "e5", ".": ".",
}  # fmt: skip


@pytest.mark.parametrize("text", SCALARS)
def test_scalars_of_yaml_1_2(text: str) -> None:
    tree, problems = read_yaml(f"a: {text}", "f")
    assert tree is not None and not problems
    value = tree.plain()["a"]
    assert (type(value), value) == (type(SCALARS[text]), SCALARS[text])


def test_not_a_number_and_words_as_keys() -> None:
    tree, _ = read_yaml("on: .nan\nno: 1\n3: x", "f")
    assert tree is not None
    plain = tree.plain()
    assert list(plain) == ["on", "no", "3"] and math.isnan(plain["on"])


@pytest.mark.parametrize("number", ["9" * 5000, "9223372036854775808", "0x" + "f" * 16])
def test_a_number_of_too_many_digits(number: str) -> None:
    tree, problems = read_yaml(f"a: {number}\nb: 9223372036854775807", "f")
    assert tree is not None and tree.plain()["b"] == 2**63 - 1
    assert [str(p).endswith("expected a number with fewer digits") for p in problems] == [True]


def test_places_are_those_of_the_keys() -> None:
    tree, _ = read_yaml("a: 1\nb:\n  c: [x, {d: 2}]\n", "f")
    assert tree is not None
    along = {
        steps: list(tree.along(steps))[-1].place
        for steps in (("a",), ("b", "c"), ("b", "c", 0), ("b", "c", 1, "d"))
    }
    assert {s: (p.line, p.column) for s, p in along.items()} == {
        ("a",): (1, 1), ("b", "c"): (3, 3), ("b", "c", 0): (3, 7), ("b", "c", 1, "d"): (3, 11)
    }  # fmt: skip


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    tree, problems = read_yaml("\ufeffa: 1", "f")
    assert tree is not None and not problems and tree.plain() == {"a": 1}


def test_both_halves_of_a_character_are_joined_as_json_writes_them() -> None:
    node, problems = read_yaml('{"\\ud83d\\ude00": "x\\uD83D\\uDE00\\u00e9"}', "f")
    assert not problems and node is not None and node.plain() == {"\U0001f600": "x\U0001f600é"}


def test_half_a_character_from_python() -> None:
    with pytest.raises(
        ConfigError, match=r"^note: received .*, which holds half a character; expected whole"
    ):
        load_mapping({"data": "moons", "note": "x\ud800"})
