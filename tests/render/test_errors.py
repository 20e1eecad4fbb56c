"""Problems on the screen."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from helpers.memory_terminal import Terminal

from dnnlab.errors import ConfigError, DivergedError, Problem
from dnnlab.render.terminal.errors import failure_lines
from dnnlab.render.terminal.result_writer import ResultWriter
from dnnlab.render.terminal.streams import Streams

TEXT = 'column "ocean_proximity" holds text (NEAR BAY and 4 more)'
PROBLEMS = (
    Problem(
        TEXT, "numbers were expected", "add  categorical: [ocean_proximity]", "data", "housing.yaml", 1, 7
    ),
    Problem(
        "no such key",
        fix="dnnlab says `lr: 0.001`",
        path="optimizer.learning_rate",
        file="housing.yaml",
        line=4,
        column=13,
    ),
)


def answers(terminal: bool = False, **options: bool) -> tuple[ResultWriter, io.StringIO, io.StringIO]:
    out, err = io.StringIO(), Terminal() if terminal else io.StringIO()
    return ResultWriter(Streams(out, err), **options), out, err


def test_they_are_wrapped_with_an_indent_like_the_screen_in_the_design() -> None:
    assert failure_lines(ConfigError(*PROBLEMS), 80) == [
        ' housing.yaml:1:7 data: column "ocean_proximity" holds text (NEAR BAY and 4',
        "   more); numbers were expected; add  categorical: [ocean_proximity]",
        " housing.yaml:4:13 optimizer.learning_rate: no such key; dnnlab says `lr: 0.001`",
        " 2 problems, nothing was created                                          exit 2",
    ]


@pytest.mark.parametrize("width", [20, 40, 79, 80])
def test_no_line_is_wider_than_the_terminal_but_for_long_words(width: int) -> None:
    words = max(len(w) for p in PROBLEMS for w in str(p).split())
    assert max(map(len, failure_lines(ConfigError(*PROBLEMS), width)[:-1])) <= max(width, words + 3)


def test_a_program_reads_each_problem_on_one_line() -> None:
    said, out, err = answers()
    said.refused(ConfigError(*PROBLEMS))
    assert len(err.getvalue().splitlines()) == 3
    assert out.getvalue() == ""


def test_a_terminal_gets_wrapped_lines() -> None:
    said, _, err = answers(terminal=True)
    said.refused(ConfigError(*PROBLEMS))
    assert len(err.getvalue().splitlines()) == 4


def test_hostile_text_is_shown_as_text() -> None:
    said, _, err = answers(terminal=True)
    said.refused(ConfigError(Problem("received \x1b[2J[red]x\n\r\u202e", path="name\x07")))
    lines = err.getvalue().splitlines()
    assert lines[0] == " name\\x07: received \\x1b[2J[red]x\\n\\r\\u202e"
    assert len(lines) == 2


def test_json_holds_every_answer() -> None:
    said, out, err = answers(as_json=True)
    said.refused(ConfigError(*PROBLEMS))
    error = json.loads(out.getvalue())["error"]
    assert error["code"] == "config"
    assert error["problems"][1] == {
        "received": "no such key",
        "expected": "",
        "fix": "dnnlab says `lr: 0.001`",
        "path": "optimizer.learning_rate",
        "file": "housing.yaml",
        "line": 4,
        "column": 13,
        "code": "invalid",
    }
    assert "2 problems" in err.getvalue()


def test_a_run_that_failed_says_where_it_is() -> None:
    said, out, err = answers(as_json=True)
    run = Path("runs/20261122-041833-ex8-7f3a1c")
    said.failed(
        DivergedError(Problem("the loss is not finite at step 12")),
        run,
        ["dnnlab train 7f3a1c optimizer.lr=5e-06"],
    )
    assert err.getvalue().splitlines() == [
        " the loss is not finite at step 12",
        " next     dnnlab train 7f3a1c optimizer.lr=5e-06",
        " run      runs/20261122-041833-ex8-7f3a1c                                 exit 3",
    ]
    assert json.loads(out.getvalue())["run"] == str(run)


def test_quiet_prints_paths_and_json_no_nan() -> None:
    said, out, _ = answers(quiet=True)
    said.result({}, ["a table"], ["runs/x"])
    said.say(["beside"])
    assert out.getvalue() == "runs/x\n"
    said, out, _ = answers(quiet=True, as_json=True)
    said.result({"best": {"metrics": {"val_loss": float("nan")}}}, [], [])
    assert json.loads(out.getvalue(), parse_constant=pytest.fail) == {"best": {"metrics": {"val_loss": None}}}
