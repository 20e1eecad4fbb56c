"""Numbers and texts as the screen shows them."""

from __future__ import annotations

import doctest
import math

import pytest

from dnnlab.render.terminal import numbers, text


@pytest.mark.parametrize("module", [numbers, text])
def test_the_examples_in_the_docstrings_hold(module: object) -> None:
    result = doctest.testmod(module)  # type: ignore[arg-type]
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize("width", [6, 7, 8])
@pytest.mark.parametrize(
    "value",
    [
        0.0,
        1.0,
        -1.0,
        0.5,
        9.99999,
        99999.95,
        1e-3,
        9.99e-4,
        -2.5e-7,
        1e6,
        9_999_999.0,
        -1e7,
        1.4e308,
        -5e-324,
    ],
)
def test_fitted_never_takes_more_room_than_it_has(value: float, width: int) -> None:
    shown = numbers.fitted(value, width)
    assert len(shown) <= width
    assert math.isclose(float(shown), value, rel_tol=0.6, abs_tol=6e-4)


def test_fitted_shows_what_is_no_number() -> None:
    assert [numbers.fitted(x) for x in (None, math.nan, math.inf, -math.inf)] == ["-", "nan", "inf", "-inf"]


@pytest.mark.parametrize(
    ("function", "value", "expected"),
    [
        (numbers.rate, 5e-5, "5e-05"),
        (numbers.rate, 0.002, "0.002"),
        (numbers.rate, 0.00012345, "0.000123"),
        (numbers.rate, None, "-"),
        (numbers.ratio, 9.1e-4, "9.1e-04"),
        (numbers.ratio, 0.0, "0"),
        (numbers.ratio, None, "-"),
        (numbers.ratio, math.nan, "nan"),
        (numbers.gap, 0.0504, "0.05"),
        (numbers.gap, -0.01, "-0.01"),
        (numbers.gap, 0.0021, "2.1e-03"),
        (numbers.gap, 1234.5, "1.23e+03"),
        (numbers.seconds, 9.8, "9.8"),
        (numbers.seconds, 0.0081, "0.008"),
        (numbers.seconds, 1240.3, "1,240"),
        (numbers.speed, 4640.2, "4,640/s"),
        (numbers.speed, 3.21, "3.2/s"),
        (numbers.duration, 482.0, "8 min 02 s"),
        (numbers.duration, 9.96, "10 s"),
        (numbers.duration, 59.7, "1 min 00 s"),
        (numbers.duration, 3599.6, "1 h 00 min"),
        (numbers.duration, math.inf, "-"),
        (numbers.remaining, 3.2, "4 s"),
        (numbers.remaining, 840.0, "14 min"),
        (numbers.remaining, 7500.0, "2 h 05 min"),
    ],
)
def test_forms(function: object, value: float, expected: str) -> None:
    assert function(value) == expected  # type: ignore[operator]


def test_counted() -> None:
    assert [
        numbers.counted(1, "epoch"),
        numbers.counted(1407, "step"),
        numbers.counted(0, "class", "classes"),
    ] == [
        "1 epoch",
        "1,407 steps",
        "0 classes",
    ]


@pytest.mark.parametrize(
    "hostile",
    ["\x1b[2Jgone", "a\nb", "a\rb", "\x9b31m", "\u202eevil", "\udcff", "\x00", "\u2028", "tab\there"],
)
def test_clean_leaves_nothing_that_moves_the_cursor(hostile: str) -> None:
    shown = text.clean(hostile)
    assert shown.isprintable()
    assert "\\" in shown


def test_clean_leaves_markup_as_it_was_typed() -> None:
    assert text.clean("[red]Größe 数[/red]") == "[red]Größe 数[/red]"


def test_wrap_counts_wide_characters_twice() -> None:
    assert text.wrap("数 数 数 ab", 5) == ["数 数", "数 ab"]


def test_wrap_keeps_a_long_word_whole() -> None:
    assert text.wrap("see /a/very/long/path/to/a/file.yaml now", 10) == [
        "see",
        "/a/very/long/path/to/a/file.yaml",
        "now",
    ]


def test_labelled_puts_the_right_word_at_the_edge() -> None:
    assert text.labelled("run", "runs/x", indent=10, width=30, right="8 s") == [
        " run      runs/x           8 s"
    ]


def test_labelled_gives_the_right_word_a_line_of_its_own_where_there_is_no_room() -> None:
    assert text.labelled("run", "r" * 18, indent=10, width=30, right="8 s", whole=True) == [
        " run      " + "r" * 18,
        " " * 27 + "8 s",
    ]


def test_labelled_never_breaks_what_is_copied() -> None:
    path = "runs of mine/" + "x" * 80
    assert text.labelled("run", path, indent=10, width=30, whole=True) == [f" run      {path}"]
