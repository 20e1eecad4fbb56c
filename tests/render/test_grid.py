"""Tables in columns: what fits, what is left out, and texts that cannot break them."""

from __future__ import annotations

import csv
import io

import pytest

from dnnlab.render.terminal.columns import WIDEST, Column, fitting, grid_lines, shown, titles_of, total
from dnnlab.render.terminal.formats import csv_lines, escaped, markdown_lines


def test_columns_stand_below_each_other() -> None:
    table = [
        Column("#", ("1", "10"), right=True),
        Column("name", ("a", "long name")),
        Column("loss", ("0.1", "12"), right=True),
    ]
    assert grid_lines(table) == ["  #  name       loss", "  1  a           0.1", " 10  long name    12"]


def test_the_highest_spare_goes_first_and_zero_stays() -> None:
    table = [
        Column("a", ("1" * 10,)),
        Column("b", ("2" * 10,), spare=1),
        Column("c", ("3" * 10,), spare=5),
        Column("d", ("4" * 10,), spare=3),
    ]
    kept, left = fitting(table, 36)
    assert [column.title for column in kept] == ["a", "b", "d"]
    assert [column.title for column in left] == ["c"]
    assert total(kept) == len(grid_lines(kept)[1]) == 35
    assert [column.title for column in fitting(table, 3)[0]] == ["a"]


@pytest.mark.parametrize(
    "text",
    ["\x1b[31mred", "two\nlines", "[bold]x[/bold]", "a\tb", "\u202eright", "x" * 300, "名" * 100, "\ud800"],
)
def test_a_hostile_cell_is_one_line_of_text(text: str) -> None:
    lines = grid_lines([Column(text, (text,)), Column("n", ("1",))])
    assert len(lines) == 2
    assert all(line.isprintable() and total([Column(text, (text,))]) <= WIDEST + 1 for line in lines)
    assert lines[1].rstrip().endswith("1")


def test_long_texts_are_cut_with_an_ellipsis() -> None:
    assert shown("abcdef", 4) == "abc…"
    assert shown("abcd", 4) == "abcd"


def test_titles_are_short_and_unlike_each_other() -> None:
    assert titles_of(
        ["optimizer.lr", "training.batch_size", "regularizers.dropout.rate", "architecture.hidden"]
    ) == {
        "optimizer.lr": "optimizer.lr",
        "training.batch_size": "batch_size",
        "regularizers.dropout.rate": "dropout.rate",
        "architecture.hidden": "hidden",
    }
    clash = titles_of(
        ["optimizer.warmup.something.decay_rate", "normalization.something.decay_rate", "decay_rate"]
    )
    assert len(set(clash.values())) == 3
    assert titles_of(['per_layer."a.b".dropout']) == {'per_layer."a.b".dropout': 'per_layer."a.b".dropout'}


def test_csv_reads_back_as_it_was() -> None:
    rows = [
        {"run": 'a "b", c\nd', "x": 0.1, "n": None},
        {"run": "=1+1", "x": 1e-17, "flag": True, "list": [1, 2]},
    ]
    back = list(csv.DictReader(io.StringIO("\n".join(csv_lines(rows)))))
    assert [row["run"] for row in back] == ['a "b", c\nd', "=1+1"]
    assert [float(row["x"]) for row in back] == [0.1, 1e-17]
    assert (back[0]["n"], back[1]["flag"], back[1]["list"]) == ("", "true", "[1, 2]")
    assert csv_lines([]) == []


def test_markdown_shows_texts_as_texts() -> None:
    lines = markdown_lines([Column("a|b", ("<script>", "*x*")), Column("n", ("1", "2"), right=True)])
    assert lines == ["| a\\|b | n |", "| :- | -: |", "| &lt;script> | 1 |", "| \\*x\\* | 2 |"]
    assert escaped("a\nb") == "a\\\\nb"
