"""The screen of a sweep: header, rows, the moving line, plain lines; never wider than the terminal."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.memory_terminal import Terminal, screen_after, shown

from dnnlab.commands.sweep.events import Begun, Moment, StageBegun, TrialOver
from dnnlab.commands.train.events import Note
from dnnlab.render.screens.sweep import SweepScreen, header_lines, moment_words
from dnnlab.render.terminal.streams import Stream

BEGUN = Begun(
    Path("runs/20261122-041833-lr-7f3a1c"),
    "lr",
    "digits.yaml",
    {"optimizer.lr": "log_uniform: [1e-06, 10]", "activation": "[relu, elu]"},
    "random",
    (40, 20),
    3,
    2,
    "val_accuracy",
    "max",
)
OVER = TrialOver(
    17, 0, "done", "done", 0.97436, True, {"optimizer.lr": 0.0123456, "activation": "elu"}, 1.234, ""
)
MOMENT = Moment(100, 2, 31, 2, 1, (17, 0.97436), 98.4, 39.2)


def test_the_header() -> None:
    assert header_lines(
        replace(BEGUN, resumed={"planned": 60, "done": 7, "failed": 0, "pending": 53}, notes=("tpe ...",)), 80
    ) == [
        " base      digits.yaml",
        " search    optimizer.lr: log_uniform: [1e-06, 10]",
        "           activation: [relu, elu]",
        " trials    40 + 20 trials in 2 stages, random; 3 seeds each; 2 workers",
        " measure   val_accuracy, higher is better, at each run's best epoch",
        " note      tpe ...",
        " resumed   7 done, 53 pending of 60 planned",
        " sweep     runs/20261122-041833-lr-7f3a1c              Ctrl-C saves; then resume",
    ]


def test_the_moving_line_tells_all_in_eighty_columns() -> None:
    done, rest, (before, behind) = moment_words(replace(MOMENT, pruned=0, planned=50), 79, "━╸─")
    line = before + done + rest + behind
    assert line == " 32/50 ━━━━━━━──── 2 running, 31 done, 1 failed  best 0.9744  98/min  40 s left"


@pytest.mark.parametrize("width", [39, 60, 79])
@pytest.mark.parametrize(
    "moment",
    [
        MOMENT,
        replace(MOMENT, best=None, rate=None, left=None),
        Moment(100_000, 64, 98_765, 432, 801, (98_765, 1.5e-7), 12_345.0, 90_000.0),
    ],
)
def test_the_moving_line_fits(moment: Moment, width: int) -> None:
    done, rest, (before, behind) = moment_words(moment, width, "=>-")
    assert len(before + done + rest + behind) == width


def test_rows_on_a_terminal(terminal: Stream) -> None:
    screen = SweepScreen(terminal)
    screen(BEGUN)
    screen(MOMENT)
    screen(OVER)
    screen(replace(OVER, trial=18, best=False))  # too soon after the other, and nothing new
    screen(replace(OVER, trial=19, best=False, state="failed", status="out_of_memory", value=None))
    screen(Note("trial 3: its process died (SIGKILL); it goes on from its checkpoint", "warning"))
    screen(
        StageBegun(
            1,
            2,
            20,
            5,
            "the box of the best 10 of stage 1",
            {"optimizer.lr": ("log_uniform: [1, 10]", "log_uniform: [2, 3]")},
        )
    )
    lines = screen_after(shown(terminal))
    assert lines[-8:] == [
        "",
        " trial    val_accuracy      s",
        "    17          0.9744    1.2  best  lr 0.01235, activation elu",
        "    19   out of memory    1.2        lr 0.01235, activation elu",
        " warning   trial 3: its process died (SIGKILL); it goes on from its checkpoint",
        " stage 2/2 20 trials of 5 epochs: the box of the best 10 of stage 1",
        "           optimizer.lr: log_uniform: [1, 10] -> log_uniform: [2, 3]",
        "",
    ]
    assert all(len(line) <= 80 for line in lines)


def test_rows_in_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR")
    stream = Stream(Terminal())
    screen = SweepScreen(stream)
    states = {"done": 0.9, "pruned": 0.2, "stopped_early": 0.3, "failed": None, "diverged": None}
    for number, (status, value) in enumerate([("best", 0.99), *states.items()]):
        state = "failed" if value is None else "pruned" if status == "pruned" else "done"
        screen.next_row = 0.0
        screen(replace(OVER, trial=number, best=status == "best", state=state, status=status, value=value))
    colours = [colour_of(line) for line in shown(stream).splitlines() if "activation elu" in line]
    assert colours == ["32", "", "", "", "31", "31"]


def colour_of(line: str) -> str:
    found = re.match(r"\x1b\[(\d+)m", line)
    return found[1] if found else ""


def test_plain_lines_elsewhere(pipe: Stream) -> None:
    screen = SweepScreen(pipe)
    screen.monitor = "val_accuracy"
    screen(OVER)
    screen(MOMENT)
    screen(
        replace(
            OVER,
            trial=18,
            best=False,
            state="failed",
            status="diverged",
            value=None,
            reason="training diverged\nmore",
        )
    )
    assert shown(pipe).splitlines() == [
        "trial 17  done  val_accuracy 0.9744  1.2 s  optimizer.lr 0.01235, activation elu  best",
        "trial 18  diverged  1.2 s  optimizer.lr 0.01235, activation elu  training diverged",
    ]
