"""The whole screen of a training, from events."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from helpers.memory_terminal import Terminal, screen_after, shown

from dnnlab.commands.train.events import Note
from dnnlab.engine.records import Epoch, Step
from dnnlab.render.screens.run_facts import RunFacts
from dnnlab.render.screens.train import TrainScreen
from dnnlab.render.terminal.streams import Stream

Make = Callable[..., Epoch]


def train(stream: Stream, facts: RunFacts, make_epoch: Make, epochs: int = 3, **changes: Any) -> TrainScreen:
    """A training of a few steps an epoch whose second epoch is not better."""
    screen = TrainScreen(stream)
    screen.start(replace(facts, epochs=epochs, steps_per_epoch=4, **changes), 1, 0)
    for epoch in range(1, epochs + 1):
        for step in range(1, 5):
            rows = (
                {"update_ratios.jsonl": {"ratios": {"hidden1.weight": 1e-3 * epoch, "hidden2.weight": None}}}
                if step == 2 and epoch != 2
                else None
            )
            screen(Step(4 * epoch + step, epoch, step, rows))
        screen(make_epoch(epoch, final=epoch == epochs, is_best=epoch != 2, since_best=int(epoch == 2)))
    screen.clear()
    return screen


def test_a_terminal_shows_titles_and_rows_and_no_trace_of_the_bar(
    terminal: Stream, facts: RunFacts, make_epoch: Make
) -> None:
    train(terminal, facts, make_epoch)
    assert "━" in shown(terminal)
    assert "\x1b" not in shown(terminal)
    assert screen_after(shown(terminal)) == [
        "",
        " epoch   loss  val_loss  accuracy  val_acc.       lr  update  s/epoch",
        "     1 4.0462    2.1441    0.1597    0.2036    5e-05  1.0e-03     9.8  best",
        "     2 4.0462    2.1441    0.1597    0.2036    5e-05        -     9.8  1 worse",
        "     3 4.0462    2.1441    0.1597    0.2036    5e-05  3.0e-03     9.8  best",
        "",
    ]


def test_elsewhere_there_is_one_plain_line_an_epoch(pipe: Stream, facts: RunFacts, make_epoch: Make) -> None:
    train(pipe, facts, make_epoch)
    lines = shown(pipe).splitlines()
    assert [line[:12].strip() for line in lines] == ["epoch 1/3  l", "epoch 2/3  l", "epoch 3/3  l"]
    assert lines[1].endswith("update -  9.8 s  1 worse")
    assert "\r" not in shown(pipe)


def test_a_dumb_terminal_gets_the_table_without_a_bar(
    monkeypatch: pytest.MonkeyPatch, facts: RunFacts, make_epoch: Make
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    stream = Stream(Terminal())
    train(stream, facts, make_epoch)
    assert len(shown(stream).splitlines()) == 5
    assert not set(shown(stream)) & set("\r\x1b━─")


def test_colours_change_nothing_but_the_colours(
    monkeypatch: pytest.MonkeyPatch, terminal: Stream, facts: RunFacts, make_epoch: Make
) -> None:
    monkeypatch.setenv("NO_COLOR", "")
    coloured = Stream(Terminal())
    train(terminal, facts, make_epoch)
    train(coloured, facts, make_epoch)
    without = re.sub(r"\x1b\[[0-9;]*m", "", shown(coloured))
    assert "\x1b[32mbest\x1b[0m" in shown(coloured)
    assert screen_after(without) == screen_after(shown(terminal))


@pytest.mark.parametrize("columns", ["20", "39", "40", "64", "80"])
def test_no_line_is_wider_than_the_terminal(
    monkeypatch: pytest.MonkeyPatch, facts: RunFacts, make_epoch: Make, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    stream = Stream(Terminal())
    screen = train(stream, facts, make_epoch, averages=("ema",))
    screen.note("one two three four five six seven eight nine ten " * 3, "warning")
    assert max(len(line) for line in screen_after(shown(stream))) <= max(int(columns), 31)
    assert ("\r" in shown(stream)) == (int(columns) >= 40)


def test_a_long_training_of_quick_epochs_shows_some_rows(
    terminal: Stream, facts: RunFacts, make_epoch: Make
) -> None:
    screen = TrainScreen(terminal)
    screen.start(replace(facts, epochs=1000), 1, 0)
    for number in range(1, 1001):
        row = {"seconds": 0.01 * number, "epoch": number}
        screen(make_epoch(number, row=row, final=number == 1000))
    screen.clear()
    rows = [int(line.split()[0]) for line in screen_after(shown(terminal))[2:] if line]
    assert 40 <= len(rows) <= 60
    assert rows[-1] == 1000


def test_a_log_shows_every_epoch_of_it(pipe: Stream, facts: RunFacts, make_epoch: Make) -> None:
    screen = TrainScreen(pipe)
    screen.start(replace(facts, epochs=1000), 1, 0)
    for number in range(1, 1001):
        screen(make_epoch(number, row={"seconds": 0.01 * number}))
    assert len(shown(pipe).splitlines()) == 1000


def test_a_resumed_run_counts_the_seconds_of_this_process(
    pipe: Stream, facts: RunFacts, make_epoch: Make
) -> None:
    screen = TrainScreen(pipe)
    screen.start(replace(facts, seconds=98.0), 11, 3)
    screen(make_epoch(11, row={"seconds": 101.0}))
    assert "  3.0 s  best" in shown(pipe)


def test_notes_before_the_first_step_stand_above_the_table(
    terminal: Stream, facts: RunFacts, make_epoch: Make
) -> None:
    screen = TrainScreen(terminal)
    screen.start(facts, 3, 7)
    screen(Note("resumed at epoch 3, step 12"))
    screen(Step(13, 3, 8))
    screen(Note("threads was 2 and is now 1\x1b[2J", "warning"))
    screen(make_epoch(3))
    screen.clear()
    lines = screen_after(shown(terminal))
    assert lines[0] == " note      resumed at epoch 3, step 12"
    assert lines[2].startswith(" epoch   loss")
    assert lines[3] == " warning   threads was 2 and is now 1\\x1b[2J"
    assert lines[4].startswith("     3 4.0462")


def test_the_bar_of_a_resumed_epoch_begins_where_it_was(terminal: Stream, facts: RunFacts) -> None:
    screen = TrainScreen(terminal)
    screen.start(facts, 3, 7)
    screen(Step(8, 3, 8))
    line = screen_after(shown(terminal))[-1]
    assert line.startswith("   3/100 ")
    assert "  8/1407 " in line
